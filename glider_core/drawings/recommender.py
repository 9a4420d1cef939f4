"""The picture of a table row: a line per field with its main effect, arcs that join fields, and a matrix of pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape
from typing import Any

import glider_core as gl
from glider_core.drawings.palette import NEUTRAL, by_sign, tint
from glider_core.drawings.text import signed

MAX_ARCS = 8
_LINE, _TOP = 30.0, 34.0
_NAME, _VALUE, _BAR = 190.0, 190.0, 200.0  # widths of the columns
_HALO = 'style="paint-order:stroke;stroke:var(--st-background-color);stroke-width:4px;stroke-linejoin:round"'


def row(
    explanation: gl.Explanation,
    payload: Mapping[str, Any],
    chosen: int | None = None,
    truth: Collection[tuple[int, ...]] = (),
) -> str:
    """HTML of the picture.

    Args:
        explanation: of the row.
        payload: of its instance.
        chosen: position of the interaction to stress; the others fade.
        truth: planted sets of the row, whose arcs get a check mark.
    """
    shown = list(range(min(len(explanation.interactions), MAX_ARCS)))
    if chosen is not None and chosen < len(explanation.interactions) and chosen not in shown:
        shown.append(chosen)
    lanes = _lanes(explanation, shown)
    depth = (max(lanes.values(), default=-1) + 1) * 46.0 + 24
    width, height = _NAME + _VALUE + _BAR + depth, _TOP + len(explanation.names) * _LINE + 12
    wide = _drawing(explanation, payload, shown, lanes, chosen, truth, compact=False)
    narrow = _drawing(explanation, payload, shown, lanes, chosen, truth, compact=True)
    label = "The row with main effects and interactions"
    return (
        "<style>.glider-row{container-type:inline-size}.glider-row svg{width:100%;display:block;margin:auto}"
        ".glider-row .glider-narrow{display:none}"
        "@container (max-width:620px){.glider-row .glider-wide{display:none}"
        ".glider-row .glider-narrow{display:block}}</style>"
        f'<div class="glider-row"><svg class="glider-wide" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'style="max-width:{width:.0f}px" role="img" aria-label="{label}" '
        f'font-family="inherit">{wide}</svg>'
        f'<svg class="glider-narrow" viewBox="0 0 {_NAME + 90 + depth:.0f} {height:.0f}" role="img" '
        f'aria-label="{label}" font-family="inherit">{narrow}</svg></div>'
    )


def _drawing(
    explanation: gl.Explanation,
    payload: Mapping[str, Any],
    shown: list[int],
    lanes: Mapping[int, int],
    chosen: int | None,
    truth: Collection[tuple[int, ...]],
    *,
    compact: bool,
) -> str:
    effects = explanation.main_effects
    scale = max((abs(effect) for effect in effects), default=0.0) or 1.0
    value_width, bar_width = (0.0, 90.0) if compact else (_VALUE, _BAR)
    middle, half = _NAME + value_width + bar_width / 2, bar_width / 2 - 30 * (not compact)
    arcs_left = _NAME + value_width + bar_width + 4
    stressed = set(explanation.interactions[chosen].features) if chosen is not None and chosen in shown else set()
    head = "".join(
        f'<text x="{x:.1f}" y="18" font-size="12" fill="currentColor" opacity="0.65" text-anchor="{anchor}">'
        f"{text}</text>"
        for x, text, anchor in (
            (0.0, "field" if not compact else "field = value", "start"),
            *(() if compact else ((_NAME, "value", "start"),)),
            (middle, "own effect", "middle"),
            (arcs_left + 8, "together", "start"),
        )
    )
    lines = []
    for i, (name, effect) in enumerate(zip(explanation.names, effects, strict=True)):
        y = _TOP + i * _LINE
        length = abs(effect) / scale * half
        value, unknown = payload["row"][i], not payload["known"][i]
        weight = ' font-weight="700"' if i in stressed else ""
        text = _short(f"{name} = {value}", 29) if compact else _short(name, 26)
        shown_value = _short(value, 24) + (" (not learned)" if unknown and value != "(missing)" else "")
        tooltip = f"{name} = {value}: {signed(effect, 3)} logits on its own"
        colour, left = by_sign(effect), middle - length if effect < 0 else middle
        parts = [
            f'<path d="M0 {y + _LINE:.1f}H{arcs_left:.1f}" stroke="{NEUTRAL}" stroke-opacity="0.25"/>',
            f'<text x="0" y="{y + 20:.1f}" font-size="{12 if compact else 14}" fill="currentColor"{weight}>'
            f"{escape(text)}</text>",
            f'<rect x="{left:.1f}" y="{y + 8:.1f}" width="{max(length, 0.5):.1f}" height="{_LINE - 15:.1f}" rx="2" '
            f'fill="{colour}"/>',
        ]
        if not compact:
            side, anchor = (1, "start") if effect >= 0 else (-1, "end")
            parts.append(
                f'<text x="{_NAME}" y="{y + 20:.1f}" font-size="14" fill="currentColor" '
                f'opacity="{0.55 if unknown else 0.85}">{escape(shown_value)}</text>'
                f'<text x="{middle + (length + 5) * side:.1f}" y="{y + 19.5:.1f}" font-size="11.5" '
                f'text-anchor="{anchor}" fill="{colour}">{signed(effect)}</text>'
            )
        lines.append(f"<g><title>{escape(tooltip)}</title>{''.join(parts)}</g>")
    bottom = _TOP + len(effects) * _LINE
    axis = f'<path d="M{middle:.1f} {_TOP:.1f}V{bottom:.1f}" stroke="{NEUTRAL}" stroke-opacity="0.6"/>'
    arcs = "".join(
        _arc(number, explanation.interactions[number], lanes[number], arcs_left, chosen, truth)
        for number in reversed(shown)
    )
    return head + axis + "".join(lines) + arcs


def _lanes(explanation: gl.Explanation, shown: list[int]) -> dict[int, int]:
    """A lane for each interaction, so that brackets that share lines stand side by side; short ones near the table."""
    lanes: dict[int, int] = {}
    taken: list[list[tuple[int, int]]] = []
    by_span = sorted(
        shown, key=lambda n: (explanation.interactions[n].features[-1] - explanation.interactions[n].features[0], n)
    )
    for number in by_span:
        low, high = explanation.interactions[number].features[0], explanation.interactions[number].features[-1]
        lane = next((k for k, spans in enumerate(taken) if all(high < a or low > b for a, b in spans)), len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        lanes[number] = lane
    return lanes


def _arc(
    number: int,
    interaction: gl.Interaction,
    lane: int,
    left: float,
    chosen: int | None,
    truth: Collection[tuple[int, ...]],
) -> str:
    x = left + 20 + lane * 46.0
    heights = [_TOP + i * _LINE + _LINE / 2 for i in interaction.features]
    colour, opacity = by_sign(interaction.effect), 0.2 if chosen is not None and chosen != number else 1
    line = f"M{left:.1f} {heights[0]:.1f}H{x - 6:.1f}Q{x:.1f} {heights[0]:.1f} {x:.1f} {heights[0] + 6:.1f}"
    line += f"V{heights[-1] - 6:.1f}Q{x:.1f} {heights[-1]:.1f} {x - 6:.1f} {heights[-1]:.1f}H{left:.1f}"
    line += "".join(f"M{left:.1f} {y:.1f}H{x:.1f}" for y in heights[1:-1])
    feet = "".join(f'<circle cx="{left:.1f}" cy="{y:.1f}" r="3.2" fill="{colour}"/>' for y in heights)
    mark = " ✓" if interaction.features in truth else ""
    y = (heights[0] + heights[1]) / 2 + 4
    tooltip = f"I{number + 1} {' · '.join(interaction.names)}: together {signed(interaction.effect, 3)} logits"
    return (
        f'<g opacity="{opacity}"><title>{escape(tooltip)}</title><path d="{line}" fill="none" stroke="{colour}" '
        f'stroke-width="{max(3.6 - 0.3 * number, 1.4):.1f}"/>{feet}'
        f'<text x="{x + 4:.1f}" y="{y:.1f}" font-size="11.5" font-weight="700" fill="{colour}" {_HALO}>'
        f'I{number + 1}{mark}<tspan x="{x + 4:.1f}" dy="13" font-weight="400">{signed(interaction.effect, 1)}</tspan>'
        "</text></g>"
    )


def matrix(explanation: gl.Explanation) -> str:
    """HTML of the matrix of fields: a cell's colour is the joint effect of the strongest set that holds both."""
    d, size = len(explanation.names), 26.0
    left = 8 + max(len(_short(name, 18)) for name in explanation.names) * 7.0
    cells: dict[tuple[int, int], int] = {}
    for number, interaction in enumerate(explanation.interactions):
        for a in interaction.features:
            for b in interaction.features:
                if a < b:
                    cells.setdefault((a, b), number)
    scale = max((abs(explanation.interactions[n].effect) for n in cells.values()), default=0.0)
    parts = []
    for i, name in enumerate(explanation.names):
        y = 8 + i * size
        parts.append(
            f'<text x="{left - 6:.1f}" y="{y + 17:.1f}" text-anchor="end" font-size="12.5" fill="currentColor">'
            f"{escape(_short(name, 18))}</text>"
        )
        parts.append(
            f'<text transform="translate({left + i * size + 17:.1f} {8 + d * size + 6:.1f}) rotate(-55)" '
            f'text-anchor="end" font-size="12.5" fill="currentColor">{escape(_short(name, 18))}</text>'
        )
        for j in range(d):
            number = cells.get((min(i, j), max(i, j)))
            found = None if number is None else explanation.interactions[number]
            fill = "transparent" if found is None else tint(found.effect, scale)
            label = f"I{(number or 0) + 1} {' · '.join(found.names)}: {signed(found.effect, 3)} logits" if found else ""
            text = (
                f'<text x="{left + j * size + size / 2:.1f}" y="{y + 17:.1f}" text-anchor="middle" font-size="10.5" '
                f'fill="currentColor">{(number or 0) + 1}</text>'
                if found
                else ""
            )
            parts.append(
                f'<g><title>{escape(label)}</title><rect x="{left + j * size:.1f}" y="{y:.1f}" width="{size:.1f}" '
                f'height="{size:.1f}" fill="{fill}" stroke="{NEUTRAL}" stroke-opacity="0.3"/>{text}</g>'
            )
    width, height = left + d * size + 8, 8 + d * size + left * 0.85
    return (
        f'<svg class="glider-matrix" viewBox="0 0 {width:.0f} {height:.0f}" style="width:100%;max-width:{width:.0f}px;'
        f'display:block;margin:auto" role="img" aria-label="Which fields act together" font-family="inherit" '
        f'stroke-width="1">{"".join(parts)}</svg>'
    )


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
