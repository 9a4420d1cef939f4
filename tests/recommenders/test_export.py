"""Trainings on their way out."""

from __future__ import annotations

import json

from glider_core.recommenders.comparison import Comparison, Trial, Variant
from glider_core.recommenders.export import trials_json
from glider_core.recommenders.simulated import simulated


def trial(variant: Variant, auc: float) -> Trial:
    return Trial(
        target="DeepFM", variant=variant, seed=0, crosses=1, embedding=16, parameters=100, auc=auc, logloss=1 - auc,
        validation_auc=auc, validation_logloss=1 - auc, epochs=3, seconds=1.5,
    )  # fmt: skip


def test_what_was_measured_can_be_read_again() -> None:
    dataset = simulated(1000, n_validation=200, n_test=300)
    comparison = Comparison(dataset, [("hour", "app_category")])
    told = json.loads(trials_json(comparison, [trial("base", 0.5), trial("crossed", 0.75)], source="clicks"))
    assert told["source"] == "clicks"
    assert told["rows"] == {"train": 1000, "validation": 200, "test": 300}
    assert told["crosses"][0]["fields"] == ["hour", "app_category"]
    assert [given["auc"] for given in told["trials"]] == [0.5, 0.75]
    assert told["gains"][0]["auc_gain"] == 0.25
    assert told["gains"][0]["exceeds"] is None  # of one seed
    assert told["versions"]["glider"]
