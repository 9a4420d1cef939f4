"""Asking the black box: in batches, its answers checked, no mask asked twice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.instance import Instance, Masks
from glider_core.errors import BlackBoxFailed


def ask(instance: Instance, masks: Masks) -> NDArray[np.float64]:
    """The black box's answers to masks (n, d), checked: (n,) finite float64.

    Raises:
        BlackBoxFailed: it raised, answered in another shape, or with something that is no finite number.
    """
    try:
        raw: Any = instance.predict(masks)
    except MemoryError:
        raise BlackBoxFailed(
            f"The model ran out of memory on {len(masks)} masks at once; predict them in smaller batches inside it."
        ) from None
    except Exception as error:
        raise BlackBoxFailed(
            f"The model raised {type(error).__name__} when asked about {len(masks)} masks: {error}"
        ) from error
    try:
        answers = np.asarray(raw.detach().cpu() if hasattr(raw, "detach") else raw, dtype=np.float64)
    except (TypeError, ValueError):
        raise BlackBoxFailed(
            f"The model answered with {type(raw).__name__}, not with numbers; return an array of {len(masks)} logits."
        ) from None
    if answers.shape != (len(masks),):
        raise BlackBoxFailed(
            f"The model answered {len(masks)} masks with an array of shape {answers.shape}; "
            f"it must be ({len(masks)},): one logit of the explained class per mask."
        )
    if not np.isfinite(answers).all():
        bad = int(np.flatnonzero(~np.isfinite(answers))[0])
        raise BlackBoxFailed(
            f"The model answered {answers[bad]} to a mask that keeps {int(masks[bad].sum())} of {masks.shape[1]} "
            "features; every answer must be a finite number. If it returns probabilities of 0 or 1 turned into "
            "logits, clip them first."
        )
    return answers
