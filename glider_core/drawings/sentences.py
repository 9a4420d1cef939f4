"""The words that stand beside a picture: what was found, in sentences and in labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from markupsafe import Markup

from glider_core.domains import DOMAINS
from glider_core.drawings.palette import NEUTRAL
from glider_core.drawings.svg import short, tag
from glider_core.drawings.text import markdown, signed
from glider_core.results import Explanation, Interaction

NO_INTERACTION = "No interaction found: the model adds these features up."
_NEXT_TO_NOTHING = 0.005  # effects below show as 0.00


def headline(explanation: Explanation, unit: str, undrawn: Collection[int] = ()) -> str:
    """One sentence that says what was found; Markdown, names escaped.

    Args:
        explanation: to be summed up by its strongest interaction.
        unit: of the effect, such as "logits".
        undrawn: positions of interactions that are spoken of only when there is no other.
    """
    if not explanation.interactions:
        return no_interaction(explanation)
    numbers = range(len(explanation.interactions))
    top = explanation.interactions[next((number for number in numbers if number not in undrawn), 0)]
    *first, last = (f"**{markdown(name)}**" for name in top.names)
    names = f"{', '.join(first)} and {last}" if top.order <= 8 else f"{', '.join(first[:7])} and {top.order - 7} more"
    if abs(top.effect) < _NEXT_TO_NOTHING:
        return f"The model reads {names} together, but here that changes its answer by next to nothing."
    size, more = effect_with_deviation(top).lstrip("+−"), "more" if top.effect >= 0 else "less"
    return (
        f"The model reads {names} together: jointly they give **{size} {unit} {more}** than they add up to one by one."
    )


def no_interaction(explanation: Explanation) -> str:
    """What it means that none was found: nothing, for features that the model has never met."""
    unknown, d = () if explanation.payload is None else explanation.payload.unknown(), len(explanation.names)
    if not unknown:
        return NO_INTERACTION
    feature = DOMAINS[explanation.domain].feature if explanation.domain in DOMAINS else "feature"
    if len(unknown) == d:
        return f"The model has never seen any of the {d} {feature}s: that no interaction was found says nothing."
    return (
        f"No interaction found among the {feature}s that the model knows; it has never seen {len(unknown)} of the {d}, "
        "of which this says nothing."
    )


def notes(remarks: Sequence[str]) -> Markup:
    """What stands above a picture on how its input was read; nothing where there is nothing to say."""
    if not remarks:
        return Markup("")
    style = f"border-left:3px solid {NEUTRAL};padding:.1rem .8rem;margin:.3rem 0 .5rem;font-size:.9rem;text-align:left"
    return tag("div", *(tag("div", remark, style="margin:.2rem 0") for remark in remarks), style=style)


def label(number: int, interaction: Interaction, *, longest: int = 34) -> str:
    """An interaction's short name, such as `I1 never · fails`; plain text."""
    return f"I{number + 1} {short(' · '.join(interaction.names), longest)}"


def tooltip(number: int, interaction: Interaction, unit: str) -> str:
    """An interaction's whole name and its effect; plain text."""
    names = " · ".join(interaction.names)
    return f"I{number + 1} {names}: together {effect_with_deviation(interaction, 3)} {unit}"


def effect_with_deviation(interaction: Interaction, digits: int = 2) -> str:
    """The joint effect, and where features are replaced at random, how far it varies from draw to draw."""
    effect, deviation = signed(interaction.effect, digits), interaction.effect_deviation
    return effect if deviation is None else f"{effect} ± {deviation:.{digits}f}"


def unit_of(explanation: Explanation) -> str:
    """The unit of an explanation's effects, such as "logits"."""
    return DOMAINS[explanation.domain].unit if explanation.domain in DOMAINS else "units of the answer"
