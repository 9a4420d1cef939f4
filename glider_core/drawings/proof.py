"""The black box's own answers with the features of a set on and off, as a table for paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from glider_core.drawings.svg import join, tag
from glider_core.numerals import signed
from glider_core.results import Interaction


def combinations(interaction: Interaction) -> tuple[tuple[int, float, float], ...]:
    """What is shown of a set: features that are on as bits, the answer, and what adding up would give.

    Up to three features: every combination. More: none on, each one off, all on. Nothing above order 6, where the
    answers were not asked.
    """
    answers = interaction.answers
    if answers is None:
        return ()
    order, everything = range(interaction.order), len(answers) - 1
    if interaction.order <= 3:
        shown: Sequence[int] = sorted(range(len(answers)), key=lambda c: (c.bit_count(), c))
    else:
        shown = [0, *(everything ^ (1 << j) for j in order), everything]
    # What the answers would be if each feature only added its own part.
    alone = [answers[1 << j] - answers[0] for j in order]
    return tuple((c, answers[c], answers[0] + sum(alone[j] for j in order if c >> j & 1)) for c in shown)


def proof(interaction: Interaction, unit: str, answer: Callable[[float], str] | None = None) -> Markup:
    """The combinations as a table, features that are off struck through; nothing where they were not asked.

    Args:
        interaction: with its answers.
        unit: of the answers, such as "logits".
        answer: the model's answer as people say it.
    """
    rows = [
        tag(
            "tr",
            tag("td", join(_names(interaction, on))),
            tag("td", signed(value)),
            tag("td", signed(expected)),
            *([] if answer is None else [tag("td", answer(value))]),
        )
        for on, value, expected in combinations(interaction)
    ]
    if not rows:
        return Markup("")
    head = ["Others as they are, struck through: off", f"The model, {unit}", "If effects just added up"]
    cells = (tag("th", cell, scope="col") for cell in [*head, *([] if answer is None else ["It says"])])
    return tag("table", tag("thead", tag("tr", *cells)), tag("tbody", *rows), class_="proof")


def _names(interaction: Interaction, on: int) -> list[str]:
    parts: list[str] = []
    for place, name in enumerate(interaction.names):
        parts += ([" · "] if place else []) + [name if on >> place & 1 else tag("s", name)]
    return parts
