"""The model's own truth, against functions whose products and components are known."""

from __future__ import annotations

import numpy as np
import pytest

from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import Term
from glider_core.experiments.model_truth import TruthOfAll

EVERYTHING = TruthOfAll(6, 0.25)


def test_components_are_shares_of_the_variation() -> None:
    signs = 2.0 * EVERYTHING.masks - 1.0
    answers = 3.0 * signs[:, 0] + 2.0 * signs[:, 1] * signs[:, 4] + 1.0 * signs[:, [0, 2, 3]].prod(axis=1) + 7.0
    truth = EVERYTHING.of(answers)
    assert [features for features, _ in truth.components] == [(1, 4), (0, 2, 3)]
    assert [share for _, share in truth.components] == pytest.approx([4 / 14, 1 / 14])


def test_products_come_one_by_one_each_the_best_of_all() -> None:
    masks = EVERYTHING.masks
    answers = masks @ np.arange(6.0) + 4.0 * masks[:, [0, 1, 2]].all(1) - 2.0 * masks[:, [3, 5]].all(1)
    truth = EVERYTHING.of(answers)
    assert [features for features, _ in truth.products] == [(0, 1, 2), (3, 5)]
    # The slow way: each share is what least squares with one product more explains.
    model = TermModel(EVERYTHING.design, answers)
    for features, share in truth.products:
        before = model.rss
        model.add(Term(features, "all"))
        assert share == pytest.approx((before - model.rss) / model.total)
    assert model.rss == pytest.approx(0.0, abs=1e-9)
