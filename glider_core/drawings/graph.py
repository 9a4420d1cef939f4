"""The picture of a node's neighbourhood: colour for class, size for main effect, bands for interactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

import glider_core as gl
from glider_core.drawings import brackets
from glider_core.drawings.palette import CLASSES, NEUTRAL, by_sign
from glider_core.drawings.text import signed

MAX_BANDS = 4  # drawn when none is stressed; more would cover the graph
_ALL_NAMED = 45  # up to so many nodes, all get their name
_SMALL, _LARGE = 4.0, 15.0  # radii
_MARGIN = 34.0
_Box = tuple[float, float, float, float]  # left, top, right, bottom
_HALO = 'style="paint-order:stroke;stroke:var(--st-background-color);stroke-width:4px;stroke-linejoin:round"'


def network(
    explanation: gl.Explanation, payload: Mapping[str, Any], places: NDArray[np.float64], chosen: int | None = None
) -> str:
    """HTML of the picture; its nodes carry `data-pick`, their number in the whole graph.

    Args:
        explanation: of the node.
        payload: of its instance.
        places: (d, 2) in 0..1.
        chosen: position of the interaction to stress; the others are left out.
    """
    layouts = []
    for name, width, height in (("wide", 940.0, 560.0), ("narrow", 480.0, 560.0)):
        room = np.array([width, height]) - 2 * _MARGIN
        layouts.append((name, width, height, _content(explanation, payload, places * room + _MARGIN, chosen)))
    drawing = brackets.figure(layouts, f"Neighbourhood of {explanation.names[payload['node']]} with interactions")
    return _legend(payload) + drawing


def _content(
    explanation: gl.Explanation, payload: Mapping[str, Any], points: NDArray[np.float64], chosen: int | None
) -> str:
    effects = np.array(explanation.main_effects)
    largest = np.abs(effects).max() or 1.0
    radii = _SMALL + (_LARGE - _SMALL) * np.sqrt(np.abs(effects) / largest)
    if len(points) > 120:
        radii *= 0.75
    ties = "".join(
        f"M{points[a][0]:.1f} {points[a][1]:.1f}L{points[b][0]:.1f} {points[b][1]:.1f}" for a, b in payload["edges"]
    )
    shown = [chosen] if chosen is not None else list(range(min(len(explanation.interactions), MAX_BANDS)))
    shown = [number for number in shown if number < len(explanation.interactions)]
    members = {i for number in shown for i in explanation.interactions[number].features}
    named = set(range(len(points))) if len(points) <= _ALL_NAMED else members | {payload["node"]}
    taken = [_name_box(points[i], radii[i], explanation.names[i]) for i in sorted(members | {payload["node"]})]
    bands, labels = [], []
    for number in shown:
        band, label = _band(number, explanation.interactions[number], points, taken)
        bands.insert(0, band)  # the strongest on top
        labels.append(label)
    order = sorted(range(len(points)), key=lambda i: -radii[i])  # small ones on top
    nodes = "".join(_node(i, explanation, payload, points[i], radii[i], i in named, i in members) for i in order)
    opacity = 0.42 if len(points) <= 120 else 0.25
    return (
        f'<path d="{ties}" fill="none" stroke="{NEUTRAL}" stroke-opacity="{opacity}" stroke-width="1"/>'
        f"{''.join(bands)}{nodes}{''.join(labels)}"
    )


def _node(
    i: int,
    explanation: gl.Explanation,
    payload: Mapping[str, Any],
    point: NDArray[np.float64],
    radius: float,
    named: bool,
    member: bool,
) -> str:
    label, effect = payload["labels"][i], explanation.main_effects[i]
    kind = payload["classes"][label] if label >= 0 else "class unknown"
    x, y = point
    centre = i == payload["node"]
    ring = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius + 4.5:.1f}" fill="none" stroke="currentColor" stroke-width="2"/>'
        if centre
        else ""
    )
    weight = ' font-weight="700"' if centre or member else ""
    name = (
        f'<text x="{x:.1f}" y="{y + radius + (17 if centre else 12.5):.1f}" text-anchor="middle" font-size="11.5"'
        f'{weight} fill="currentColor" {_HALO}>{escape(_short(explanation.names[i]))}</text>'
        if named
        else ""
    )
    tooltip = f"{explanation.names[i]} ({kind}): {signed(effect, 3)} logits on its own"
    return (
        f'<g data-pick="{payload["numbers"][i]}" style="cursor:pointer"><title>{escape(tooltip)}</title>{ring}'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{_colour(label)}" '
        f'stroke="{by_sign(effect)}" stroke-width="{2.2 if radius > 6 else 1.2}"/>{name}</g>'
    )


def _band(number: int, interaction: gl.Interaction, points: NDArray[np.float64], taken: list[_Box]) -> tuple[str, str]:
    """A band along the shortest tree through the members, and its label where it covers no other; `taken` grows."""
    pieces = _tree(points[list(interaction.features)])
    colour = by_sign(interaction.effect)
    line = "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in pieces)
    tooltip = f"I{number + 1} {' · '.join(interaction.names)}: together {signed(interaction.effect, 3)} logits"
    label = f"I{number + 1} {signed(interaction.effect)}"
    x, y = _free_place(pieces, len(label) * 7.2 / 2, taken)
    return (
        f'<g><title>{escape(tooltip)}</title><path d="{line}" fill="none" stroke="{colour}" stroke-opacity="0.38" '
        f'stroke-width="{max(24 - 4 * number, 10)}" stroke-linecap="round" stroke-linejoin="round"/></g>',
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="13" font-weight="700" fill="{colour}" '
        f'pointer-events="none" {_HALO}>{label}</text>',
    )


def _free_place(
    pieces: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], half: float, taken: list[_Box]
) -> tuple[float, float]:
    """Where a label of this half width stands: on or near the band, off all others."""
    longest_first = sorted(pieces, key=lambda piece: -float(np.linalg.norm(piece[0] - piece[1])))
    spots = [
        (float(x), float(y) + lift)
        for lift in (-4, 18, -22, 34, -40, 52, -58)
        for a, b in longest_first
        for x, y in ((a + b) / 2, a + 0.3 * (b - a), a + 0.7 * (b - a))
    ]
    boxes = [(x - half, y - 11, x + half, y + 3) for x, y in spots]
    best = next((i for i, box in enumerate(boxes) if not any(_overlap(box, other) for other in taken)), 0)
    taken.append(boxes[best])
    return spots[best]


def _name_box(point: NDArray[np.float64], radius: float, name: str) -> _Box:
    x, y = point
    half = max(len(_short(name)) * 6.6 / 2, radius)
    return x - half, y - radius, x + half, y + radius + 16


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _tree(points: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The minimum spanning tree of a few points (Prim), as pairs of points."""
    inside, outside, pieces = [0], list(range(1, len(points))), []
    while outside:
        distance = np.linalg.norm(points[inside][:, None] - points[outside][None], axis=2)
        near, far = np.unravel_index(distance.argmin(), distance.shape)
        pieces.append((points[inside[near]], points[outside[far]]))
        inside.append(outside.pop(int(far)))
    return pieces


def _legend(payload: Mapping[str, Any]) -> str:
    present: Sequence[int] = sorted({label for label in payload["labels"] if label >= 0})
    entries = "".join(
        f'<span><i style="background:{_colour(label)}"></i>{escape(_short(payload["classes"][label], 28))}</span>'
        for label in present[:12]
    )
    return (
        "<style>.glider-classes{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;justify-content:center;font-size:.85rem}"
        ".glider-classes span{display:flex;align-items:center;gap:.4rem}"
        ".glider-classes i{width:.75rem;height:.75rem;border-radius:50%}</style>"
        f'<div class="glider-classes">{entries}</div>'
    )


def _colour(label: int) -> str:
    return CLASSES[label % len(CLASSES)] if label >= 0 else NEUTRAL


def _short(name: str, longest: int = 16) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "…"
