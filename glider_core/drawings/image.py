"""The picture of a photo: its superpixels, their main effects, and each interaction lit alone (Figures 4a and 6)."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import product

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from glider_core.domains.image.payload import ImagePayload
from glider_core.domains.image.superpixels import outlines
from glider_core.drawings import PLAIN, Drawing, Look
from glider_core.drawings.palette import by_sign, ink, tint
from glider_core.drawings.plane import Box, area, contains, overlap
from glider_core.drawings.sentences import notes, unit_of
from glider_core.drawings.svg import halo, join, tag, text
from glider_core.engine.interaction_sets import merge_overlaps
from glider_core.numerals import signed
from glider_core.results import Explanation

MAX_TILES = 6
_TOLD = 0.3  # of the largest effect; a smaller one is neither named nor numbered until someone points at it
_GREY = "filter:grayscale(1)"
_HIGH, _WIDE = 368.0, 276.0  # pixels of a screen: the large picture's greatest height, its least width, as one of two
# Where a name can stand in its superpixel, in sizes of a letter from the middle, the nearest first.
_BESIDE = sorted(product((0, -1.5, 1.5, -3, 3), (0, 1, -1, 2, -2, 3)), key=lambda by: by[0] ** 2 + by[1] ** 2)
_READABLE = 14.0  # pixels that letters have at least, whichever of both the picture is as large as
Outlines = Sequence[Sequence[NDArray[np.float64]]]  # per superpixel, in pixels of the picture
Group = tuple[str, tuple[int, ...], int]  # what is drawn as one: its name, its superpixels, its first interaction


def boundaries(picture: NDArray[np.uint8], outlines: Outlines, labels: NDArray[np.int64] | None = None) -> Markup:
    """The picture (height, width, 3) with its superpixels, before anything was asked.

    Where superpixel numbers (height, width) are given, pixels in none, -1, are shaded: the model does not see them.
    """
    height, width = picture.shape[:2]
    shade = [] if labels is None else _shade(_outside(labels))
    parts = (tag("path", tag("title", f"S{i + 1}"), d=path_of(curves)) for i, curves in enumerate(outlines))
    drawing = tag(
        "svg",
        tag("image", href=_data(picture.tobytes(), picture.shape), width=width, height=height),
        *shade,
        tag("g", *parts, fill="transparent", stroke="#ffe14d", stroke_width=1),
        class_="glider-boundaries",
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=f"The picture with {len(outlines)} superpixels",
    )
    return _STYLE + tag("div", drawing, class_="glider-photo", style="max-width:30rem")


def photo(explanation: Explanation, payload: ImagePayload, chosen: int | None = None, *, look: Look = PLAIN) -> Markup:
    """A large overlay of all interactions, and below it the original, main effects, I1, I2, ...

    Without interactions, the large picture is that of the main effects.
    Interactions that share half of the smaller one's superpixels are drawn as one, as in the paper; a chosen one is
    drawn by itself.
    """
    groups = groups_of(explanation, chosen)
    sheet = _Sheet.of(payload, groups)
    hints = [tag("title", _tooltip(explanation, i)) for i in range(len(sheet.shapes))]
    scale = look.scale or max((abs(effect) for effect in explanation.main_effects), default=0.0)
    effects = [sheet.part(i, fill=tint_over(effect, scale)) for i, effect in enumerate(explanation.main_effects)]
    everything = range(len(sheet.shapes))
    tiles = [
        sheet.tile("Original", sheet.photo(), tag("g", *sheet.parts(everything), class_="glider-lines")),
        *([sheet.tile("Main effects", sheet.photo(style=_GREY, opacity=0.55), tag("g", *effects))] if groups else []),
        *(_lit(sheet, explanation, number, *group) for number, group in enumerate(groups)),
    ]
    large = _large(sheet, explanation, payload, groups, hints, effects, numbers=look.numbers)
    return join([notes(payload.assumptions), _STYLE]) + tag(
        "div", large, tag("div", *tiles, class_="glider-tiles"), class_="glider-photo"
    )


def caption(explanation: Explanation, payload: ImagePayload) -> str:
    """How to read the photo."""
    return (
        "Lit: superpixels that act together, coloured by the sign of what they add; paler: those of other sets that "
        "share half of their superpixels, merged with it. Small pictures: what each superpixel does alone, then each "
        "set lit by itself." + (" Shaded: what the model does not see." if _unseen(payload) else "")
    )


DRAWING = Drawing(views={"Photo": photo}, caption=caption)

_STYLE = Markup(
    "<style>.glider-photo{container-type:inline-size;padding:.5rem 0}.glider-large svg{max-height:23rem}"
    ".glider-photo figure{margin:0}.glider-photo svg{width:100%;"
    "display:block;border-radius:.4rem}.glider-photo figcaption{font-size:.875rem;padding-top:.25rem;line-height:1.3}"
    ".glider-tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr));gap:.5rem;padding-top:.4rem}"
    ".glider-lines{fill:none;stroke:#ffe14d;stroke-width:1.2}.glider-part{fill:transparent}"
    ".glider-part:hover{fill:#ffffff40;stroke:#fff;stroke-width:1.5}"
    ".glider-names .glider-quiet:not(.is-lit,.is-at,.is-off){opacity:0}.glider-names text.is-off{opacity:1}"
    ".glider-names text.is-at.is-at{outline:none}"
    ".glider-photo text{pointer-events:none}"  # what lies under it is clicked
    ".glider-names text{font-weight:600;fill:#fff;paint-order:stroke;stroke:#000c;stroke-linejoin:round}</style>"
)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What all views of one photo share: its pixels and superpixels, which are stored once and used by their ids."""

    key: str  # begins every id; ids count in the whole page, on which other photos may stand
    width: int
    height: int
    shapes: Outlines

    @classmethod
    def of(cls, payload: ImagePayload, groups: Sequence[Group]) -> _Sheet:
        content = payload.png + payload.labels_png + repr(groups).encode()
        height, width = payload.picture.shape[:2]
        return cls(f"g{sha256(content).hexdigest()[:12]}", width, height, _outlines(payload))

    def photo(self, **attributes: str | float) -> Markup:
        return tag("use", href=f"#{self.key}photo", **attributes)

    def part(self, i: int, *hint: Markup, **attributes: str | float) -> Markup:
        return tag("use", *hint, href=f"#{self.key}s{i}", **attributes)

    def parts(self, members: Collection[int]) -> list[Markup]:
        return [self.part(i) for i in members]

    def view(self, *content: Markup, **attributes: str) -> Markup:
        return tag("svg", *content, viewBox=f"0 0 {self.width} {self.height}", role="img", **attributes)

    def tile(self, heading: str, *content: Markup) -> Markup:
        told = heading.striptags() if isinstance(heading, Markup) else heading
        return tag("figure", self.view(*content, aria_label=told), tag("figcaption", heading))


def _large(
    sheet: _Sheet,
    explanation: Explanation,
    payload: ImagePayload,
    groups: Sequence[Group],
    hints: Sequence[Markup],
    effects: Sequence[Markup],
    *,
    numbers: bool,
) -> Markup:
    """All interactions over the photo, which is stored here for the tiles, too; without any, the main effects."""
    pixels = payload.picture
    image = tag("image", href=_data(pixels.tobytes(), pixels.shape), width=sheet.width, height=sheet.height)
    stored = (tag("path", id=f"{sheet.key}s{i}", d=path_of(curves)) for i, curves in enumerate(sheet.shapes))
    overlay = [_overlay(sheet, explanation, members, first) for _, members, first in groups]
    under = {}
    if not groups:  # tints are seen on grey alone
        overlay, under = [tag("g", *effects)], {"style": _GREY, "opacity": 0.6}
    labels, taken = _labels(sheet, explanation, [first for _, _, first in groups])
    drawing = sheet.view(
        tag("defs", tag("g", image, id=f"{sheet.key}photo"), *stored),
        sheet.photo(**under),
        *_shade(_unseen(payload)),
        *reversed(overlay),  # the strongest on top
        *(sheet.part(i, hint, class_="glider-part", data_feature=i) for i, hint in enumerate(hints)),
        tag("g", *_names(sheet, explanation, groups, taken, numbers=numbers), class_="glider-names"),
        *labels,
        class_="glider-wide",
        aria_label="The picture with its interactions",
    )
    heading = "All that act together" if groups else "What each superpixel does alone"
    return tag("figure", drawing, tag("figcaption", heading), class_="glider-large")


def _overlay(sheet: _Sheet, explanation: Explanation, members: Collection[int], first: int) -> Markup:
    """The superpixels of a group, those of its first interaction the densest."""
    colour, stressed = _colour(explanation, first), explanation.interactions[first].features
    others = [i for i in members if i not in stressed]
    return tag(
        "g",
        tag("g", *sheet.parts(others), fill=f"{colour}2b", stroke=colour, stroke_opacity=0.55, stroke_width=1.0),
        tag("g", *sheet.parts(stressed), fill=f"{colour}99", stroke=colour, stroke_width=2.2),
        data_set=first,
    )


def tint_over(value: float, scale: float) -> str:
    """The colour of an effect over a photo, in which a weak one would not be seen: denser by its root."""
    return tint(math.copysign(math.sqrt(abs(value) / scale), value), 1.0) if scale > 0 else tint(0.0, 1.0)


def _shade(curves: Sequence[NDArray[np.float64]]) -> list[Markup]:
    """The part of the photo that is cut off before the model sees it, in shade."""
    if not curves:
        return []
    hint = tag("title", "The model does not see this part")
    return [tag("path", hint, d=path_of(curves), fill="#000000", fill_opacity=0.55, fill_rule="evenodd")]


def _lit(
    sheet: _Sheet, explanation: Explanation, number: int, name: str, members: Collection[int], first: int
) -> Markup:
    """A tile in which these superpixels alone are lit."""
    effect, parts, cut = explanation.interactions[first].effect, sheet.parts(members), f"{sheet.key}c{number}"
    colour = by_sign(effect)
    lit = sheet.tile(
        tag("b", name, style=f"color:{ink(effect)}"),
        tag("clipPath", *parts, id=cut),
        sheet.photo(style=_GREY, opacity=0.16),
        sheet.photo(clip_path=f"url(#{cut})"),
        tag("g", *parts, fill="none", stroke=colour, stroke_width=2),
    )
    return tag("div", lit, data_set=first)


def _names(
    sheet: _Sheet, explanation: Explanation, groups: Sequence[Group], taken: Sequence[Box], *, numbers: bool
) -> list[Markup]:
    """Superpixels' names in their middle: seen are those of the first set; without sets, those whose effect matters.

    The others', and those that would stand over another text, are there for whoever points at them.
    """
    inside = explanation.interactions[groups[0][2]].features if groups else ()
    size, drawn, boxes = _readable(sheet), [], list(taken)
    largest = max((abs(effect) for effect in explanation.main_effects), default=0.0)
    for i in sorted(range(len(sheet.shapes)), key=lambda i: -abs(explanation.main_effects[i])):
        if not sheet.shapes[i]:
            continue
        curve = max(sheet.shapes[i], key=area)[:-1]
        x, y = middle = curve.mean(axis=0).tolist()
        effect = explanation.main_effects[i]
        matters = abs(effect) >= _TOLD * largest
        told = numbers and not groups and matters
        half = size * (1.3 if told else 0.9)
        seen = False
        for right, down in _BESIDE if i in inside or (not groups and matters) else ():
            x, y = middle[0] + right * size, middle[1] + down * size
            box = (x - half, y - size, x + half, y + size * told)
            within = (right, down) == (0, 0) or contains(curve, x, y - size / 2)
            if seen := within and not any(overlap(box, other) for other in boxes):
                boxes.append(box)
                break
        x, y = (x, y) if seen else middle
        style = {"stroke_width": size / 4, "data_feature": i, "class_": None if seen else "glider-quiet"}
        drawn.append(text(explanation.names[i], x, y, size, "#fff", **style))
        if told:
            drawn.append(text(signed(effect, 1), x, y + size, size, "#fff", **style))
    return drawn


def _labels(sheet: _Sheet, explanation: Explanation, firsts: Sequence[int]) -> tuple[list[Markup], list[Box]]:
    """Of each group the first interaction with its effect, on the largest of its superpixels, none over another."""
    size = math.ceil(max(sheet.width / 19, 11, _readable(sheet)))
    drawn: list[Markup] = []
    taken: list[Box] = []
    for first in firsts:
        interaction = explanation.interactions[first]
        largest = max((curve for i in interaction.features for curve in sheet.shapes[i]), key=area, default=None)
        if largest is None:
            continue
        (x, y), label = largest[:-1].mean(axis=0).tolist(), f"I{first + 1} {signed(interaction.effect)}"
        half = len(label) * size * 0.27
        above = max(size * 0.7, _readable(sheet) * 1.02)  # the superpixel's own name stands in its middle
        x, y = min(max(x, half), sheet.width - half), max(y - above, size)
        while any(overlap((x - half, y - size, x + half, y), other) for other in taken):
            y = y - size if y >= 2 * size else max(bottom for *_, bottom in taken) + size
        taken.append((x - half, y - size, x + half, y))
        style = halo(ground=_colour(explanation, first))
        drawn.append(text(label, x, y, size, "#fff", data_set=first, font_weight=700, style=style))
    return drawn, taken


def _readable(sheet: _Sheet) -> float:
    """The size of letters, in pixels of the photo, that can be read on any screen."""
    return math.ceil(10 * _READABLE * max(sheet.height / _HIGH, sheet.width / _WIDE)) / 10


def _colour(explanation: Explanation, number: int) -> str:
    return by_sign(explanation.interactions[number].effect)


def groups_of(explanation: Explanation, chosen: int | None = None) -> list[Group]:
    """Names such as `I1, I3 merged` and superpixels of what is drawn, strongest first."""
    interactions = explanation.interactions
    if chosen is not None and chosen < len(interactions):
        return [(f"I{chosen + 1} {signed(interactions[chosen].effect)}", interactions[chosen].features, chosen)]
    groups = []
    for members in merge_overlaps([interaction.features for interaction in interactions]):
        inside = [n for n, interaction in enumerate(interactions) if set(interaction.features) <= set(members)]
        groups.append((inside, members))
    groups.sort(key=lambda group: group[0][0])
    return [(_name(explanation, inside), members, inside[0]) for inside, members in groups[:MAX_TILES]]


def _name(explanation: Explanation, inside: Sequence[int]) -> str:
    if len(inside) == 1:
        return f"I{inside[0] + 1} {signed(explanation.interactions[inside[0]].effect)}"
    shown = ", ".join(f"I{n + 1}" for n in inside[:4]) + (" …" if len(inside) > 4 else "")
    return f"{shown} merged"


def _tooltip(explanation: Explanation, i: int) -> str:
    within = [f"I{n + 1}" for n, interaction in enumerate(explanation.interactions) if i in interaction.features]
    joined = f"; in {', '.join(within)}" if within else ""
    effect = signed(explanation.main_effects[i], 3)
    return f"{explanation.names[i]}: {effect} {unit_of(explanation)} on its own{joined}"


def path_of(curves: Sequence[NDArray[np.float64]]) -> str:
    """Closed curves, each (points, 2), as the path of an element."""
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in curve[:-1]) + "Z" for curve in curves)


@lru_cache(maxsize=16)  # a photo is drawn again for each interaction that is looked at
def _outlines(payload: ImagePayload) -> Outlines:
    return outlines(payload.labels)


@lru_cache(maxsize=16)
def _unseen(payload: ImagePayload) -> Sequence[NDArray[np.float64]]:
    return _outside(payload.labels)


def _outside(labels: NDArray[np.int64]) -> Sequence[NDArray[np.float64]]:
    """Outlines of what belongs to no superpixel."""
    outside = labels < 0
    return outlines(np.where(outside, 0, -1))[0] if outside.any() else ()


@lru_cache(maxsize=16)
def _data(pixels: bytes, shape: tuple[int, ...]) -> str:
    """An address that holds the picture itself."""
    file = io.BytesIO()
    Image.fromarray(np.frombuffer(pixels, dtype=np.uint8).reshape(shape)).save(file, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
