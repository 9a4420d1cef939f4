"""The words that stand beside a picture: what was found, in sentences and in labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from markupsafe import Markup

from glider_core.domains import DOMAINS
from glider_core.drawings import drawing_of
from glider_core.drawings.families import families
from glider_core.drawings.palette import NEUTRAL
from glider_core.drawings.svg import short, tag
from glider_core.drawings.text import markdown
from glider_core.numerals import signed
from glider_core.results import ADDITIVE, Explanation, Interaction

NO_INTERACTION = "No interaction found: the model adds these features up."
_NEXT_TO_NOTHING = 0.005  # effects below show as 0.00


def headline(explanation: Explanation, unit: str, undrawn: Collection[int] = ()) -> str:
    """What the explanation comes to, in one or two sentences by its verdict; Markdown, names escaped.

    Args:
        explanation: to be summed up.
        unit: of the effect, such as "logits".
        undrawn: positions of interactions that are spoken of only when there is no other.
    """
    shares, verdict = explanation.shares, explanation.verdict
    if not explanation.reacts:
        return (
            f"**The model hardly reacts**: whatever is switched off, its answers vary by {explanation.spread:.2g} "
            f"{unit} only, and below {explanation.resolution:.2g} nothing counts as a finding."
        )
    if verdict == "unreadable":
        return (
            f"**Could not be read**: what was learned from the model explains {percent(1 - shares.rest)} of how its "
            "answers vary, so nothing here is a finding. Ask more questions, or join features into larger ones."
        )
    if not explanation.interactions:
        return no_interaction(explanation)
    family = families(explanation.interactions, left_out=undrawn)[0]
    number, top = family.head, explanation.interactions[family.head]
    if verdict == "additive":
        return (
            f"**Almost a plain sum**: one by one the features explain {percent(shares.alone)} of how the answers vary; "
            f"interactions add {percent(shares.together)}."
        )
    *first, last = (f"**{markdown(name)}**" for name in top.names)
    names = f"{', '.join(first)} and {last}" if top.order <= 8 else f"{', '.join(first[:7])} and {top.order - 7} more"
    if named := name_of(explanation, number):
        names = f"the **{markdown(named)}** ({names.replace('**', '')})"
    how = "The model reads" if verdict == "strong" else "Weakly, the model reads"
    if family.gain < ADDITIVE:
        return (
            f"**Many small sets**: interactions explain {percent(shares.together)} of how the answers vary, and no set "
            f"more than {percent(max(family.gain, top.gain))}."
        )
    low, high = top.interval or (top.effect, top.effect)
    if abs(top.effect) < _NEXT_TO_NOTHING or low < 0 < high:
        share = percent(top.gain)
        return f"{how} {names} together, in some contexts one way and in some the other ({share} of what varies)."
    size, more = effect_with_interval(top).lstrip("+−"), "more" if top.effect >= 0 else "less"
    return (
        f"{how} {names} together: jointly they give **{size} {unit} {more}** than they add up to one by one "
        f"({percent(top.gain)} of what varies)."
    )


def set_sentence(explanation: Explanation, number: int) -> str:
    """What a set does, in one sentence on the model's answers at the input; Markdown, names escaped."""
    interaction, unit = explanation.interactions[number], unit_of(explanation)
    names = [f"*{markdown(name)}*" for name in interaction.names]
    answers = interaction.answers
    if answers is None:
        told = "more" if interaction.effect >= 0 else "less"
        size = effect_with_interval(interaction).lstrip("+−")
        return f"Together they give {size} {unit} {told} than one by one."
    none, everything = answers[0], answers[-1]
    alone = [answers[1 << j] - none for j in range(interaction.order)]
    if interaction.order > 2:
        return (
            f"One by one they would change the answer by {signed(sum(alone), 1)} {unit}; together they change it by "
            f"{signed(everything - none, 1)}."
        )
    beside = [everything - answers[2], everything - answers[1]]

    def telling(j: int) -> tuple[bool, float]:
        """Whether its effect turns round, and how much of it; else its change for its size."""
        least = min(abs(alone[j]), abs(beside[j]))
        turns = alone[j] * beside[j] < 0 and least >= 0.05
        return turns, least if turns else abs(beside[j] - alone[j]) / (abs(alone[j]) + 0.05)

    focal = max((0, 1), key=telling)
    return f"{names[focal]} alone {_moves(alone[focal])}; with {names[1 - focal]} it {_moves(beside[focal])}."


def _moves(change: float) -> str:
    if abs(change) < 0.05:
        return "changes nothing"
    return f"{'raises' if change > 0 else 'lowers'} the answer by {abs(change):.1f}"


def percent(share: float) -> str:
    """A share in per cent, with a digit more where it is small, and never as none where there is some."""
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{share:.1%}" if share < 0.1 or share > 0.99 else f"{share:.0%}"


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


def short_name(explanation: Explanation, number: int, *, longest: int = 34) -> str:
    """A set as people call it: by the name that its domain has for it, else by its features; plain text."""
    named = name_of(explanation, number)
    return named or short(" · ".join(explanation.interactions[number].names), longest)


def name_of(explanation: Explanation, number: int) -> str:
    """What people call a set, such as "E-box CACGTG"; nothing where it has no name."""
    return drawing_of(explanation).name(explanation, explanation.payload, number)


def label(number: int, interaction: Interaction, *, longest: int = 34) -> str:
    """An interaction's short name, such as `I1 never · fails`; plain text."""
    return f"I{number + 1} {short(' · '.join(interaction.names), longest)}"


def tooltip(number: int, interaction: Interaction, unit: str) -> str:
    """An interaction's whole name and its effect; plain text."""
    names = " · ".join(interaction.names)
    return f"I{number + 1} {names}: together {effect_with_interval(interaction, 3)} {unit}"


def effect_with_interval(interaction: Interaction, digits: int = 2) -> str:
    """The joint effect, and how far it is open: half of its 95 % interval."""
    effect, interval = signed(interaction.effect, digits), interaction.interval
    if interval is None or interval[1] - interval[0] < 10.0**-digits:
        return effect
    return f"{effect} ± {(interval[1] - interval[0]) / 2:.{digits}f}"


def unit_of(explanation: Explanation) -> str:
    """The unit of an explanation's effects, such as "logits"."""
    if told := getattr(explanation.payload, "unit", ""):  # an own model says what its numbers are
        return told
    if explanation.scale == "log-odds":
        return "logits"
    if explanation.answered == "probabilities":
        return "of a probability"
    return DOMAINS[explanation.domain].unit if explanation.domain in DOMAINS else "units of the answer"
