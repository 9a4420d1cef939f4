"""Scales of charts: where values stand, which of them get a tick, and the frame from which they are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, isfinite, log10

from markupsafe import Markup

from glider_core.drawings.svg import halo, join, tag, text
from glider_core.errors import InvalidInput

TYPE = 15.0  # of all type, in units of the drawing
SMALLEST = 14.0  # pixels of type at which a chart stops to shrink with its place
PALE = 0.78  # opacity of type that matters less, and still reads well
_LETTER = 0.58  # width of a letter, in sizes of type; fonts of files are wide


@dataclass(frozen=True, slots=True)
class Scale:
    """Values between two limits, and where they stand between two places of a drawing."""

    low: float
    high: float
    start: float  # where the lower limit stands
    end: float
    log: bool = False
    percent: bool = False  # whether ticks are told as percentages

    def at(self, value: float) -> float:
        """Where a value stands."""
        low, high, value = (log10(v) if self.log else v for v in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """Round values between the limits, at most so many."""
        if self.log:
            return _decades(self.low, self.high, most)
        step = _step(self.high - self.low, most)
        first = ceil(self.low / step - 1e-9)
        return [round(step * n, 12) for n in range(first, floor(self.high / step + 1e-9) + 1)]

    def told(self, value: float) -> str:
        """A tick's label."""
        if self.percent:
            return f"{round(100 * value, 6):.6g} %"
        if abs(value) >= 1e6:
            return f"{value / 1e6:g}M"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{round(value, 9):g}"


def scale(
    values: Iterable[float],
    start: float,
    end: float,
    *,
    log: bool = False,
    percent: bool = False,
    zero: bool = False,
    limits: tuple[float, float] | None = None,
) -> Scale:
    """A scale that holds the values, with round limits.

    Args:
        values: at least one.
        start, end: where its limits stand.
        log: whether equal distances are equal ratios.
        percent: whether ticks are told as percentages.
        zero: whether zero must be on it.
        limits: instead of those that fit the values.

    Raises:
        InvalidInput: there are no values, one is not finite, or one is not above 0 on a scale of ratios.
    """
    held = [float(value) for value in values]
    if not held or not all(map(isfinite, held)):
        raise InvalidInput(f"A chart needs finite values, at least one; got {len(held)}: {held[:4]!s:.60}.")
    if log and min(held) <= 0:
        raise InvalidInput(f"Only values above 0 stand on a logarithmic scale; got {min(held):g}.")
    low, high = limits or (min(held), max(held))
    if limits is None and log:
        low, high = _ratios_around(low, high)
        low, high = (low, high) if low < high else (low / 2, high * 2)
    elif limits is None:
        low, high = (min(low, 0.0), max(high, 0.0)) if zero else (low, high)
        if low == high:
            low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
        step = _step(high - low, 6)
        low, high = step * floor(low / step + 1e-9), step * ceil(high / step - 1e-9)
    return Scale(low, high, start, end, log, percent)


def _step(span: float, most: int) -> float:
    """The round step of which at most so many fit into a span."""
    size = 10.0 ** floor(log10(span / most))
    return next((size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor * most >= span * (1 - 1e-9)), span)


def _ratios_around(low: float, high: float) -> tuple[float, float]:
    """The nearest of 1, 2, 5, 10, … at or below one value, and at or above another."""
    below = [float(f"{f}e{floor(log10(low) + 1e-12)}") for f in (1, 2, 5)]
    above = [float(f"{f}e{floor(log10(high) + 1e-12)}") for f in (1, 2, 5, 10)]
    return (
        max(step for step in below if step <= low * (1 + 1e-9)),
        min(step for step in above if step >= high * (1 - 1e-9)),
    )


def _decades(low: float, high: float, most: int) -> list[float]:
    """Of 1, 2, 5, 10, … or of powers of ten, what lies between the limits, at most so many."""
    exponents = range(floor(log10(low) - 1e-9), ceil(log10(high) + 1e-9) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [float(f"{f}e{e}") for e in exponents for f in factors]
        found = [tick for tick in found if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        if len(found) <= most:
            return found
    return found[:: ceil(len(found) / most)]


def width_of(label: str, size: float = TYPE) -> float:
    """About how wide a text is."""
    return len(label) * size * _LETTER


def across(x: Scale, bottom: float, top: float, title: str, *, lines: bool = False) -> Markup:
    """The horizontal axis, its labels and its title below."""
    most = max(2, int(abs(x.end - x.start) / 62))
    ticks = x.ticks(min(most, 8))
    parts = [
        tag("path", d=f"M{x.at(tick):.1f} {bottom:.1f}V{top:.1f}", stroke="currentColor", stroke_opacity=0.14)
        for tick in (ticks if lines else ())
    ]
    parts += [text(x.told(tick), x.at(tick), bottom + 19, TYPE, fill_opacity=PALE) for tick in ticks]
    parts.append(text(title, (x.start + x.end) / 2, bottom + 41, TYPE, fill_opacity=PALE))
    return join(parts)


def upright(y: Scale, left: float, right: float, title: str) -> Markup:
    """The vertical axis: a thin line for each tick, labels at the left and the title above them, level."""
    ticks = y.ticks(6)
    parts = [
        tag("path", d=f"M{left:.1f} {y.at(tick):.1f}H{right:.1f}", stroke="currentColor", stroke_opacity=0.14)
        for tick in ticks
    ]
    parts += [text(y.told(tick), left - 8, y.at(tick) + 5, TYPE, anchor="end", fill_opacity=PALE) for tick in ticks]
    parts.append(text(title, 0, y.end - 14, TYPE, anchor="start", fill_opacity=PALE, style=halo()))
    return join(parts)


def room_for_labels(y: Scale) -> float:
    """How wide the labels of a vertical axis are, with the gap beside them."""
    return max(width_of(y.told(tick)) for tick in y.ticks(6)) + 12


def apart(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """The places, moved so that neighbours stand `gap` apart between the limits, in their order."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    if order and moved[order[-1]] > high:
        moved[order[-1]] = high
        for after, before in pairwise(reversed(order)):
            moved[before] = min(moved[before], moved[after] - gap)
    if order and moved[order[0]] < low:
        lift = low - moved[order[0]]
        moved = [place + lift for place in moved]
    return moved


def chart(content: Markup, width: float, height: float, title: str, description: str) -> Markup:
    """The whole drawing: an SVG that stands in a page or alone in a file, in the colours of its ground.

    Its type does not become smaller than 14 pixels: where there is less room, its place has to scroll.
    """
    return tag(
        "svg",
        tag("title", title),
        tag("desc", description),
        content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=f"{width:.0f}",
        height=f"{height:.0f}",
        style=f"{_SHRINKS}min-width:{width * SMALLEST / TYPE:.0f}px;max-width:{width * 1.1:.0f}px",
        role="img",
        font_family="inherit",
        fill="currentColor",
    )


_SHRINKS = "width:100%;height:auto;"
_ALONE = Markup(
    "<style>svg{color-scheme:light dark;color:#16202a;background:#fff;--st-background-color:#fff;"
    "font-family:system-ui,'Segoe UI',sans-serif}@media (prefers-color-scheme:dark){"
    "svg{color:#e8eef3;background:#10161d;--st-background-color:#10161d}}</style>"
)


def alone(picture: str) -> str:
    """An SVG of ours as the text of a file, which has no page around it whose colours and type it could take."""
    head, body = picture.split(">", 1)
    return f"{head.replace(_SHRINKS, '')}>{_ALONE}{body}\n"
