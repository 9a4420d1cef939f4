"""The picture of a DNA sequence: main effects as bars over coloured letters, one row below for each interaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import glider_core as gl
from glider_core.drawings import brackets
from glider_core.drawings.palette import NEUTRAL, NUCLEOTIDES, by_sign
from glider_core.drawings.text import signed

MAX_ROWS = 6
_CELL, _BARS, _LETTER, _ROW = 28.0, 96.0, 34.0, 31.0
_TICKS = 5  # every so many letters a position is written
_LABEL = 6.9  # width of a label's character
_MONO = "font-family=\"ui-monospace, 'DejaVu Sans Mono', monospace\""


def sequence(
    explanation: gl.Explanation,
    letters: str,
    *,
    name_of: Callable[[tuple[int, ...]], str | None],
    chosen: int | None = None,
) -> str:
    """HTML of the picture.

    Args:
        explanation: of the sequence.
        letters: the sequence itself.
        name_of: the name of a motif that positions make up, if any.
        chosen: position of the interaction to stress; the others fade.
    """
    layouts = []
    for name, per_line in (("wide", len(letters)), ("narrow", (len(letters) + 1) // 2)):
        height, content = _layout(explanation, letters, name_of, chosen, per_line)
        layouts.append((name, per_line * _CELL, height, content))
    return brackets.figure(layouts, f"Sequence {letters} with main effects and interactions")


def _layout(
    explanation: gl.Explanation,
    letters: str,
    name_of: Callable[[tuple[int, ...]], str | None],
    chosen: int | None,
    per_line: int,
) -> tuple[float, str]:
    effects = explanation.main_effects
    up, down = max(*effects, 0.0), min(*effects, 0.0)
    unit = _BARS / ((up - down) or 1.0)  # pixels per unit of effect
    strongest = max(range(len(effects)), key=lambda i: abs(effects[i]))
    parts, y = [], 22.0
    for first in range(0, len(letters), per_line):
        here = range(first, min(first + per_line, len(letters)))
        width, zero = len(here) * _CELL, y + up * unit
        parts.append(f'<path d="M0 {zero:.1f}H{width:.1f}" stroke="{NEUTRAL}" stroke-opacity="0.6" stroke-width="1"/>')
        baseline = y + _BARS + 8
        for i in here:
            x = (i - first) * _CELL
            parts.append(_letter(x, zero, baseline, i, letters[i], effects[i], unit))
            if i == strongest:
                parts.append(_scale_label(x + _CELL / 2, zero, effects[i], unit))
        y = baseline + _LETTER + 24
        for number, interaction in enumerate(explanation.interactions):
            shown = number < MAX_ROWS or number == chosen
            if shown and any(i in here for i in interaction.features):
                faded = chosen is not None and chosen != number
                parts.append(_row(number, interaction, letters, here, y, name_of(interaction.features), faded))
                y += _ROW
        y += 18
    return y, "".join(parts)


def _letter(x: float, zero: float, baseline: float, i: int, letter: str, effect: float, unit: float) -> str:
    height = abs(effect) * unit
    top = zero - height if effect >= 0 else zero
    middle = x + _CELL / 2
    position = (
        f'<text x="{middle:.1f}" y="{baseline + _LETTER + 11:.1f}" text-anchor="middle" font-size="11" '
        f'fill="{NEUTRAL}">{i + 1}</text>'
        if (i + 1) % _TICKS == 0 or i == 0
        else ""
    )
    return (
        f"<g><title>{escape(f'{letter} at position {i + 1}: {signed(effect, 3)} on its own')}</title>"
        f'<rect x="{x + 5:.1f}" y="{top:.1f}" width="{_CELL - 10:.1f}" height="{max(height, 0.5):.1f}" rx="2" '
        f'fill="{by_sign(effect)}"/>{_tile(x, baseline, _LETTER - 2, letter, 20)}{position}</g>'
    )


def _scale_label(middle: float, zero: float, effect: float, unit: float) -> str:
    """The tallest bar's value, from which the others can be read."""
    tip = zero - effect * unit
    return (
        f'<text x="{middle:.1f}" y="{tip - 6 if effect >= 0 else tip + 15:.1f}" text-anchor="middle" font-size="12" '
        f'font-weight="600" fill="{by_sign(effect)}">{signed(effect)}</text>'
    )


def _row(
    number: int,
    interaction: gl.Interaction,
    letters: str,
    here: Sequence[int],
    y: float,
    motif: str | None,
    faded: bool,
) -> str:
    """One interaction under one line of letters: its letters again, joined, with a label beside them."""
    members = [i for i in interaction.features if i in here]
    colour, size = by_sign(interaction.effect), _ROW - 8
    left, right = ((i - here[0]) * _CELL for i in (members[0], members[-1]))
    # The line runs on to the edge where the interaction goes on in another line of letters.
    start = 0.0 if interaction.features[0] < here[0] else left + _CELL / 2
    end = len(here) * _CELL if interaction.features[-1] > here[-1] else right + _CELL / 2
    tiles = "".join(_tile((i - here[0]) * _CELL, y, size, letters[i], 14, edge=colour) for i in members)
    tooltip = (
        f"{' · '.join(interaction.names)}: together {signed(interaction.effect, 3)} beyond the sum of what they add "
        "one by one"
    )
    return (
        f'<g opacity="{0.22 if faded else 1}"><title>{escape(tooltip)}</title>'
        f'<path d="M{start:.1f} {y + size / 2:.1f}H{end:.1f}" stroke="{colour}" stroke-width="2.5"/>{tiles}'
        + _label(f"I{number + 1} {signed(interaction.effect)}", motif, left, right + _CELL, here, y + size / 2, colour)
        + "</g>"
    )


def _label(short: str, motif: str | None, left: float, right: float, here: Sequence[int], y: float, colour: str) -> str:
    """On the side that has room for it; without the motif's name where neither has."""
    gap, width = 10.0, len(here) * _CELL
    before, after = left - gap, width - right - gap
    room = max(before, after)
    name = f"  {motif}" if motif and len(f"{short}  {motif}") * _LABEL <= room else ""
    wanted = len(short + name) * _LABEL
    on_right = after >= wanted or after >= before
    if max(before, after) < wanted:  # letters from edge to edge: above them, over the line
        x, y, anchor = (left + right) / 2, y - 14, "middle"
    else:
        x, anchor = (right + gap, "start") if on_right else (left - gap, "end")
    return (
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="{anchor}" font-size="14" fill="{colour}" '
        'style="paint-order:stroke;stroke:var(--st-background-color);stroke-width:5px;stroke-linejoin:round">'
        f'<tspan font-weight="700">{escape(short)}</tspan>'
        + (f'<tspan dx="9" fill="currentColor" stroke="none">{escape(motif or "")}</tspan>' if name else "")
        + "</text>"
    )


def _tile(x: float, y: float, height: float, letter: str, size: float, *, edge: str | None = None) -> str:
    colour = NUCLEOTIDES[letter]
    # Over a line the tile needs a ground of its own below its tint.
    ground = f'style="fill:var(--st-background-color)" stroke="{edge}" stroke-width="1.5"' if edge else 'fill="none"'
    box = f'x="{x + 1.5:.1f}" y="{y:.1f}" width="{_CELL - 3:.1f}" height="{height:.1f}" rx="5"'
    return (
        f'<rect {box} {ground}/><rect {box} fill="{colour}26"/>'
        f'<text x="{x + _CELL / 2:.1f}" y="{y + height / 2 + size * 0.36:.1f}" text-anchor="middle" '
        f'font-size="{size:.0f}" font-weight="700" {_MONO} fill="{colour}">{letter}</text>'
    )
