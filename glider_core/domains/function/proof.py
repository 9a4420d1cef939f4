"""The exact answer beside MADEX's: for few features all 2^d masks are asked, and every set is worked out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glider_core.engine.asking import Questions
from glider_core.engine.instance import Instance
from glider_core.errors import InvalidInput
from glider_core.results import Explanation

MAX_FEATURES = 12
_NOTHING = 1e-6  # of the largest answer: what rounding makes of a sum in single precision
_SHOWN = 12  # sets at most


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenSet:
    """A set as all masks tell it, and as MADEX did."""

    features: tuple[int, ...]
    # What is left when all its features are on and no other, beyond what its subsets add (its Moebius coefficient).
    coefficient: float
    effect: float  # what its features add together beyond one by one, the mean over all contexts of the others
    found: float | None  # the same by MADEX; None: it did not keep the set


def proven(instance: Instance, explanation: Explanation) -> tuple[ProvenSet, ...]:
    """The sets of two and more features that the function itself needs, and those that MADEX kept; largest first.

    Args:
        instance: with at most `MAX_FEATURES` features, which are not drawn at random when off.
        explanation: of it.

    Raises:
        InvalidInput: too many features, or answers with noise.
        BlackBoxFailed: as for `ask`.
    """
    d = len(instance.names)
    if d > MAX_FEATURES or instance.stochastic:
        raise InvalidInput(f"All masks can be asked of at most {MAX_FEATURES} features without noise; here are {d}.")
    sets = np.arange(2**d)
    masks = (sets[:, None] >> np.arange(d)) & 1 == 1
    answers = Questions(instance)(masks)
    coefficients = answers.copy()
    for feature in range(d):
        on = sets >> feature & 1 == 1
        coefficients[on] -= coefficients[sets[on] ^ (1 << feature)]
    kept = {interaction.features: interaction.effect for interaction in explanation.interactions}
    floor = _NOTHING * max(float(np.abs(answers).max()), 1.0)
    needed = {
        tuple(j for j in range(d) if s >> j & 1): float(coefficients[s])
        for s in sets.tolist()
        if bin(s).count("1") >= 2 and abs(coefficients[s]) > floor
    }
    shown = sorted(set(needed) | set(kept), key=lambda features: (-abs(needed.get(features, 0.0)), features))
    return tuple(
        ProvenSet(
            features=features,
            coefficient=needed.get(features, 0.0),
            effect=_mean_effect(answers, features, d),
            found=kept.get(features),
        )
        for features in [*shown[:_SHOWN], *(features for features in shown[_SHOWN:] if features in kept)]
    )


def _mean_effect(answers: np.ndarray, features: tuple[int, ...], d: int) -> float:
    """What the features add together beyond what they add one by one, the mean over all contexts of the others."""
    others = [j for j in range(d) if j not in features]
    contexts = np.array([sum(1 << j for k, j in enumerate(others) if c >> k & 1) for c in range(2 ** len(others))])
    together = answers[contexts | sum(1 << j for j in features)] - answers[contexts]
    one_by_one = sum(answers[contexts | 1 << j] - answers[contexts] for j in features)
    return float((together - one_by_one).mean())
