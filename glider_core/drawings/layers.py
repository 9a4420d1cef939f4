"""One explanation as two pictures: features one by one, as LIME tells them, and together, sets beside them.

A linear model of the features alone (LIME) hands part of what a set does to each of its members. Beside the sets that
part is taken back: else it would be counted twice. How much it is follows from the masks alone, which are drawn the
same way whatever is explained: regress the product of a set's features on all features, and that is what the linear
model makes of it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import comb

import numpy as np

from glider_core.engine.masks import lime_weights
from glider_core.results import Explanation


def one_by_one(explanation: Explanation) -> Explanation:
    """The explanation as LIME tells it: the coefficients of a linear model, and no sets."""
    return replace(explanation, interactions=(), ranking=(), scores=explanation.scores[:1])


def together(explanation: Explanation) -> Explanation:
    """The explanation with each feature's own effect beside the sets, instead of LIME's coefficient."""
    return replace(explanation, main_effects=own_effects(explanation))


def scale_of(*explanations: Explanation) -> float:
    """The effect that fills a tint or a bar: one scale for all pictures that are to be compared, in their unit."""
    effects = [abs(effect) for e in explanations for effect in (*e.main_effects, *own_effects(e))]
    return max(effects, default=0.0)


def own_effects(explanation: Explanation) -> tuple[float, ...]:
    """(d,) what each feature adds beside the sets: LIME's coefficient less its part of what the sets do; in logits."""
    d, width = len(explanation.names), explanation.settings.kernel_width
    effects = np.array(explanation.main_effects, dtype=np.float64)
    for interaction in explanation.interactions:
        within, without = share_in_linear(d, interaction.order, width)
        part = np.full(d, without)
        part[list(interaction.features)] = within
        effects -= interaction.adds * part
    return tuple(effects.tolist())


@lru_cache(maxsize=256)
def share_in_linear(d: int, order: int, kernel_width: float | None) -> tuple[float, float]:
    """What a linear model of d features makes of the product of `order` of them: coefficients of members, of others.

    Exact for masks that are drawn with LIME's scheme and weighed by its kernel.
    """
    kept = np.arange(d + 1 if d <= 3 else d)  # how many features are on; all of them counts as one draw of many
    stairs = np.array([[j < on for j in range(d)] for on in kept], dtype=bool)
    weights = lime_weights(stairs, kernel_width)
    weights = weights / weights.sum()

    def all_on(k: int) -> float:
        """The chance that k given features are on."""
        return float(sum(w * comb(int(on), k) / comb(d, k) for w, on in zip(weights, kept, strict=True)))

    one, two, these = all_on(1), all_on(2) if d > 1 else 0.0, all_on(order)
    variance, covariance = one - one**2, two - one**2
    with_member = these * (1 - one)
    others = d - order
    if not others:
        return with_member / (variance + (order - 1) * covariance), 0.0
    with_other = all_on(order + 1) - these * one
    left = np.array(
        [
            [variance + (order - 1) * covariance, others * covariance],
            [order * covariance, variance + (others - 1) * covariance],
        ]
    )
    within, without = np.linalg.solve(left, np.array([with_member, with_other]))
    return float(within), float(without)
