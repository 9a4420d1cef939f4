"""Ranking and waterfall as HTML: rows with bars, whose type keeps its size however wide the page is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from markupsafe import Markup

from glider_core.drawings.families import Family, families
from glider_core.drawings.palette import NEUTRAL, by_sign, ink
from glider_core.drawings.sentences import effect_with_interval, percent, short_name, tooltip, unit_of
from glider_core.drawings.svg import join, tag
from glider_core.drawings.waterfall import Step, waterfall_steps
from glider_core.numerals import signed
from glider_core.results import Explanation

SHOWN = 8  # families that are seen at once; the rest unfolds
LEAST = 0.001  # share of what varies below which a family is not worth a line, the first one apart


def ranking(explanation: Explanation, *, pairs_only: bool = False, undrawn: Collection[int] = ()) -> Markup | None:
    """Sets by their gain, nested ones below their head, coloured by the sign of their effect; None without any.

    The bars of all rows, and what the features explain alone, and what is left, are the whole of what varies.

    Args:
        explanation: whose interactions are shown.
        pairs_only: leave out those of higher order.
        undrawn: positions of interactions to grey, as the picture does not draw them.
    """
    folded = families(explanation.interactions, left_out=undrawn)
    if pairs_only:
        pairs = [n for n, interaction in enumerate(explanation.interactions) if interaction.order == 2]
        folded = [Family(head=n, inside=(), gain=max(explanation.interactions[n].gain, 0.0)) for n in pairs]
    if not folded:
        return None
    largest = max((explanation.interactions[n].gain for f in folded for n in f.members), default=0.0)
    shares, seen = explanation.shares, _seen(folded)
    rest = [family for family in folded if family not in seen]
    rows, more = (
        tag("div", *(_family(explanation, family, largest, undrawn) for family in part), class_="glider-rows")
        for part in (seen, rest)
    )
    parts = [_STYLE, _shares(explanation), rows]
    if rest:
        parts.append(tag("details", tag("summary", _told_of(rest)), more))
    if not pairs_only:
        parts.append(tag("div", f"All sets: {percent(shares.together)} of what varies", class_="glider-total"))
    return tag("div", *parts, class_=f"glider-bars glider-{explanation.verdict}")


def waterfall(
    explanation: Explanation, *, answer: Callable[[float], float] | None = None, unit: str | None = None
) -> Markup:
    """From the answer with everything off to the answer: features, sets, and what neither accounts for.

    Args:
        explanation: to be summed up.
        answer: turns the model's answer into what is shown, such as a probability; None: shown as it is.
        unit: of what is shown; that of the effects by default.
    """
    steps = waterfall_steps(explanation, answer)
    ends = [end for step in steps for end in (step.start, step.end)]
    low, high = min(ends), max(ends)
    digits = 2 if answer is None else 3
    rows = [_step(step, low, (high - low) or 1.0, digits) for step in steps]
    told = f"In {unit or unit_of(explanation)}; what is off at the beginning is switched on step by step."
    total = tag("div", told, class_="glider-total")
    return tag("div", _STYLE, tag("div", *rows, class_="glider-rows"), total, class_="glider-bars")


def _seen(folded: Sequence[Family]) -> Sequence[Family]:
    """Families that stand there at once: at most eight, none of them next to nothing but the first."""
    return [family for n, family in enumerate(folded) if n == 0 or family.gain >= LEAST][:SHOWN]


def _told_of(folded: Sequence[Family]) -> str:
    """What a tail of families comes to; plain text."""
    gain = sum(family.gain for family in folded)
    more = f"{len(folded)} more {'adds' if len(folded) == 1 else 'add'}"
    told = "less than 0.1%" if gain < LEAST else percent(gain)
    return f"{more} {told}" + (" together" if len(folded) > 1 else "")


def _shares(explanation: Explanation) -> Markup:
    """What explains the variation of the answers, as one bar from 0 to 1."""
    shares = explanation.shares
    parts = (
        ("alone", shares.alone, "one by one"),
        ("together", shares.together, "together"),
        ("rest", shares.rest, "neither"),
    )
    bar = (tag("i", class_=f"glider-{name}", style=f"width:{100 * share:.2f}%") for name, share, _ in parts)
    key = (tag("span", tag("i", class_=f"glider-{name}"), f"{told} {percent(share)}") for name, share, told in parts)
    return join([tag("div", *bar, class_="glider-shares"), tag("div", *key, class_="glider-key")])


def _family(explanation: Explanation, family: Family, largest: float, undrawn: Collection[int]) -> Markup:
    head, *inside = (_ranked(explanation, n, largest, n != family.head, n in undrawn) for n in family.members)
    if len(inside) <= 2:
        return join([head, *inside])
    gain = sum(max(explanation.interactions[n].gain, 0.0) for n in family.inside)
    unfold = tag("summary", f"{len(inside)} sets inside it or around it, {percent(gain)}")
    return join([head, tag("details", unfold, *inside)])


def _ranked(explanation: Explanation, number: int, largest: float, inside: bool, grey: bool) -> Markup:
    interaction = explanation.interactions[number]
    width = 100 * max(interaction.gain, 0.0) / largest if largest > 0 else 0.0
    kind = "glider-row" + (" glider-inside" if inside else "") + (" glider-undrawn" if grey else "")
    return tag(
        "div",
        tag("span", tag("b", f"I{number + 1} "), short_name(explanation, number, longest=46), class_="glider-name"),
        tag("i", tag("i", style=f"width:{width:.1f}%;background:{by_sign(interaction.effect)}"), class_="glider-track"),
        tag("span", percent(max(interaction.gain, 0.0)) + ("*" if interaction.tied else ""), class_="glider-share"),
        tag("b", effect_with_interval(interaction), class_="glider-effect", style=f"color:{ink(interaction.effect)}"),
        class_=kind,
        data_set=number,
        title=tooltip(number, interaction, unit_of(explanation))
        + ("; its share may as well be that of the one above, within chance" if interaction.tied else ""),
    )


def _step(step: Step, low: float, span: float, digits: int) -> Markup:
    left, right = sorted((step.start, step.end))
    total = step.kind in ("base", "answer")
    colour = NEUTRAL if total or step.kind == "rest" else by_sign(step.end - step.start)
    told = f"{step.end:.{digits}f}".replace("-", "−") if total else signed(step.end - step.start, digits)
    bar = (
        f"left:{100 * (left - low) / span:.2f}%;width:{max(100 * (right - left) / span, 0.6):.2f}%;background:{colour}"
    )
    shade = "glider-hatched" if step.kind == "set" else None
    return tag(
        "div",
        tag("span", step.name, class_="glider-name"),
        tag("i", tag("i", style=bar, class_=shade), class_="glider-track"),
        tag(
            "b",
            told,
            class_="glider-effect",
            style=None if colour == NEUTRAL else f"color:{ink(step.end - step.start)}",
        ),
        class_=f"glider-row glider-step{' glider-sum' if total else ''}",
        data_set=step.number if step.kind == "set" else None,
        data_feature=step.number if step.kind == "feature" else None,
    )


_STYLE = Markup(
    "<style>.glider-bars{font-size:.9rem;line-height:1.35}.glider-row{display:grid;align-items:center;gap:.1rem .6rem;"
    "grid-template-columns:minmax(0,1fr) 7.5rem;padding:.28rem .3rem;border-radius:.35rem}"
    ".glider-name{overflow-wrap:anywhere}.glider-effect{text-align:right;white-space:nowrap}"
    ".glider-row .glider-name{grid-column:1}.glider-row .glider-effect{grid-column:2;grid-row:1}"
    ".glider-track{position:relative;display:block;height:.7rem;border-radius:.2rem;"
    "background:color-mix(in srgb,currentColor 8%,transparent)}"
    ".glider-track>i{position:absolute;top:0;bottom:0;left:0;display:block;border-radius:.2rem}"
    ".glider-share{text-align:right;font-variant-numeric:tabular-nums}"
    ".glider-inside{margin-left:1.1rem;font-size:.875rem;padding-block:.15rem}"
    ".glider-undrawn .glider-track>i{opacity:.4}"
    ".glider-step{grid-template-columns:minmax(0,8.5rem) minmax(4rem,1fr) 4rem;padding-block:.12rem}"
    ".glider-step .glider-effect{grid-column:3;grid-row:1}.glider-step .glider-name{white-space:nowrap;overflow:hidden;"
    "text-overflow:ellipsis}.glider-sum{font-weight:600}"
    ".glider-hatched{background-image:repeating-linear-gradient(135deg,#fff5 0 3px,transparent 3px 7px)!important}"
    ".glider-total{padding:.4rem .3rem;font-size:.875rem;opacity:.85}.glider-bars details{padding-left:1.1rem}"
    ".glider-bars summary{cursor:pointer;padding:.2rem 0}"
    ".glider-shares{display:flex;height:1rem;border-radius:.3rem;overflow:hidden;gap:2px}"
    ".glider-shares i{display:block}.glider-key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:.3rem 0 .5rem}"
    ".glider-key i{display:inline-block;width:.8rem;height:.8rem;border-radius:.2rem;margin-right:.35rem;"
    "vertical-align:-.05rem}.glider-alone{background:color-mix(in srgb,currentColor 38%,transparent)}"
    ".glider-together{background:color-mix(in srgb,currentColor 85%,transparent)}"
    ".glider-rest{background:repeating-linear-gradient(135deg,color-mix(in srgb,currentColor 30%,transparent) 0 2px,"
    "transparent 2px 5px)}.glider-additive .glider-rows .glider-track>i{filter:grayscale(1)}</style>"
)
