"""What charts are made of: colours and marks of series, their key, and numbers as charts tell them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from glider_core.drawings.axes import TYPE, width_of
from glider_core.drawings.palette import SERIES
from glider_core.drawings.svg import join, short, tag, text
from glider_core.errors import InvalidInput

WIDTH, HEIGHT = 460.0, 300.0  # of a drawing; a page shows two of this width side by side
TOP, BOTTOM, RIGHT = 34.0, 52.0, 14.0  # room above, below and at the right of the values
MOST = 0.34  # share of the width that names at the side may take


def check(series: Sequence[object], lengths: Sequence[Sequence[int]]) -> None:
    """Refuse what cannot be drawn.

    Args:
        series: of a chart.
        lengths: for each series, of all that must be parallel.

    Raises:
        InvalidInput: nothing to draw, too many series, or unequal lengths.
    """
    if not series or any(not parallel or parallel[0] == 0 for parallel in lengths):
        raise InvalidInput("A chart needs at least one series with at least one value; there is nothing to draw.")
    if len(series) > len(SERIES):
        raise InvalidInput(f"Got {len(series)} series; at most {len(SERIES)} can be told apart in one chart.")
    if any(len(set(parallel)) > 1 for parallel in lengths):
        raise InvalidInput(f"Values of a series must be parallel; their numbers are {list(map(list, lengths))!s:.60}.")


def colour_of(series: int, quiet: bool = False) -> str:
    """The colour of a series by its position, or the grey of what others are compared with."""
    return SERIES[-1] if quiet else SERIES[series]


def number(value: float, percent: bool) -> str:
    """A value as a chart says it: 0.8083, 0.00037, 0, 3.04, 12,300, 81.2 %."""
    if percent:
        return f"{100 * value:.1f} %"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 1:
        return f"{value:.3g}"
    return f"{round(value, 4 if abs(value) >= 0.001 else 5) + 0.0:.5f}".rstrip("0").rstrip(
        "."
    )  # 0.0 rids -0 of its sign


def mark_of(series: int, x: float, y: float, colour: str, size: float = 4.5) -> Markup:
    """A mark whose shape says the series as its colour does: disc, square, triangle, diamond."""
    s = size
    shapes = (
        None,
        f"M{x - s:.1f} {y - s:.1f}h{2 * s:.1f}v{2 * s:.1f}h{-2 * s:.1f}Z",
        f"M{x:.1f} {y - 1.2 * s:.1f}l{1.2 * s:.1f} {2.1 * s:.1f}h{-2.4 * s:.1f}Z",
        f"M{x:.1f} {y - 1.35 * s:.1f}l{1.35 * s:.1f} {1.35 * s:.1f}l{-1.35 * s:.1f} {1.35 * s:.1f}"
        f"l{-1.35 * s:.1f} {-1.35 * s:.1f}Z",
    )
    shape = shapes[series % len(shapes)]
    if shape is None:
        return tag("circle", cx=float(x), cy=float(y), r=s, fill=colour)
    return tag("path", d=shape, fill=colour)


def key(entries: Sequence[tuple[str, Markup]], width: float) -> tuple[Markup, float]:
    """What marks mean, in as many lines as they take, and how high these are.

    Args:
        entries: name, and its mark drawn about (6, -5).
        width: of the drawing.
    """
    parts, x, y = [], 0.0, 16.0
    for name, mark in entries:
        room = 18 + width_of(short(name, 48)) + 18
        if x and x + room > width:
            x, y = 0.0, y + 22
        label = text(short(name, 48), 18, 0, TYPE, anchor="start")
        parts.append(tag("g", mark, label, transform=f"translate({x:.0f} {y:.0f})"))
        x += room
    return join(parts), y + 8 if entries else 0.0
