"""The picture of a photo: its superpixels, their main effects, and each interaction lit alone (Figures 4a and 6)."""

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import glider_core as gl
from glider_core.drawings.palette import CLASSES, tint
from glider_core.drawings.text import signed
from glider_core.engine.interaction_sets import merge_overlaps

MAX_TILES = 6
Outlines = Sequence[Sequence[NDArray[np.float64]]]  # per superpixel, in pixels of the picture


def boundaries(picture: NDArray[np.uint8], outlines: Outlines) -> str:
    """HTML of the picture with its superpixels, before anything was asked."""
    height, width = picture.shape[:2]
    parts = "".join(f'<path d="{_path(curves)}"><title>S{i + 1}</title></path>' for i, curves in enumerate(outlines))
    return (
        f'{_STYLE}<div class="glider-photo" style="max-width:30rem">'
        f'<svg class="glider-boundaries" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="The picture with {len(outlines)} superpixels">'
        f'<image href="{_data(picture)}" width="{width}" height="{height}"/>'
        f'<g fill="transparent" stroke="#ffe14d" stroke-width="1">{parts}</g></svg></div>'
    )


def photo(
    explanation: gl.Explanation, picture: NDArray[np.uint8], outlines: Outlines, chosen: int | None = None
) -> str:
    """HTML: a large overlay of all interactions, and beside it the original, main effects, I1, I2, ...

    Interactions that share half of the smaller one's superpixels are drawn as one, as in the paper; a chosen one is
    drawn by itself.

    Args:
        explanation: of the picture.
        picture: (height, width, 3).
        outlines: of its superpixels.
        chosen: position of the interaction to stress.
    """
    height, width = picture.shape[:2]
    groups = _groups(explanation, chosen)
    box = f'viewBox="0 0 {width} {height}" role="img"'
    image = f'<image href="{_data(picture)}" width="{width}" height="{height}"/>'
    paths = [_path(curves) for curves in outlines]
    stored = "".join(f'<path id="gs{i}" d="{path}"/>' for i, path in enumerate(paths))
    scale = max((abs(effect) for effect in explanation.main_effects), default=0.0)
    effects = "".join(
        f'<use href="#gs{i}" fill="{tint(effect, scale)}"><title>{_tooltip(explanation, i)}</title></use>'
        for i, effect in enumerate(explanation.main_effects)
    )
    colours = [CLASSES[n % len(CLASSES)] for n in range(len(groups))]
    overlay = "".join(
        f'<g fill="{colour}8c" stroke="{colour}" stroke-width="1.6">'
        + "".join(f'<use href="#gs{i}"/>' for i in members)
        + "</g>"
        for colour, (_, members) in reversed(list(zip(colours, groups, strict=True)))
    )
    labels = "".join(
        _label(name, members, outlines, colour, height) for colour, (name, members) in zip(colours, groups, strict=True)
    )
    hover = "".join(
        f'<use href="#gs{i}" class="glider-part"><title>{_tooltip(explanation, i)}</title></use>'
        for i in range(len(paths))
    )
    first = (
        f'<figure class="glider-large"><svg class="glider-wide" {box} aria-label="The picture with its interactions">'
        f'<defs><g id="gphoto">{image}</g>{stored}</defs><use href="#gphoto"/>{overlay}{labels}{hover}</svg>'
        f"<figcaption>{'All interactions, one colour each' if groups else 'No interaction found'}</figcaption></figure>"
    )
    tiles = [
        _tile("Original", box, f'<use href="#gphoto"/><g class="glider-lines">{_uses(range(len(paths)))}</g>'),
        _tile(
            "Main effects",
            box,
            f'<use href="#gphoto" style="filter:grayscale(1)" opacity="0.55"/><g>{effects}</g>',
        ),
    ]
    for number, (colour, (name, members)) in enumerate(zip(colours, groups, strict=True)):
        tiles.append(
            _tile(
                f'<b style="color:{colour}">{escape(name)}</b>',
                box,
                f'<clipPath id="gc{number}">{_uses(members)}</clipPath>'
                '<use href="#gphoto" style="filter:grayscale(1)" opacity="0.16"/>'
                f'<use href="#gphoto" clip-path="url(#gc{number})"/>'
                f'<g fill="none" stroke="{colour}" stroke-width="2">{_uses(members)}</g>',
            )
        )
    return f'{_STYLE}<div class="glider-photo">{first}<div class="glider-tiles">{"".join(tiles)}</div></div>'


_STYLE = (
    "<style>.glider-photo{display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr);gap:1rem;"
    "container-type:inline-size;padding:.5rem 0}.glider-photo figure{margin:0}.glider-photo svg{width:100%;"
    "display:block;border-radius:.4rem}.glider-photo figcaption{font-size:.85rem;padding-top:.25rem;line-height:1.3}"
    ".glider-tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.8rem;align-content:start}"
    ".glider-lines{fill:none;stroke:#ffe14d;stroke-width:1.2}.glider-part{fill:transparent}"
    ".glider-part:hover{fill:#ffffff40;stroke:#fff;stroke-width:1.5}"
    "@media (max-width:900px){.glider-photo{grid-template-columns:minmax(0,1fr)}}</style>"
)


def _groups(explanation: gl.Explanation, chosen: int | None) -> list[tuple[str, tuple[int, ...]]]:
    """Names such as `I1 + I3  +2.10` and superpixels of what is drawn, strongest first."""
    found = explanation.interactions
    if chosen is not None and chosen < len(found):
        return [(f"I{chosen + 1} {signed(found[chosen].effect)}", found[chosen].features)]
    groups = []
    for members in merge_overlaps([interaction.features for interaction in found]):
        inside = [n for n, interaction in enumerate(found) if set(interaction.features) <= set(members)]
        groups.append((inside, members))
    groups.sort(key=lambda group: group[0][0])
    return [(_name(explanation, inside), members) for inside, members in groups[:MAX_TILES]]


def _name(explanation: gl.Explanation, inside: Collection[int]) -> str:
    numbers = sorted(inside)
    if len(numbers) == 1:
        return f"I{numbers[0] + 1} {signed(explanation.interactions[numbers[0]].effect)}"
    shown = ", ".join(f"I{n + 1}" for n in numbers[:4]) + (" …" if len(numbers) > 4 else "")
    return f"{shown} merged"


def _tile(caption: str, box: str, content: str) -> str:
    return f"<figure><svg {box}>{content}</svg><figcaption>{caption}</figcaption></figure>"


def _uses(members: Collection[int]) -> str:
    return "".join(f'<use href="#gs{i}"/>' for i in members)


def _label(name: str, members: Collection[int], outlines: Outlines, colour: str, height: int) -> str:
    largest = max((curve for i in members for curve in outlines[i]), key=_area, default=None)
    if largest is None:
        return ""
    x, y = largest[:-1].mean(axis=0)
    size = max(height / 20, 11)
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size:.0f}" font-weight="700" fill="#fff" '
        f'style="paint-order:stroke;stroke:{colour};stroke-width:4px;stroke-linejoin:round">'
        f"{escape(name.split(' ')[0].rstrip(','))}</text>"
    )


def _area(curve: NDArray[np.float64]) -> float:
    x, y = curve.T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def _tooltip(explanation: gl.Explanation, i: int) -> str:
    within = [f"I{n + 1}" for n, interaction in enumerate(explanation.interactions) if i in interaction.features]
    return escape(
        f"{explanation.names[i]}: {signed(explanation.main_effects[i], 3)} logits on its own"
        + (f"; in {', '.join(within)}" if within else "")
    )


def _path(curves: Sequence[NDArray[np.float64]]) -> str:
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in curve[:-1]) + "Z" for curve in curves)


def _data(picture: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
