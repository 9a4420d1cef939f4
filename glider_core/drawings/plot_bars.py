"""Charts of bars: numbers side by side with what they are compared with, and how many values lie where."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor

from markupsafe import Markup

from glider_core.drawings.axes import TYPE, Scale, across, chart, room_for_labels, scale, upright, width_of
from glider_core.drawings.chart_parts import (
    BOTTOM,
    HEIGHT,
    RIGHT,
    TOP,
    WIDTH,
    check,
    colour_of,
    key,
    mark_of,
    number,
)
from glider_core.drawings.svg import halo, join, short, tag, text
from glider_core.errors import InvalidInput

_NAMES = 0.4  # share of the width that names at the side may take
_ROW, _GAP = 22.0, 10.0  # height of a bar with its gap, and the gap between groups
_LINE = TYPE + 2.0  # of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A series of a bar chart: a bar for each name of the chart."""

    name: str
    values: Sequence[float | None]  # None: there is none, which the chart says
    errors: Sequence[float | None] | None = None  # half the length of each error bar
    missing: str = "not measured"  # what stands in the place of a value that is None
    marks: Sequence[float | None] | None = None  # a number to compare with, such as the paper's; drawn as a diamond


def bar_chart(
    names: Sequence[str],
    series: Sequence[Bars],
    *,
    title: str,
    value: str,
    percent: bool = False,
    mark: str = "the paper",
    limits: tuple[float, float] | None = None,
    width: float = WIDTH,
) -> Markup:
    """Level bars in groups, one group for each name, with their numbers at their ends.

    Bars begin at zero, unless limits say otherwise.

    Args:
        names: of the groups, from above; long ones take two lines, of which the second is cut.
        series: at most seven; the values of each are parallel to `names`.
        title: what the chart shows, for those who do not see it.
        value: title of the axis.
        percent: whether values are shares, told as percentages.
        mark: what the marks of the series are.
        limits: of the axis; without zero in them bars say less than they seem to, so give a reason beside the chart.
        width: of the drawing; its height follows from the bars.

    Raises:
        InvalidInput: nothing to draw, too many series, or unequal lengths.
    """
    check(series, [(len(names), *map(len, _columns(bars))) for bars in series])
    held = [one for bars in series for one in _ends(bars)]
    lines = [_lines(name, int(width * _NAMES / width_of("n"))) for name in names]
    left = max(width_of(line) for two in lines for line in two) + 12
    has_marks = any(one is not None for bars in series for one in bars.marks or ())
    entries = [(bars.name, mark_of(1, 6, -5, colour_of(n), 6.0)) for n, bars in enumerate(series)]
    entries = entries if len(series) > 1 else []
    entries += [(mark, mark_of(3, 6, -5, "currentColor", 5.0))] if has_marks else []
    head, heads = key(entries, width)
    top = heads + 4
    heights = [max(_ROW * len(series), _LINE * len(two) + 4) + _GAP for two in lines]
    tops = [top + sum(heights[:group]) for group in range(len(names))]
    bottom = top + sum(heights)
    labels = [_label(bars, group, percent) for bars in series for group in range(len(names))]
    right = width - max(map(width_of, labels)) - 16
    wide = scale(held or [0.0, 1.0], left, right, percent=percent, zero=True, limits=limits)
    parts = [head, across(wide, bottom, top, value, lines=True)]
    zero = wide.at(min(max(0.0, wide.low), wide.high))
    for group, name in enumerate(names):
        middle = tops[group] + heights[group] / 2
        first = middle + 5 - (len(lines[group]) - 1) * _LINE / 2
        told = [text(line, left - 8, first + n * _LINE, TYPE, anchor="end") for n, line in enumerate(lines[group])]
        parts.append(tag("g", tag("title", name), *told))
        y = middle - _ROW * len(series) / 2
        parts += [_bar(bars, group, name, n, wide, zero, y + n * _ROW, mark) for n, bars in enumerate(series)]
    parts.append(tag("path", d=f"M{zero:.1f} {top:.1f}V{bottom:.1f}", stroke="currentColor", stroke_opacity=0.5))
    told = [
        f"{name}, {bars.name}: {_told(bars, group, percent, mark)}"
        for group, name in enumerate(names)
        for bars in series
    ]
    return chart(join(parts), width, bottom + BOTTOM, title, f"{value}. " + "; ".join(told) + ".")


def _lines(name: str, letters: int) -> list[str]:
    """A name in at most two lines of so many letters; what does not fit is cut."""
    first, *others = textwrap.wrap(name, letters) or [""]
    return [first, short(" ".join(others), letters)] if others else [first]


def _label(bars: Bars, group: int, percent: bool) -> str:
    """The number at a bar's end."""
    one = bars.values[group]
    return bars.missing if one is None else number(one, percent)


def _columns(bars: Bars) -> list[Sequence[float | None]]:
    return [column for column in (bars.values, bars.errors, bars.marks) if column is not None]


def _ends(bars: Bars) -> list[float]:
    """Where bars, error bars and marks of a series end."""
    ends = [one for one in (*bars.values, *(bars.marks or ())) if one is not None]
    for one, error in zip(bars.values, bars.errors or (), strict=False):
        ends += [one - error, one + error] if one is not None and error is not None else []
    return ends


def _told(bars: Bars, group: int, percent: bool, mark: str) -> str:
    one, parts = bars.values[group], [_label(bars, group, percent)]
    if one is not None and bars.errors is not None and (error := bars.errors[group]) is not None:
        parts.append(f"± {number(error, percent)}")
    if bars.marks is not None and (beside := bars.marks[group]) is not None:
        parts.append(f"({mark}: {number(beside, percent)})")
    return " ".join(parts)


def _bar(bars: Bars, group: int, name: str, place: int, x: Scale, zero: float, y: float, mark: str) -> Markup:
    one, colour, middle = bars.values[group], colour_of(place), y + _ROW / 2
    parts = [tag("title", f"{name}, {bars.name}: {_told(bars, group, x.percent, mark)}")]
    furthest = zero
    if one is not None:
        end = x.at(one)
        furthest = max(zero, end)
        parts.append(tag("rect", x=min(zero, end), y=y + 3, width=abs(end - zero), height=_ROW - 6, rx=2, fill=colour))
        error = bars.errors[group] if bars.errors is not None else None
        if error is not None:
            low, high = x.at(one - error), x.at(one + error)
            whisker = f"M{low:.1f} {middle:.1f}H{high:.1f}M{low:.1f} {middle - 4:.1f}v8M{high:.1f} {middle - 4:.1f}v8"
            parts.append(tag("path", d=whisker, stroke="currentColor", stroke_width=1.5))
            furthest = max(furthest, high)
    beside = bars.marks[group] if bars.marks is not None else None
    if beside is not None:
        at = x.at(beside)
        parts.append(tag("g", mark_of(3, at, middle, "currentColor", 5.0), style=f"{halo(3)}"))
        furthest = max(furthest, at + 6) if at > furthest - 12 else furthest
    parts.append(text(_label(bars, group, x.percent), furthest + 7, middle + 5, TYPE, anchor="start", style=halo()))
    return tag("g", *parts)


def histogram(
    values: Sequence[float],
    *,
    title: str,
    x: str,
    y: str = "how many",
    bins: int = 20,
    limits: tuple[float, float] | None = None,
    percent: bool = False,
    marks: Mapping[str, float] | None = None,
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Markup:
    """How many values lie in each of equal steps.

    Args:
        values: at least one.
        title: what the chart shows, for those who do not see it.
        x, y: titles of the axes.
        bins: how many steps.
        limits: of x, which must hold all values; those that fit them by default.
        percent: whether values are shares, told as percentages.
        marks: numbers to compare with, by name, as upright lines.
        width, height: of the drawing.

    Raises:
        InvalidInput: no values, fewer than one step, or a value outside the limits.
    """
    marks = marks or {}
    wide = scale([*values, *marks.values()], 0.0, 1.0, percent=percent, limits=limits)
    if bins < 1 or not all(wide.low <= value <= wide.high for value in values):
        raise InvalidInput(f"Got {bins} steps and limits {wide.low:g} to {wide.high:g}; values must lie between them.")
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, floor((value - wide.low) / (wide.high - wide.low) * bins))] += 1
    tall = scale(counts, height - BOTTOM, TOP + (20 if marks else 0), zero=True)
    left = room_for_labels(tall)
    wide = Scale(wide.low, wide.high, left + 4, width - RIGHT - 16, percent=percent)
    step = (wide.high - wide.low) / bins
    parts = [upright(tall, left, wide.end, y), across(wide, tall.start, tall.end, x)]
    for n, count in enumerate(counts):
        low, high = wide.low + n * step, wide.low + (n + 1) * step
        start, end = wide.at(low), wide.at(high)
        told = tag("title", f"{count} from {number(low, percent)} to {number(high, percent)}")
        bar = tag(
            "rect",
            x=start + 0.5,
            y=tall.at(count),
            width=end - start - 1,
            height=tall.start - tall.at(count),
            fill=colour_of(0),
        )
        parts.append(tag("g", told, bar))
    for name, value in marks.items():
        at = wide.at(value)
        anchor = "start" if at < (wide.start + wide.end) / 2 else "end"
        line = tag(
            "path", d=f"M{at:.1f} {tall.start:.1f}V{tall.end - 14:.1f}", stroke="currentColor", stroke_dasharray="4 3"
        )
        label = f"{name} {number(value, percent)}"
        nudge = 5 if anchor == "start" else -5
        parts.append(line + text(label, at + nudge, tall.end - 5, TYPE, anchor=anchor, style=halo()))
    most = max(range(bins), key=counts.__getitem__)
    told = f"{len(values)} values from {number(min(values), percent)} to {number(max(values), percent)}, most of them "
    told += f"({counts[most]}) near {number(wide.low + (most + 0.5) * step, percent)}"
    told += "".join(f"; {name}: {number(value, percent)}" for name, value in marks.items())
    return chart(join(parts), width, height, title, f"{x}: {told}.")
