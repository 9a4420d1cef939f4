"""A thumbnail: an explanation as small as a line of a table, the same form for every domain, or the photo itself."""

from __future__ import annotations

import base64
import io
from functools import partial
from typing import Any

from markupsafe import Markup

from glider_core.drawings.palette import by_sign, tint
from glider_core.drawings.svg import join, tag
from glider_core.results import Explanation, Interaction

WIDTH, HEIGHT = 132.0, 30.0
_CELLS = 40  # beyond, features are told apart no more, and only those in sets and the strongest are drawn
_ARCS = 3
_PHOTO = 60  # pixels of its longer side


def thumbnail(explanation: Explanation) -> Markup:
    """The explanation as HTML of about 1 kB: features tinted by their own effect, the first sets as arcs over them."""
    photo = getattr(explanation.payload, "png", None)
    if isinstance(photo, bytes) and (drawn := _photo(photo)) is not None:
        return drawn
    d = len(explanation.names)
    sets = explanation.interactions[:_ARCS] if explanation.verdict != "unreadable" else ()
    shown = list(range(d)) if d <= _CELLS else _chosen(explanation)
    place = {feature: number for number, feature in enumerate(shown)}
    wide = WIDTH / max(len(shown), 1)
    scale = max(map(abs, explanation.main_effects), default=0.0)
    cells = [
        tag(
            "rect", x=number * wide, y=20.0, width=max(wide - (1.0 if wide > 3 else 0.2), 0.4), height=9.0, rx=1.5,
            fill=tint(explanation.main_effects[feature], scale), stroke="currentColor", stroke_opacity=0.15,
            stroke_width=0.5,
        )
        for number, feature in enumerate(shown)
    ]  # fmt: skip
    arcs = map(partial(_arc, place=place, wide=wide), range(len(sets)), sets)
    return tag(
        "svg", join(cells), join(arcs), viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", width=WIDTH, height=HEIGHT,
        aria_hidden="true", class_="glider-thumbnail",
    )  # fmt: skip


def _arc(number: int, interaction: Interaction, place: dict[int, int], wide: float) -> Markup:
    """A bracket over a set's features, the first the lowest."""
    xs = sorted((place[feature] + 0.5) * wide for feature in interaction.features if feature in place)
    top = 15.0 - 5.5 * number
    path = f"M{xs[0]:.1f} 19V{top:.1f}H{xs[-1]:.1f}V19" + "".join(f"M{x:.1f} 19V{top:.1f}" for x in xs[1:-1])
    style: dict[str, Any] = {"fill": "none", "stroke": by_sign(interaction.effect), "stroke_width": 1.8}
    return tag("path", d=path, opacity=1.0 - 0.25 * number, **style)


def _chosen(explanation: Explanation) -> list[int]:
    """Features to draw where there are too many: those of the sets, then those of the largest effects, in order."""
    within = [feature for interaction in explanation.interactions[:_ARCS] for feature in interaction.features]
    strongest = sorted(range(len(explanation.names)), key=lambda i: -abs(explanation.main_effects[i]))
    return sorted(list(dict.fromkeys([*within, *strongest]))[:_CELLS])


def _photo(content: bytes) -> Markup | None:
    """A picture, much smaller; None: it is none that can be read."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
            small = picture.convert("RGB")
            small.thumbnail((_PHOTO, _PHOTO))
    except (OSError, ValueError, SyntaxError):
        return None
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    source = f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
    return tag("img", src=source, alt="", width=small.width // 2 * 1.0, height=small.height // 2 * 1.0)
