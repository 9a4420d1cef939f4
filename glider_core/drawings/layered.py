"""LIME's picture, Glider's, and both with what the first one misses between them; one scale of colour for all."""

from __future__ import annotations

from collections.abc import Collection

from markupsafe import Markup

from glider_core.drawings import Look, draw, drawing_of
from glider_core.drawings.families import families
from glider_core.drawings.layers import one_by_one, scale_of, together
from glider_core.drawings.palette import ink
from glider_core.drawings.sentences import percent, short_name
from glider_core.drawings.svg import tag
from glider_core.errors import InvalidInput
from glider_core.numerals import signed
from glider_core.results import Explanation

LAYERS = {"lime": "LIME", "both": "Both", "together": "Together"}  # by name: words for people
_NAMED = 3  # sets that are named between the two


def layered(
    explanation: Explanation,
    chosen: int | None = None,
    *,
    layer: str = "both",
    view: str | None = None,
    scale: float | None = None,
) -> Markup:
    """An explanation one by one, together, or both.

    Args:
        explanation: to be drawn.
        chosen: position of the interaction to stress.
        layer: "lime", "both" or "together".
        view: a title among the drawing's views.
        scale: effect that fills a tint or a bar, where the picture is compared with others; see `scale_of`.

    Raises:
        InvalidInput: there is no such layer or view, or the domain is not installed here.
    """
    if layer not in LAYERS:
        raise InvalidInput(f"There is no layer {layer[:40]!r}; choose one of {', '.join(LAYERS)}.")
    look = Look(scale=scale or scale_of(explanation), numbers=True)
    parts = [_STYLE]
    if layer != "together":
        fit = _heading("One by one (LIME)", explanation.scores[0], "a linear model of the features alone")
        parts.append(tag("div", fit, draw(one_by_one(explanation), view=view, look=look)))
    if layer == "both":
        parts.append(misses(explanation, drawing_of(explanation).undrawn(explanation, explanation.payload)))
    if layer != "lime":
        fit = _heading("Together", explanation.scores[-1], "the same with the sets that act together")
        parts.append(tag("div", fit, draw(together(explanation), chosen, view=view, look=look)))
    return tag("div", *parts, class_=f"glider-layers glider-{explanation.verdict}")


def misses(explanation: Explanation, undrawn: Collection[int] = ()) -> Markup:
    """What a linear model of the features cannot say: the sets that add most, and how much all of them add."""
    folded = families(explanation.interactions, left_out=undrawn)
    if explanation.verdict == "unreadable" or not folded:
        told = "nothing that could be read" if explanation.verdict == "unreadable" else "nothing"
        return tag("div", tag("b", "What LIME misses: "), told, class_="glider-misses")
    named = [
        tag(
            "span",
            f"{short_name(explanation, family.head, longest=30)} ",
            tag("b", signed(interaction.effect), style=f"color:{ink(interaction.effect)}", data_set=family.head),
            f" ({percent(family.gain)})",
            data_set=family.head,
        )
        for family in folded[:_NAMED]
        for interaction in [explanation.interactions[family.head]]
    ]
    more = len(folded) - len(named)
    return tag(
        "div",
        tag("b", f"What LIME misses, {percent(explanation.shares.together)} of what varies: "),
        *(part for name in named for part in (name, Markup(" "))),
        f"and {more} more" if more else "",
        class_="glider-misses",
    )


def _heading(title: str, score: float, means: str) -> Markup:
    fit = min(max(score, 0.0), 1.0)
    return tag(
        "div",
        tag("b", title),
        tag("span", "R² ", tag("b", f"{score:.2f}"), title=f"How well {means} fits unseen answers: {score:.4f}"),
        tag("i", tag("i", style=f"width:{100 * fit:.1f}%"), class_="glider-fit"),
        class_="glider-layer",
    )


_STYLE = Markup(
    "<style>.glider-layer{display:flex;align-items:center;gap:.7rem;font-size:.95rem;padding-top:.3rem;white-space:nowrap}"
    ".glider-fit{display:inline-block;flex:0 1 9rem;min-width:0;height:.5rem;border-radius:.25rem;"
    "background:color-mix(in srgb,currentColor 14%,transparent)}"
    ".glider-fit i{display:block;height:100%;border-radius:.25rem;"
    "background:color-mix(in srgb,currentColor 60%,transparent)}"
    ".glider-misses{font-size:.95rem;padding:.35rem .7rem;margin:.3rem 0;border-radius:.4rem;line-height:1.5;"
    "background:color-mix(in srgb,currentColor 7%,transparent)}.glider-misses span{margin-right:.5rem}"
    ".glider-layers>div:not(:last-child) .glider-legend{display:none}"
    "@media (min-width:1000px){.glider-layers:has(.glider-misses):has(.glider-photo){display:grid;gap:0 1rem;"
    "grid-template-columns:minmax(0,1fr) minmax(0,1fr)}.glider-layers:has(.glider-photo)>.glider-misses{"
    "grid-column:1/-1;order:1}}"
    ".glider-unreadable .glider-figure{filter:grayscale(.8);opacity:.7}</style>"
)
