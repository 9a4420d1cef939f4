"""The picture of a DNA sequence: main effects as bars over coloured letters, one row below for each interaction."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from glider_core.domains.dna.payload import SequencePayload
from glider_core.domains.dna.sequence import name_motif
from glider_core.drawings import PLAIN, Drawing, Look
from glider_core.drawings.families import families
from glider_core.drawings.palette import NEUTRAL, NUCLEOTIDES, QUIET, by_sign, ink
from glider_core.drawings.sentences import notes, tooltip, unit_of
from glider_core.drawings.svg import GROUND, figure, halo, join, tag, text
from glider_core.numerals import signed
from glider_core.results import Explanation, Interaction

MAX_ROWS = 6
_CELL, _SLIM = 28.0, 15.3  # width of a letter, and where there is less room
_BARS, _LETTER, _ROW = 96.0, 34.0, 31.0
_TICKS = 5  # every so many letters a position is written
_TOLD = 0.12  # of the largest effect; smaller ones get no number
_LABEL = 6.9  # width of a label's character
_MONO = "ui-monospace, 'DejaVu Sans Mono', monospace"


def sequence(
    explanation: Explanation, payload: SequencePayload, chosen: int | None = None, *, look: Look = PLAIN
) -> Markup:
    """The letters on one line, or on three where there is little room; the chosen interaction stands out."""
    letters, layouts = payload.sequence, []
    third = -(-len(letters) // 3)
    for name, per_line, cell in (
        ("wide", len(letters), _CELL),
        ("middle", len(letters), _SLIM),
        ("narrow", third, _CELL),
    ):
        height, content = _layout(explanation, letters, chosen, per_line, look, cell)
        layouts.append((name, per_line * cell, height, content))
    named = (f"Record: {payload.name:.200}",) if payload.name else ()
    described = f"Sequence {letters} with main effects and interactions"
    return join([notes(named + payload.remarks()), figure(layouts, described)])


def caption(explanation: Explanation, payload: SequencePayload) -> str:
    """How to read the sequence."""
    return (
        "Bars: what each letter adds on its own, against a random other letter. Rows below: letters that act together, "
        "with what they add jointly beyond that."
    )


def name(explanation: Explanation, payload: SequencePayload, number: int) -> str:
    """The motif that a set makes up, if it has a name."""
    return name_motif(payload.sequence, explanation.interactions[number].features) or ""


def _layout(
    explanation: Explanation, letters: str, chosen: int | None, per_line: int, look: Look, cell: float
) -> tuple[float, Markup]:
    effects = explanation.main_effects
    up, down = max(*effects, 0.0), min(*effects, 0.0)
    scale = _BARS / (max(look.scale or 0.0, up - down) or 1.0)  # pixels per unit of effect
    bars, unit = (up - down) * scale, unit_of(explanation)
    strongest = max(abs(effect) for effect in effects)
    told = {i for i, effect in enumerate(effects) if abs(effect) >= (_TOLD if look.numbers else 1.0) * strongest}
    # Numbers stand upright on their bars where there are many.
    above, below = (36.0 if look.numbers else 0.0), (36.0 if look.numbers and down < 0 else 0.0)
    rows = _rows(explanation, chosen)
    parts, y = [], 22.0
    for first in range(0, len(letters), per_line):
        here = range(first, min(first + per_line, len(letters)))
        width, zero = len(here) * cell, y + above + up * scale
        parts.append(tag("path", d=f"M0 {zero:.1f}H{width:.1f}", stroke=NEUTRAL, stroke_opacity=0.6, stroke_width=1))
        baseline = y + above + bars + below + 8
        for i in here:
            x = (i - first) * cell
            parts.append(_letter(x, zero, baseline, i, letters[i], effects[i], scale, unit, cell))
            if i in told:
                parts.append(_number(x + cell / 2, zero, effects[i], scale, upright=look.numbers))
        y = baseline + _LETTER + 26
        for number in rows:
            interaction = explanation.interactions[number]
            if any(i in here for i in interaction.features):
                faded = chosen is not None and chosen != number
                parts.append(_row(number, interaction, letters, here, y, unit, faded, cell))
                y += _ROW
        y += 18
    return y, join(parts)


def _letter(
    x: float, zero: float, baseline: float, i: int, letter: str, effect: float, scale: float, unit: str, cell: float
) -> Markup:
    height = abs(effect) * scale
    parts = [
        tag("title", f"{letter} at position {i + 1}: {signed(effect, 3)} {unit} on its own"),
        tag(
            "rect",
            x=x + cell * 0.18,
            y=zero - height if effect >= 0 else zero,
            width=cell * 0.64,
            height=max(height, 0.5),
            rx=2,
            fill=by_sign(effect),
        ),
        _tile(x, baseline, _LETTER - 2, letter, 20, cell),
    ]
    if (i + 1) % _TICKS == 0 or i == 0:
        parts.append(text(str(i + 1), x + cell / 2, baseline + _LETTER + 13, 14, QUIET))
    return tag("g", *parts, data_feature=i)


def _number(middle: float, zero: float, effect: float, scale: float, *, upright: bool) -> Markup:
    """A bar's value at its tip, along the bar where its neighbours have theirs, too."""
    tip = zero - effect * scale
    if not upright:
        return text(signed(effect), middle, tip - 6 if effect >= 0 else tip + 15, 14, ink(effect), font_weight=600)
    y, anchor = (tip - 4, "start") if effect >= 0 else (tip + 4, "end")
    turned = f"rotate(-90 {middle:.1f} {y:.1f}) translate(0 5)"
    return text(signed(effect), middle, y, 14, ink(effect), anchor=anchor, transform=turned)


def _row(
    number: int,
    interaction: Interaction,
    letters: str,
    here: Sequence[int],
    y: float,
    unit: str,
    faded: bool,
    cell: float,
) -> Markup:
    """One interaction under one line of letters: its letters again, joined, with a label beside them."""
    members = [i for i in interaction.features if i in here]
    colour, size = by_sign(interaction.effect), _ROW - 8
    left, right = ((i - here[0]) * cell for i in (members[0], members[-1]))
    # The line runs on to the edge where the interaction goes on in another line of letters.
    start = 0.0 if interaction.features[0] < here[0] else left + cell / 2
    end = len(here) * cell if interaction.features[-1] > here[-1] else right + cell / 2
    label, told = f"I{number + 1} {signed(interaction.effect)}", ink(interaction.effect)
    return tag(
        "g",
        tag("title", f"{tooltip(number, interaction, unit)} beyond the sum of what they add one by one"),
        tag("path", d=f"M{start:.1f} {y + size / 2:.1f}H{end:.1f}", stroke=colour, stroke_width=2.5),
        *(_tile((i - here[0]) * cell, y, size, letters[i], 14, cell, edge=colour) for i in members),
        _label(label, name_motif(letters, interaction.features), left, right + cell, here, y + size / 2, told, cell),
        data_set=number,
        opacity=0.22 if faded else 1,
    )


def _rows(explanation: Explanation, chosen: int | None) -> list[int]:
    """Positions of the sets that get a row: families one after the other, what is inside below its head."""
    folded = [number for family in families(explanation.interactions) for number in family.members]
    return [number for place, number in enumerate(folded) if place < MAX_ROWS or number == chosen]


def _label(
    effect: str, motif: str | None, left: float, right: float, here: Sequence[int], y: float, colour: str, cell: float
) -> Markup:
    """On the side that has room for it; without the motif's name where neither has."""
    gap, width = 10.0, len(here) * cell
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


def _tile(
    x: float, y: float, height: float, letter: str, size: float, cell: float, *, edge: str | None = None
) -> Markup:
    colour, gap = NUCLEOTIDES.get(letter, NEUTRAL), cell * 0.05
    box = {"x": x + gap, "y": y, "width": cell - 2 * gap, "height": height, "rx": min(cell / 5, 5.0)}
    # Over a line the tile needs a ground of its own below its tint.
    ground = tag("rect", **box, style=f"fill:{GROUND}", stroke=edge, stroke_width=1.5) if edge else ""
    middle = y + height / 2 + size * 0.36
    symbol = text(letter, x + cell / 2, middle, size, colour, font_weight=700, font_family=_MONO)
    return join([ground, tag("rect", **box, fill=f"{colour}26"), symbol])


DRAWING = Drawing(views={"Sequence": sequence}, caption=caption, name=name)
