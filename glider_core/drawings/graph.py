"""The picture of a node's neighbourhood: colour for class, size for main effect, bands for interactions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from glider_core.domains.graph.layout import positions
from glider_core.domains.graph.payload import NeighbourhoodPayload
from glider_core.drawings import PLAIN, Drawing, Look
from glider_core.drawings.families import families
from glider_core.drawings.palette import CLASSES, NEUTRAL, by_sign, ink
from glider_core.drawings.sentences import tooltip, unit_of
from glider_core.drawings.svg import figure, halo, join, short, tag, text
from glider_core.numerals import signed
from glider_core.results import Explanation, Interaction

MAX_BANDS = 4  # drawn when none is stressed; more would cover the graph
_ALL_NAMED = 45  # up to so many nodes, all get their name
_SMALL, _LARGE = 4.0, 15.0  # radii
_MARGIN = 34.0
_TOLD = 0.1  # of the scale; a smaller effect gets no number
_LONGEST = 16  # letters of a node's name
_Box = tuple[float, float, float, float]  # left, top, right, bottom


def network(
    explanation: Explanation, payload: NeighbourhoodPayload, chosen: int | None = None, *, look: Look = PLAIN
) -> Markup:
    """The neighbourhood; its nodes carry `data-pick`, their number in the whole graph.

    Of interactions the strongest are drawn, or the chosen one alone.
    """
    places, layouts = _places(payload), []
    for name, width, height in (("wide", 940.0, 500.0), ("middle", 570.0, 400.0), ("narrow", 335.0, 560.0)):
        room = np.array([width, height]) - 2 * _MARGIN
        layouts.append((name, width, height, _content(explanation, payload, places * room + _MARGIN, chosen, look)))
    return _legend(payload) + figure(layouts, f"Neighbourhood of {explanation.names[payload.node]} with interactions")


def caption(explanation: Explanation, payload: NeighbourhoodPayload) -> str:
    """How to read the neighbourhood."""
    d = len(explanation.names)
    left_out = f" Of {payload.reach} nodes in reach, the {d} that weigh most are switched." * (payload.reach > d)
    return (
        "The ringed node is explained; nodes up to three ties away decide its class. Fill: the model's class, rim: the "
        "true one. Size and number: a node's own effect. Bands: nodes that act together, with what they add jointly, "
        f"in {unit_of(explanation)}. Click a node: off; twice: it is explained.{left_out}"
    )


DRAWING = Drawing(views={"Network": network}, caption=caption)


@lru_cache(maxsize=32)  # a graph is drawn again for each interaction that is looked at
def _places(payload: NeighbourhoodPayload) -> NDArray[np.float64]:
    """(d, 2) in 0..1."""
    return positions(len(payload.numbers), payload.edges, payload.node, payload.hops)


def _content(
    explanation: Explanation,
    payload: NeighbourhoodPayload,
    points: NDArray[np.float64],
    chosen: int | None,
    look: Look,
) -> Markup:
    effects = np.array(explanation.main_effects)
    largest = max(np.abs(effects).max(), look.scale or 0.0) or 1.0
    radii = _SMALL + (_LARGE - _SMALL) * np.sqrt(np.abs(effects) / largest)
    if len(points) > 120:
        radii *= 0.75
    ties = "".join(
        f"M{points[a][0]:.1f} {points[a][1]:.1f}L{points[b][0]:.1f} {points[b][1]:.1f}" for a, b in payload.edges
    )
    heads = [family.head for family in families(explanation.interactions)]
    shown = [chosen] if chosen is not None else sorted(heads[:MAX_BANDS])
    shown = [number for number in shown if number < len(explanation.interactions)]
    members = {i for number in shown for i in explanation.interactions[number].features}
    named = set(range(len(points))) if len(points) <= _ALL_NAMED else members | {payload.node}
    numbered = {i for i in named if look.numbers and abs(effects[i]) >= _TOLD * (look.scale or 0.0)}
    first = sorted(named, key=lambda i: (i not in members and i != payload.node, i))
    boxes = _label_boxes(first, points, radii, explanation.names, numbered, payload.node)
    taken = [boxes[i] for i in sorted(members | {payload.node}) if i in boxes]
    taken += [_circle_box(points[i], radii[i]) for i in sorted(members)]
    bands, labels, unit = [], [], unit_of(explanation)
    for number in shown:
        band, label = _band(number, explanation.interactions[number], points, taken, unit)
        bands.insert(0, band)  # the strongest on top
        labels.append(label)
    order = sorted(range(len(points)), key=lambda i: -radii[i])  # small ones on top
    nodes = (
        _node(i, explanation, payload, points[i], radii[i], boxes.get(i), i in members, i in numbered) for i in order
    )
    opacity = 0.42 if len(points) <= 120 else 0.25
    lines = tag("path", d=ties, fill="none", stroke=NEUTRAL, stroke_opacity=opacity, stroke_width=1)
    return join([lines, *bands, *nodes, *labels])


def _node(
    i: int,
    explanation: Explanation,
    payload: NeighbourhoodPayload,
    point: NDArray[np.float64],
    radius: float,
    box: _Box | None,  # of its name and number; None: it has neither
    member: bool,
    numbered: bool,
) -> Markup:
    label, effect, name = payload.labels[i], explanation.main_effects[i], explanation.names[i]
    said = payload.predicted[i] if payload.predicted else label
    kind = payload.classes[label] if label >= 0 else "class unknown"
    if said not in (label, -1) and label >= 0:
        kind += f", the model says {payload.classes[said]}"
    x, y, centre = float(point[0]), float(point[1]), i == payload.node
    wrong = label >= 0 and said != label
    circle = {"cx": x, "cy": y, "stroke_width": 3.5 if wrong else 2.2 if radius > 6 else 1.2}
    parts = [tag("title", f"{name} ({kind}): {signed(effect, 3)} {unit_of(explanation)} on its own")]
    if centre:
        parts.append(tag("circle", cx=x, cy=y, r=radius + 4.5, fill="none", stroke="currentColor", stroke_width=2))
    parts.append(tag("circle", **circle, r=radius, fill=_colour(said), stroke=_colour(label)))
    if box is not None:
        line, weight = box[1] + 14, 700 if centre or member else None
        parts.append(text(short(name, _LONGEST), x, line, 14, font_weight=weight, style=halo()))
        if numbered:
            parts.append(text(signed(effect), x, line + 14, 14, ink(effect), style=halo()))
    return tag("g", *parts, data_feature=i, data_pick=payload.numbers[i])


def _band(
    number: int, interaction: Interaction, points: NDArray[np.float64], taken: list[_Box], unit: str
) -> tuple[Markup, Markup]:
    """A band along the shortest tree through the members, and its label where it covers no other; `taken` grows."""
    pieces = _tree(points[list(interaction.features)])
    line = "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in pieces)
    colour, label = by_sign(interaction.effect), f"I{number + 1} {signed(interaction.effect)}"
    x, y = _free_place(pieces, len(label) * 7.2 / 2, taken)
    band = tag(
        "path",
        d=line,
        fill="none",
        stroke=colour,
        stroke_opacity=0.38,
        stroke_width=max(24 - 4 * number, 10),
        stroke_linecap="round",
        stroke_linejoin="round",
    )
    return (
        tag("g", tag("title", tooltip(number, interaction, unit)), band, data_set=number),
        text(label, x, y, 14, ink(interaction.effect), font_weight=700, data_set=number, style=halo()),
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


def _label_boxes(
    order: Sequence[int],
    points: NDArray[np.float64],
    radii: NDArray[np.float64],
    names: Sequence[str],
    numbered: Collection[int],
    centre: int,
) -> dict[int, _Box]:
    """Where names and numbers stand: below their node, or above it where that is free and below is not."""
    circles = [_circle_box(point, radius) for point, radius in zip(points, radii, strict=True)]
    boxes: dict[int, _Box] = {}
    for i in order:
        x, y = points[i].tolist()
        half = max(len(short(names[i], _LONGEST)), 5 if i in numbered else 0) * 7.2 / 2
        away, height = float(radii[i]) + (5 if i == centre else 0), 32.0 if i in numbered else 18.0
        below = (x - half, y + away, x + half, y + away + height)
        above = (x - half, y - away - height - 2, x + half, y - away - 2)
        others = [*boxes.values(), *(circle for j, circle in enumerate(circles) if j != i)]
        free = (spot for spot in (below, above) if not any(_overlap(spot, other) for other in others))
        boxes[i] = next(free, below)
    return boxes


def _circle_box(point: NDArray[np.float64], radius: float) -> _Box:
    x, y = point.tolist()
    return x - radius, y - radius, x + radius, y + radius


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _tree(points: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The minimum spanning tree of a few points (Prim), as pairs of points."""
    inside, outside, pieces = [0], list(range(1, len(points))), []
    while outside:
        distance = np.linalg.norm(points[inside][:, None] - points[outside][None], axis=2)
        near, far = np.unravel_index(distance.argmin(), distance.shape)
        pieces.append((points[inside[near]], points[outside[far]]))
        inside.append(outside.pop(int(far)))
    return pieces


def _legend(payload: NeighbourhoodPayload) -> Markup:
    present = sorted({label for label in (*payload.labels, *payload.predicted) if label >= 0})
    entries = (
        tag("span", tag("i", style=f"background:{_colour(label)}"), short(payload.classes[label], 28))
        for label in present[:12]
    )
    return _STYLE + tag("div", *entries, class_="glider-classes")


_STYLE = Markup(
    "<style>.glider-classes{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;justify-content:center;font-size:.85rem}"
    ".glider-classes span{display:flex;align-items:center;gap:.4rem}"
    ".glider-classes i{width:.75rem;height:.75rem;border-radius:50%}</style>"
)


def _colour(label: int) -> str:
    return CLASSES[label % len(CLASSES)] if label >= 0 else NEUTRAL
