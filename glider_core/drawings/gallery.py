"""Galleries: explanations below each other in one drawing, as the paper's Figures 4 and 6 show theirs."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from glider_core.domains.image.superpixels import outlines
from glider_core.domains.sentiment.payload import SentencePayload
from glider_core.drawings import PLAIN
from glider_core.drawings.axes import chart
from glider_core.drawings.image import groups_of, path_of, tint_over
from glider_core.drawings.palette import NEUTRAL, by_sign, ink
from glider_core.drawings.sentiment import layout
from glider_core.drawings.svg import join, tag, text
from glider_core.errors import InvalidInput
from glider_core.numerals import signed
from glider_core.results import Explanation

WIDTH = 760.0
SETS = 2  # of a photo: I1 and I2, as in the paper
_GAP, _TYPE = 10.0, 15.0
_RIM = 20.0  # beside a sentence, for labels of brackets that go on in the next line
_HEADING = 26.0  # height of the line above a row
_BELOW = 22.0  # height of the line below a panel
_GREY = "filter:grayscale(1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo that was explained."""

    heading: str
    jpeg: bytes
    labels: NDArray[np.int64]  # (height, width) superpixel numbers, -1 for none; as large as the photo, or smaller
    explanation: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A text that was explained."""

    heading: str
    explanation: Explanation  # with its payload


def photos(rows: Sequence[Photo], *, title: str) -> Markup:
    """Each photo as it is, its superpixels' own effects, and its first two interactions, each lit alone.

    Interactions that share half of the smaller one's superpixels are one, as on the page.

    Args:
        rows: from above.
        title: of the drawing, for those who do not see it.

    Raises:
        InvalidInput: there are none.
    """
    _some(rows)
    parts, y, told = [], 0.0, []
    for row in rows:
        content, height, words = _photo(row)
        parts.append(tag("g", content, transform=f"translate(0 {y:.1f})"))
        y += height + _GAP
        told.append(words)
    return chart(join(parts), WIDTH, y, title, " ".join(told))


def sentences(rows: Sequence[Sentence], *, title: str) -> Markup:
    """Each text with its words' own effects as their background, and brackets over those that act together.

    Args:
        rows: from above.
        title: of the drawing, for those who do not see it.

    Raises:
        InvalidInput: there are none, or one has no payload of a sentence.
    """
    _some(rows)
    parts, y, told = [], 0.0, []
    for row in rows:
        explanation, payload = row.explanation, row.explanation.payload
        if not isinstance(payload, SentencePayload):
            raise InvalidInput(f"{row.heading:.60} is no explanation of a sentence.")
        if explanation.verdict == "unreadable":
            explanation = replace(explanation, interactions=(), scores=explanation.scores[:1])
        height, words = layout(explanation, payload, None, WIDTH - 2 * _RIM, PLAIN)
        grey = _GREY if explanation.verdict == "additive" else None
        heading = text(row.heading, 0, 18, _TYPE, anchor="start", font_weight=600)
        parts.append(
            tag("g", heading, tag("g", words, style=grey, transform=f"translate({_RIM:.0f} {_HEADING:.0f})"),
                transform=f"translate(0 {y:.1f})")
        )  # fmt: skip
        y += _HEADING + height + _GAP
        sets = [" ".join(interaction.names) for interaction in explanation.interactions[:SETS]]
        told.append(f"{row.heading}: {payload.text} Together: {'; '.join(sets) or 'nothing'}.")
    return chart(join(parts), WIDTH, y, title, " ".join(told))


def _some(rows: Sequence[object]) -> None:
    if not rows:
        raise InvalidInput("There is nothing to draw; give at least one explanation.")


def _photo(row: Photo) -> tuple[Markup, float, str]:
    """A row of panels, its height, and what it shows in words."""
    height, width = row.labels.shape
    explanation, shapes = row.explanation, outlines(row.labels)
    key = f"g{sha256(row.jpeg + row.labels.tobytes()).hexdigest()[:12]}"  # ids count in the whole page
    address = f"data:image/jpeg;base64,{base64.b64encode(row.jpeg).decode()}"
    stored = [tag("path", id=f"{key}s{i}", d=path_of(curves)) for i, curves in enumerate(shapes)]
    whole = tag("image", href=address, width=width, height=height, preserveAspectRatio="none", id=f"{key}p")
    scale = max((abs(effect) for effect in explanation.main_effects), default=0.0)

    def photo(**style: str | float) -> Markup:
        return tag("use", href=f"#{key}p", **style)

    def parts(members: Sequence[int]) -> list[Markup]:
        return [tag("use", href=f"#{key}s{i}") for i in members]

    lines = tag("g", *parts(range(len(shapes))), fill="none", stroke="#ffe14d", stroke_width=0.8)
    tints = [
        tag("use", href=f"#{key}s{i}", fill=tint_over(effect, scale))
        for i, effect in enumerate(explanation.main_effects[: len(shapes)])
    ]
    panels: list[tuple[Markup, Markup]] = [
        (photo() + lines, _caption("The photo")),
        (photo(style=_GREY, opacity=0.55) + join(tints), _caption("One by one (LIME)")),
    ]
    groups = groups_of(explanation) if explanation.verdict != "unreadable" else []
    sets = []
    for number, (_, members, first) in enumerate(groups[:SETS]):
        effect, cut = explanation.interactions[first].effect, f"{key}c{number}"
        inside = sum(set(interaction.features) <= set(members) for interaction in explanation.interactions)
        sets.append(f"I{first + 1} {signed(effect)}" + (f" and {inside - 1} more" if inside > 1 else ""))
        own = parts([member for member in members if member < len(shapes)])
        lit = tag("clipPath", *own, id=cut) + photo(style=_GREY, opacity=0.16) + photo(clip_path=f"url(#{cut})")
        rim = tag("g", *own, fill="none", stroke=by_sign(effect), stroke_width=2)
        panels.append((lit + rim, _caption(sets[-1], ink(effect), font_weight=600)))
    while len(panels) < 2 + SETS:
        none = "No other set found" if groups else "No set found"
        panels.append((photo(style=_GREY, opacity=0.16), _caption(none, NEUTRAL)))
    wide = (WIDTH - _GAP * (len(panels) - 1)) / len(panels)
    tall = wide * height / width
    drawn = [text(row.heading, 0, 18, _TYPE, anchor="start", font_weight=600), tag("defs", whole, *stored)]
    for place, (panel, caption) in enumerate(panels):
        x = place * (wide + _GAP)
        view = {"viewBox": f"0 0 {width} {height}", "width": wide, "height": tall}
        drawn.append(tag("svg", panel, x=x, y=_HEADING, **view))
        drawn.append(tag("g", caption, transform=f"translate({x:.1f} {_HEADING + tall + 17:.1f})"))
    return join(drawn), _HEADING + tall + _BELOW, f"{row.heading}: {'; '.join(sets) or 'no set found'}."


def _caption(words: str, colour: str = "currentColor", **more: str | float) -> Markup:
    return text(words, 0, 0, _TYPE - 1, colour, anchor="start", **more)
