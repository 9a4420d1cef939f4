"""Charts of measured numbers as SVG that needs no page: lines, bars, counts of values, and points.

All of them name what they show where it stands, not in a far legend; series differ by shape as well as by colour; and
each says in words, for those who do not see it, what it shows. They stand inline in a page of either ground, and
`alone` makes a file of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from glider_core.drawings.axes import (
    TYPE,
    Scale,
    across,
    alone,
    apart,
    chart,
    room_for_labels,
    scale,
    upright,
    width_of,
)
from glider_core.drawings.chart_parts import (
    BOTTOM,
    HEIGHT,
    MOST,
    RIGHT,
    TOP,
    WIDTH,
    check,
    colour_of,
    key,
    mark_of,
    number,
)
from glider_core.drawings.plot_bars import Bars, bar_chart, histogram
from glider_core.drawings.svg import halo, join, tag, text

__all__ = ["Bars", "Line", "Points", "alone", "bar_chart", "histogram", "line_chart", "scatter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A series of a line chart."""

    name: str
    x: Sequence[float]  # rising
    y: Sequence[float]  # parallel to x
    error: Sequence[float] | None = None  # half the height of each error bar, or of the band
    quiet: bool = False  # grey and thin: what others are compared with


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A series of a scatter chart."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    texts: Sequence[str] = ()  # beside each point, where there is room; "" for none; told of every point on hovering


def line_chart(
    lines: Sequence[Line],
    *,
    title: str,
    x: str,
    y: str,
    log_x: bool = False,
    log_y: bool = False,
    percent: bool = False,
    zero: bool = False,
    limits: tuple[float, float] | None = None,
    band: bool = False,
    levels: Mapping[str, float] | None = None,
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Markup:
    """Lines with a mark at every value, their names at their ends.

    Args:
        lines: at most seven.
        title: what the chart shows, for those who do not see it; a page writes its own above.
        x, y: titles of the axes.
        log_x, log_y: whether equal distances are equal ratios.
        percent: whether y is a share, told as a percentage.
        zero: whether y must begin at zero.
        limits: of y, instead of those that fit.
        band: draw errors as a band instead of bars.
        levels: numbers of y to compare with, by name ("the paper"), as broken level lines.
        width, height: of the drawing.

    Raises:
        InvalidInput: nothing to draw, too many series, unequal lengths, or values that the axes cannot hold.
    """
    check(lines, [(len(line.x), len(line.y), *([len(line.error)] if line.error is not None else [])) for line in lines])
    levels = levels or {}
    widest = max(map(width_of, (*(line.name for line in lines), *levels)))
    beside = widest <= width * MOST  # else the names stand above
    entries = [(line.name, mark_of(n, 6, -5, colour_of(n, line.quiet), 5.0)) for n, line in enumerate(lines)]
    dots = tag("path", d="M-1 -5H14", stroke="currentColor", stroke_dasharray="2 4")
    head, heads = key([] if beside else [*entries, *((name, dots) for name in levels)], width)
    height, top = height + heads, TOP + heads
    spread = [value + side * error for line in lines for value, error in _errors(line) for side in (-1, 1)]
    held = [*spread, *levels.values()]
    tall = scale(held, height - BOTTOM, top, log=log_y, percent=percent, zero=zero, limits=limits)
    left = room_for_labels(tall)
    last = f"{max(value for line in lines for value in line.x):,.0f}"  # half of it stands beyond its tick
    right = width - (26 + widest if beside else max(RIGHT + 12, width_of(last) / 2 + 4))
    wide = scale([value for line in lines for value in line.x], left + 8, right, log=log_x)
    parts = [head, upright(tall, left, right + 6, y), across(wide, height - BOTTOM, top, x)]
    for name, level in levels.items():
        at = tall.at(level)
        dashes = tag("path", d=f"M{left:.1f} {at:.1f}H{right + 6:.1f}", stroke="currentColor", stroke_dasharray="2 4")
        parts.append(tag("g", tag("title", f"{name}: {number(level, percent)}"), dashes, stroke_opacity=0.8))
    parts += [_line(line, n, wide, tall, band=band) for n, line in reversed(list(enumerate(lines)))]
    if beside:
        ends = [(wide.at(line.x[-1]), tall.at(line.y[-1])) for line in lines]
        colours = [colour_of(n, line.quiet) for n, line in enumerate(lines)] + ["currentColor"] * len(levels)
        ends += [(right, tall.at(level)) for level in levels.values()]
        parts += _names([*(line.name for line in lines), *levels], ends, colours, right + 12, (top, height - BOTTOM))
    told = [
        f"{line.name}: {number(line.y[0], percent)} at {wide.told(line.x[0])}"
        + (f", {number(line.y[-1], percent)} at {wide.told(line.x[-1])}" if len(line.x) > 1 else "")
        for line in lines
    ] + [f"{name}: {number(level, percent)}" for name, level in levels.items()]
    return chart(join(parts), width, height, title, f"{y} by {x}. " + "; ".join(told) + ".")


def _names(
    names: Sequence[str],
    ends: Sequence[tuple[float, float]],
    colours: Sequence[str],
    at: float,
    between: tuple[float, float],
) -> list[Markup]:
    """Names of lines beside their ends, moved apart, each with a thin line to its end."""
    places = apart([y for _, y in ends], TYPE + 3, *between)
    return [
        tag("path", d=f"M{x + 5:.1f} {y:.1f}L{at:.1f} {place:.1f}", stroke=colour, stroke_opacity=0.5, fill="none")
        + text(name, at + 4, place + 5, TYPE, anchor="start", style=halo())
        for name, (x, y), colour, place in zip(names, ends, colours, places, strict=True)
    ]


def _errors(line: Line) -> list[tuple[float, float]]:
    return list(zip(line.y, line.error or [0.0] * len(line.y), strict=True))


def _line(line: Line, place: int, x: Scale, y: Scale, *, band: bool) -> Markup:
    colour, parts = colour_of(place, line.quiet), []
    places = [(x.at(value), y.at(height)) for value, height in zip(line.x, line.y, strict=True)]
    sides = [(y.at(value - error), y.at(value + error)) for value, error in _errors(line)]
    if line.error is not None and band:
        rim = [f"{px:.1f},{up:.1f}" for (px, _), (_, up) in zip(places, sides, strict=True)]
        rim += [f"{px:.1f},{down:.1f}" for (px, _), (down, _) in reversed(list(zip(places, sides, strict=True)))]
        parts.append(tag("polygon", points=" ".join(rim), fill=colour, fill_opacity=0.18))
    elif line.error is not None:
        bars = "".join(f"M{px:.1f} {down:.1f}V{up:.1f}" for (px, _), (down, up) in zip(places, sides, strict=True))
        parts.append(tag("path", d=bars, stroke=colour, stroke_width=2, stroke_opacity=0.6))
    path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in places)
    dash = None if line.quiet or place == 0 else _DASHES[place % len(_DASHES)]
    thick = 1.6 if line.quiet else 2.6
    parts.append(tag("path", d=path, fill="none", stroke=colour, stroke_width=thick, stroke_dasharray=dash))
    for (px, py), value, height in zip(places, line.x, line.y, strict=True):
        told = tag("title", f"{line.name}: {number(height, y.percent)} at {x.told(value)}")
        parts.append(tag("g", told, mark_of(place, px, py, colour)))
    return tag("g", *parts)


_DASHES = (None, "8 3", "3 3", "10 3 2 3", None, "6 2", "2 2")


def scatter(
    series: Sequence[Points],
    *,
    title: str,
    x: str,
    y: str,
    log_x: bool = False,
    log_y: bool = False,
    percent: bool = False,
    levels: Mapping[str, float] | None = None,
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Markup:
    """Points, with texts beside those that have one, such as orders beside counts by rank (Figure 2 of the paper).

    Args:
        series: at most seven.
        title: what the chart shows, for those who do not see it.
        x, y: titles of the axes.
        log_x, log_y: whether equal distances are equal ratios.
        percent: whether y is a share, told as a percentage.
        levels: numbers of y to compare with, by name, as broken level lines.
        width, height: of the drawing.

    Raises:
        InvalidInput: nothing to draw, too many series, unequal lengths, or values that the axes cannot hold.
    """
    check(series, [(len(one.x), len(one.y), *([len(one.texts)] if one.texts else [])) for one in series])
    levels = levels or {}
    entries = [(one.name, mark_of(n, 6, -5, colour_of(n), 5.5)) for n, one in enumerate(series)]
    head, heads = key(entries if len(series) > 1 else [], width)
    heights = [value for one in series for value in one.y]
    tall = scale([*heights, *levels.values()], height - BOTTOM, TOP + heads, log=log_y, percent=percent)
    left = room_for_labels(tall)
    wide = scale([value for one in series for value in one.x], left + 10, width - RIGHT - 16, log=log_x)
    parts = [head, upright(tall, left, wide.end + 6, y), across(wide, tall.start, tall.end, x)]
    taken: list[tuple[float, float, float, float]] = []
    for name, level in levels.items():
        at = tall.at(level)
        line = tag("path", d=f"M{left:.1f} {at:.1f}H{wide.end + 6:.1f}", stroke="currentColor", stroke_dasharray="4 3")
        parts.append(line + text(name, wide.end + 6, at - 6, TYPE, anchor="end", style=halo()))
        taken.append((wide.end + 6 - width_of(name), at - 20, wide.end + 6, at))
    for position, one in enumerate(series):
        for n, (px, py) in enumerate(zip(map(wide.at, one.x), map(tall.at, one.y), strict=True)):
            beside = one.texts[n] if one.texts else ""
            told = f"{one.name}{f', {beside}' if beside else ''}: {number(one.y[n], percent)} at {wide.told(one.x[n])}"
            mark = tag("g", mark_of(position, px, py, colour_of(position), 4.0), fill_opacity=0.85)
            parts.append(tag("g", tag("title", told), mark))
            if beside and (place := _free(px, py, width_of(beside, TYPE - 1), taken, wide, tall)) is not None:
                parts.append(text(beside, place[0], place[1], TYPE, anchor="start", style=halo(3)))
    told = [
        f"{one.name}: {len(one.x)} points, {y} from {number(min(one.y), percent)} to {number(max(one.y), percent)}"
        for one in series
    ]
    told += [f"{name}: {number(level, percent)}" for name, level in levels.items()]
    return chart(join(parts), width, height, title, f"{y} by {x}. " + "; ".join(told) + ".")


def _free(
    x: float, y: float, wide: float, taken: list[tuple[float, float, float, float]], across_: Scale, upright_: Scale
) -> tuple[float, float] | None:
    """Where a text beside a point covers no other text; None where there is no such place."""
    for left, base in (
        (x + 6, y - 6),
        (x - wide / 2, y - 9),
        (x - wide - 6, y - 6),
        (x + 7, y + 14),
        (x - wide / 2, y + 20),
    ):
        box = (left, base - TYPE + 2, left + wide, base + 2)
        inside = across_.start - 10 <= box[0] and box[2] <= across_.end + 30 and upright_.end - 16 <= box[1]
        if inside and not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
            taken.append(box)
            return left, base
    return None
