"""The picture of a DNA sequence: main effects as bars over coloured letters, interactions as brackets below."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import glider_core as gl
from pages.parts import brackets
from pages.parts.palette import NEUTRAL, NUCLEOTIDES, by_sign

MAX_BRACKETS = 5
_CELL, _BARS, _LETTER = 28.0, 92.0, 34.0
_TICKS = 5  # every so many letters a position is written


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
    drawn = [
        (number, interaction)
        for number, interaction in enumerate(explanation.interactions)
        if number < MAX_BRACKETS or number == chosen
    ]
    strongest = max((interaction.strength for _, interaction in drawn), default=1.0)
    groups = []
    for number, interaction in drawn:
        motif = name_of(interaction.features)
        groups.append(
            brackets.Group(
                label=f"I{number + 1} {interaction.effect:+.2f}" + (f"  {motif}" if motif else ""),
                tooltip=f"{' · '.join(interaction.names)}: {interaction.effect:+.3f} together, beyond one by one",
                colour=by_sign(interaction.effect),
                thickness=1.4 + 2.0 * interaction.strength / strongest,
                faded=chosen is not None and chosen != number,
                members=[(i // per_line, (i % per_line + 0.5) * _CELL) for i in interaction.features],
            )
        )
    placed = brackets.place(groups, per_line * _CELL)
    scale = max((abs(value) for value in explanation.main_effects), default=0.0) or 1.0
    up = max((value for value in explanation.main_effects), default=0.0) / scale
    down = min((value for value in explanation.main_effects), default=0.0) / scale
    up, down = max(up, 0.0), min(down, 0.0)
    unit = _BARS / ((up - down) or 1.0)
    parts, y = [], 10.0
    for first in range(0, len(letters), per_line):
        line = first // per_line
        zero = y + up * unit
        width = min(per_line, len(letters) - first) * _CELL
        parts.append(f'<path d="M0 {zero:.1f}H{width:.1f}" stroke="{NEUTRAL}" stroke-opacity="0.6" stroke-width="1"/>')
        baseline = y + _BARS + 8
        for i in range(first, min(first + per_line, len(letters))):
            x = (i - first) * _CELL
            parts.append(_letter(x, zero, baseline, i, letters[i], explanation.main_effects[i], unit / scale))
        y = baseline + _LETTER + 16
        parts.append(brackets.draw(placed.get(line, []), y, above=False))
        y += brackets.depth(placed.get(line, [])) + 16
    return y, "".join(parts)


def _letter(x: float, zero: float, baseline: float, i: int, letter: str, effect: float, unit: float) -> str:
    height = abs(effect) * unit
    top = zero - height if effect >= 0 else zero
    colour = NUCLEOTIDES[letter]
    middle = x + _CELL / 2
    position = (
        f'<text x="{middle:.1f}" y="{baseline + _LETTER + 10:.1f}" text-anchor="middle" font-size="10.5" '
        f'fill="{NEUTRAL}">{i + 1}</text>'
        if (i + 1) % _TICKS == 0 or i == 0
        else ""
    )
    return (
        f"<g><title>{escape(f'{letter} at position {i + 1}: {effect:+.3f} on its own')}</title>"
        f'<rect x="{x + 5:.1f}" y="{top:.1f}" width="{_CELL - 10:.1f}" height="{max(height, 0.5):.1f}" rx="2" '
        f'fill="{by_sign(effect)}"/>'
        f'<rect x="{x + 1.5:.1f}" y="{baseline:.1f}" width="{_CELL - 3:.1f}" height="{_LETTER - 2:.1f}" rx="5" '
        f'fill="{colour}26"/>'
        f'<text x="{middle:.1f}" y="{baseline + 23:.1f}" text-anchor="middle" font-size="20" font-weight="700" '
        f'font-family="ui-monospace, \'DejaVu Sans Mono\', monospace" fill="{colour}">{letter}</text>{position}</g>'
    )
