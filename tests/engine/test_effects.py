"""The joint effect against functions whose interaction terms are known."""

import itertools

import numpy as np
import pytest

from glider_core.engine.effects import check_masks, joint_effect


def test_the_joint_effect_of_a_pair_is_the_mixed_difference() -> None:
    masks = check_masks(4, (1, 3))
    assert masks.tolist() == [[True, on1, True, on3] for on3 in (False, True) for on1 in (False, True)]
    assert joint_effect((1, 3), [1.0, 2.0, 4.0, 10.0]) == 10 - 2 - 4 + 1


@pytest.mark.parametrize("order", [3, 6, 8])
def test_the_joint_effect_sums_all_interaction_terms_inside(order: int) -> None:
    rng = np.random.default_rng(order)
    features = tuple(range(order))
    terms = {part: rng.normal() for size in range(order + 1) for part in itertools.combinations(features, size)}
    answers = [
        sum(value for part, value in terms.items() if row[list(part)].all()) for row in check_masks(order + 2, features)
    ]
    expected = sum(value for part, value in terms.items() if len(part) >= 2)
    assert joint_effect(features, answers) == pytest.approx(expected)
