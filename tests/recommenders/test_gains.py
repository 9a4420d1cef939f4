"""What is gained, in hand-made trials."""

from typing import Any

import numpy as np
import pytest

from glider_core.recommenders.comparison import Trial
from glider_core.recommenders.gains import gains


def trial(variant: Any, seed: int, auc: float, logloss: float, parameters: int = 100) -> Trial:
    return Trial(
        target="DeepFM", variant=variant, seed=seed, crosses=1, embedding=16, parameters=parameters, auc=auc,
        logloss=logloss, validation_auc=auc, validation_logloss=logloss, epochs=1, seconds=1.0,
    )  # fmt: skip


def test_gains_are_differences_of_means_against_their_deviation() -> None:
    trials = [
        trial("base", 0, 0.70, 0.50),
        trial("base", 1, 0.72, 0.48),
        trial("base", 2, 0.90, 0.10),  # a seed that crossed does not have
        trial("crossed", 0, 0.80, 0.40, 120),
        trial("crossed", 1, 0.80, 0.40, 120),
    ]
    (gain,) = gains(trials)
    assert gain.seeds == 2
    assert gain.auc == pytest.approx((0.71, 0.80))
    assert gain.auc_gain == pytest.approx(0.09)
    assert gain.logloss_gain == pytest.approx(0.09)
    assert gain.auc_deviation == pytest.approx(np.std([0.70, 0.72], ddof=1))
    assert gain.growth == pytest.approx(0.2)
    assert gain.exceeds
    (close,) = gains([trial("base", 0, 0.70, 0.5), trial("base", 1, 0.72, 0.5), trial("crossed", 0, 0.75, 0.4),
                      trial("crossed", 1, 0.70, 0.3)])  # fmt: skip
    assert close.exceeds is False
    (once,) = gains([trial("base", 0, 0.70, 0.50), trial("crossed", 0, 0.80, 0.40)])
    assert once.exceeds is None
    assert gains([trial("crossed", 0, 0.8, 0.4)]) == []
