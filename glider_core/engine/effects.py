"""Sign and size of an interaction, measured on the black box itself with the rest of the instance left in place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.interaction_sets import Features

MAX_FACTORIAL_ORDER = 6  # 2^6 questions; above, only those that the effect needs


def check_masks(d: int, features: Features) -> NDArray[np.bool_]:
    """The masks to ask for one interaction, every feature outside it kept.

    Returns:
        Up to order 6 all 2^k on/off combinations: row c has features[j] on where bit j of c is set. Above, k + 2 rows:
        none on, each one alone on, all on.
    """
    order = len(features)
    if order <= MAX_FACTORIAL_ORDER:
        on = (np.arange(2**order)[:, None] >> np.arange(order)) & 1 == 1
    else:
        on = np.concatenate([np.zeros((1, order), bool), np.eye(order, dtype=bool), np.ones((1, order), bool)])
    masks = np.ones((len(on), d), dtype=bool)
    masks[:, features] = on
    return masks


def joint_effect(features: Features, answers: Sequence[float]) -> float:
    """What the features add together beyond the sum of what each adds alone, in logits, signed.

    With a the answers to `check_masks`: (a[all] - a[none]) - sum over j of (a[only j] - a[none]). For a pair it is the
    discrete mixed derivative a11 - a10 - a01 + a00; in general, the sum of all interaction terms (of two features or
    more) inside the set.
    """
    order = len(features)
    none, everything = answers[0], answers[-1]
    alone = [answers[1 << j] for j in range(order)] if order <= MAX_FACTORIAL_ORDER else answers[1:-1]
    return float((everything - none) - sum(answer - none for answer in alone))
