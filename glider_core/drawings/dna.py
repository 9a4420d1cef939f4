"""The picture of a DNA sequence: main effects as bars over coloured letters, one row below for each interaction."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from glider_core.domains.dna.payload import SequencePayload
from glider_core.domains.dna.sequence import name_motif
from glider_core.drawings import Drawing
from glider_core.drawings.palette import NEUTRAL, NUCLEOTIDES, by_sign
from glider_core.drawings.sentences import notes, tooltip, unit_of
from glider_core.drawings.svg import GROUND, figure, halo, join, tag, text
from glider_core.drawings.text import signed
from glider_core.results import Explanation, Interaction

MAX_ROWS = 6
_CELL, _BARS, _LETTER, _ROW = 28.0, 96.0, 34.0, 31.0
_TICKS = 5  # every so many letters a position is written
_LABEL = 6.9  # width of a label's character
_MONO = "ui-monospace, 'DejaVu Sans Mono', monospace"


def sequence(explanation: Explanation, payload: SequencePayload, chosen: int | None = None) -> Markup:
    """The letters on one line, or on two where there is less room; the chosen interaction stands out."""
    letters, layouts = payload.sequence, []
    for name, per_line in (("wide", len(letters)), ("narrow", (len(letters) + 1) // 2)):
        height, content = _layout(explanation, letters, chosen, per_line)
        layouts.append((name, per_line * _CELL, height, content))
    named = (f"Record: {payload.name:.200}",) if payload.name else ()
    described = f"Sequence {letters} with main effects and interactions"
    return join([notes(named + payload.remarks()), figure(layouts, described)])


def caption(explanation: Explanation, payload: SequencePayload) -> str:
    """How to read the sequence."""
    return (
        "Bars: what each letter adds on its own, against a random other letter. Rows below: letters that act together, "
        "with what they add jointly beyond that."
    )


DRAWING = Drawing(views={"Sequence": sequence}, caption=caption)


def _layout(explanation: Explanation, letters: str, chosen: int | None, per_line: int) -> tuple[float, Markup]:
    effects = explanation.main_effects
    up, down = max(*effects, 0.0), min(*effects, 0.0)
    scale = _BARS / ((up - down) or 1.0)  # pixels per unit of effect
    strongest, unit = max(range(len(effects)), key=lambda i: abs(effects[i])), unit_of(explanation)
    parts, y = [], 22.0
    for first in range(0, len(letters), per_line):
        here = range(first, min(first + per_line, len(letters)))
        width, zero = len(here) * _CELL, y + up * scale
        parts.append(tag("path", d=f"M0 {zero:.1f}H{width:.1f}", stroke=NEUTRAL, stroke_opacity=0.6, stroke_width=1))
        baseline = y + _BARS + 8
        for i in here:
            x = (i - first) * _CELL
            parts.append(_letter(x, zero, baseline, i, letters[i], effects[i], scale, unit))
            if i == strongest:
                parts.append(_scale_label(x + _CELL / 2, zero, effects[i], scale))
        y = baseline + _LETTER + 24
        for number, interaction in enumerate(explanation.interactions):
            shown = number < MAX_ROWS or number == chosen
            if shown and any(i in here for i in interaction.features):
                faded = chosen is not None and chosen != number
                parts.append(_row(number, interaction, letters, here, y, unit, faded))
                y += _ROW
        y += 18
    return y, join(parts)


def _letter(
    x: float, zero: float, baseline: float, i: int, letter: str, effect: float, scale: float, unit: str
) -> Markup:
    height = abs(effect) * scale
    parts = [
        tag("title", f"{letter} at position {i + 1}: {signed(effect, 3)} {unit} on its own"),
        tag(
            "rect",
            x=x + 5,
            y=zero - height if effect >= 0 else zero,
            width=_CELL - 10,
            height=max(height, 0.5),
            rx=2,
            fill=by_sign(effect),
        ),
        _tile(x, baseline, _LETTER - 2, letter, 20),
    ]
    if (i + 1) % _TICKS == 0 or i == 0:
        parts.append(text(str(i + 1), x + _CELL / 2, baseline + _LETTER + 11, 11, NEUTRAL))
    return tag("g", *parts)


def _scale_label(middle: float, zero: float, effect: float, scale: float) -> Markup:
    """The tallest bar's value, from which the others can be read."""
    tip = zero - effect * scale
    return text(signed(effect), middle, tip - 6 if effect >= 0 else tip + 15, 12, by_sign(effect), font_weight=600)


def _row(
    number: int, interaction: Interaction, letters: str, here: Sequence[int], y: float, unit: str, faded: bool
) -> Markup:
    """One interaction under one line of letters: its letters again, joined, with a label beside them."""
    members = [i for i in interaction.features if i in here]
    colour, size = by_sign(interaction.effect), _ROW - 8
    left, right = ((i - here[0]) * _CELL for i in (members[0], members[-1]))
    # The line runs on to the edge where the interaction goes on in another line of letters.
    start = 0.0 if interaction.features[0] < here[0] else left + _CELL / 2
    end = len(here) * _CELL if interaction.features[-1] > here[-1] else right + _CELL / 2
    label = f"I{number + 1} {signed(interaction.effect)}"
    return tag(
        "g",
        tag("title", f"{tooltip(number, interaction, unit)} beyond the sum of what they add one by one"),
        tag("path", d=f"M{start:.1f} {y + size / 2:.1f}H{end:.1f}", stroke=colour, stroke_width=2.5),
        *(_tile((i - here[0]) * _CELL, y, size, letters[i], 14, edge=colour) for i in members),
        _label(label, name_motif(letters, interaction.features), left, right + _CELL, here, y + size / 2, colour),
        opacity=0.22 if faded else 1,
    )


def _label(
    effect: str, motif: str | None, left: float, right: float, here: Sequence[int], y: float, colour: str
) -> Markup:
    """On the side that has room for it; without the motif's name where neither has."""
    gap, width = 10.0, len(here) * _CELL
    before, after = left - gap, width - right - gap
    room = max(before, after)
    named = motif is not None and len(f"{effect}  {motif}") * _LABEL <= room
    wanted = len(f"{effect}  {motif}" if named else effect) * _LABEL
    on_right = after >= wanted or after >= before
    if room < wanted:  # letters from edge to edge: above them, over the line
        x, y, anchor = (left + right) / 2, y - 14, "middle"
    else:
        x, anchor = (right + gap, "start") if on_right else (left - gap, "end")
    parts = [tag("tspan", effect, font_weight=700)]
    if motif is not None and named:
        parts.append(tag("tspan", motif, dx=9, fill="currentColor", stroke="none"))
    return text(join(parts), x, y + 4.5, 14, colour, anchor=anchor, style=halo(5))


def _tile(x: float, y: float, height: float, letter: str, size: float, *, edge: str | None = None) -> Markup:
    colour = NUCLEOTIDES.get(letter, NEUTRAL)
    box = {"x": x + 1.5, "y": y, "width": _CELL - 3, "height": height, "rx": 5}
    # Over a line the tile needs a ground of its own below its tint.
    ground = tag("rect", **box, style=f"fill:{GROUND}", stroke=edge, stroke_width=1.5) if edge else ""
    middle = y + height / 2 + size * 0.36
    symbol = text(letter, x + _CELL / 2, middle, size, colour, font_weight=700, font_family=_MONO)
    return join([ground, tag("rect", **box, fill=f"{colour}26"), symbol])
