"""A pair of fields over its values: value by value, the joint effect; colour and number say the sign."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from glider_core.drawings.palette import NEUTRAL, by_sign
from glider_core.drawings.svg import figure, join, short, tag, text
from glider_core.numerals import signed

_HEIGHT, _LONGEST, _LETTER = 32.0, 22, 8.1
_WIDTHS = {"wide": (720.0, 96.0), "narrow": (380.0, 62.0)}  # of the picture, and of a cell at most


def value_map(
    fields: tuple[str, str],
    values: tuple[Sequence[str], Sequence[str]],
    effects: Sequence[Sequence[float | None]],
    *,
    counts: Sequence[Sequence[int]] | None = None,
    here: tuple[int, int] | None = None,
    unit: str = "logits",
) -> Markup:
    """Values of the first field as rows, of the second as columns, in each cell what the two add together.

    Args:
        fields: the two names.
        values: of each field, as people read them.
        effects: joint effects (rows, columns), signed; None where nothing was measured.
        counts: rows of data behind each effect.
        here: the cell that is framed: the values of the row that is looked at.
        unit: of the effects.
    """
    shown = [effect for row in effects for effect in row if effect is not None]
    if not shown:
        return Markup("")
    scale = max(abs(effect) for effect in shown) or 1.0
    layouts = []
    for name, (most, widest) in _WIDTHS.items():
        left = 14 + max(len(short(value, _longest(name))) for value in (*values[0], fields[0])) * _LETTER
        cell = max(min((most - left) / len(values[1]), widest), 34.0)
        top = 46 + max(len(short(value, _longest(name))) for value in values[1]) * _LETTER * 0.72
        parts = [
            text(short(fields[0], _longest(name)), left - 8, top - 8, 14, anchor="end", font_weight=700),
            text(fields[1], left + cell * len(values[1]) / 2, 18, 14, font_weight=700),
        ]
        for column, value in enumerate(values[1]):
            x = left + (column + 0.5) * cell
            turned = f"translate({x + 4:.1f} {top - 8:.1f}) rotate(-45)"
            parts.append(text(short(value, _longest(name)), 0, 0, 14, anchor="start", transform=turned))
        for row, value in enumerate(values[0]):
            y = top + row * _HEIGHT
            parts.append(text(short(value, _longest(name)), left - 8, y + 21, 14, anchor="end"))
            for column, effect in enumerate(effects[row]):
                n = None if counts is None else counts[row][column]
                told = f"{fields[0]} {value}, {fields[1]} {values[1][column]}: " + _told(effect, unit, n)
                x = left + column * cell
                parts.append(_cell(x, y, cell, effect, scale, told, framed=here == (row, column)))
        # The last name leans over the edge of the cells.
        width = left + cell * (len(values[1]) - 0.5) + 18
        width += max(cell / 2 - 10, len(short(values[1][-1], _longest(name))) * _LETTER * 0.72)
        layouts.append((name, width, top + _HEIGHT * len(values[0]) + 8, join(parts)))
    strongest = max(
        ((abs(effect), row, column) for row, line in enumerate(effects) for column, effect in enumerate(line)
         if effect is not None)
    )  # fmt: skip
    _, row, column = strongest
    described = (
        f"{fields[0]} by {fields[1]}: the strongest joint effect is {signed(effects[row][column] or 0.0)} {unit}, of "
        f"{values[0][row]} with {values[1][column]}"
    )
    return figure(layouts, described)


def _longest(layout: str) -> int:
    return _LONGEST if layout == "wide" else 12


def _told(effect: float | None, unit: str, n: int | None) -> str:
    if effect is None:
        return "in no row"
    return f"together {signed(effect, 3)} {unit}" + ("" if n is None else f", in {n:,} row{'' if n == 1 else 's'}")


def _cell(x: float, y: float, width: float, effect: float | None, scale: float, told: str, *, framed: bool) -> Markup:
    box = {"x": x + 1, "y": y + 1, "width": width - 2, "height": _HEIGHT - 2, "rx": 3}
    if effect is None:
        return tag("g", tag("title", told), tag("rect", **box, fill=NEUTRAL, fill_opacity=0.08))
    density = 0.08 + 0.62 * abs(effect) / scale
    edge = {"stroke": "currentColor", "stroke_width": 2.5} if framed else {}
    return tag(
        "g",
        tag("title", told),
        tag("rect", **box, fill=by_sign(effect), fill_opacity=round(density, 2), **edge),
        text(_number(effect, narrow=width < 50), x + width / 2, y + 21, 14, font_weight=700 if framed else 400),
    )


def _number(effect: float, *, narrow: bool) -> str:
    if abs(effect) < 0.005:
        return "0"
    return (
        signed(effect, 1) if narrow and abs(effect) >= 1 else signed(effect).replace("0.", "." if narrow else "0.", 1)
    )
