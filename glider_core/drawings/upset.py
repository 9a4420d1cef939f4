"""An UpSet plot: sets as columns below a bar each, their members as dots (Lex et al. 2014); colour is sign alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from glider_core.drawings.palette import NEUTRAL, by_sign
from glider_core.drawings.svg import figure, join, short, tag, text
from glider_core.numerals import signed

_CELL, _ROW, _BARS, _HEAD = 48.0, 27.0, 120.0, 40.0
_LONGEST, _LETTER = 20, 8.0  # of a name, and the width of one of its letters
WIDE, NARROW = 12, 5  # sets that are drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A set of an UpSet plot."""

    features: tuple[int, ...]
    height: float  # of its bar, >= 0
    told: str  # the height in words, above the bar
    effect: float  # logits, signed; its colour, and the number below the height
    hover: str
    marked: bool = False  # whether a simulator planted it


def upset(columns: Sequence[Column], names: Sequence[str], *, described: str) -> Markup:
    """The sets in the order given, above the members that any of them has; nothing where there is no set.

    Args:
        columns: of which the first twelve are drawn, and five where there is little room.
        names: of all features, by position.
        described: what is seen, for those who do not see it.
    """
    if not columns:
        return Markup("")
    layouts = []
    for name, most in (("wide", WIDE), ("narrow", NARROW)):
        layouts.append((name, *_layout(columns[:most], names)))
    listed = "; ".join(f"{' with '.join(names[i] for i in c.features)} {signed(c.effect)}" for c in columns[:WIDE])
    return figure(layouts, f"{described}: {listed}")


def _layout(columns: Sequence[Column], names: Sequence[str]) -> tuple[float, float, Markup]:
    members = sorted(
        {i for column in columns for i in column.features}, key=lambda i: -sum(i in c.features for c in columns)
    )
    left = 12 + max(len(short(names[i], _LONGEST)) for i in members) * _LETTER
    top, width = _HEAD + _BARS + 14, left + len(columns) * _CELL + 12
    highest = max(column.height for column in columns) or 1.0
    parts: list[str] = []
    for row, i in enumerate(members):
        y = top + row * _ROW
        if row % 2 == 0:
            parts.append(tag("rect", x=0, y=y, width=width, height=_ROW, fill=NEUTRAL, fill_opacity=0.1))
        parts.append(text(short(names[i], _LONGEST), left - 8, y + _ROW / 2 + 5, 14, anchor="end"))
    for number, column in enumerate(columns):
        parts.append(_column(number, column, members, left, top, highest))
    return width, top + len(members) * _ROW + 6, join(parts)


def _column(number: int, column: Column, members: Sequence[int], left: float, top: float, highest: float) -> Markup:
    x, color = left + (number + 0.5) * _CELL, by_sign(column.effect)
    height = max(_BARS * column.height / highest, 1.5)
    places = [top + (members.index(i) + 0.5) * _ROW for i in column.features]
    bottom = top - 10
    parts = [
        tag("title", column.hover),
        tag("rect", x=x - 13, y=bottom - height, width=26, height=height, rx=3, fill=color),
        text(f"{column.told}{' ✓' if column.marked else ''}", x, bottom - height - 21, 14),
        text(signed(column.effect), x, bottom - height - 5, 14, color, font_weight=700),
        *(
            tag("circle", cx=x, cy=top + (row + 0.5) * _ROW, r=4, fill=NEUTRAL, fill_opacity=0.35)
            for row, i in enumerate(members)
            if i not in column.features
        ),
        tag("path", d=f"M{x:.1f} {min(places):.1f}V{max(places):.1f}", stroke=color, stroke_width=3),
        *(tag("circle", cx=x, cy=y, r=7, fill=color) for y in places),
    ]
    return tag("g", *parts, data_set=number)
