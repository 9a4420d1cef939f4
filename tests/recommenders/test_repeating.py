"""Trainings from other seeds: the first seed's is the one that was chosen, others differ from it."""

import pytest

from glider_core.recommenders.improvement import BASE, FROZEN, KEPT, WIDER, Improvement
from glider_core.recommenders.improving import improve
from glider_core.recommenders.repeating import train_again
from tests.recommenders.test_improving import QUICK, dataset

ROWS = dataset(planted=True)


@pytest.fixture(scope="module")
def improved() -> Improvement:
    return improve(ROWS, recipe=QUICK, encodings=["numbers"], wider=True, baselines=[], folds=0)


@pytest.mark.parametrize("chosen", [BASE, FROZEN, "crosses as numbers"])
def test_the_first_seed_gives_the_models_that_were_compared(improved: Improvement, chosen: str) -> None:
    of = {model.name: model.test for model in improved.models}
    again = train_again(ROWS, chosen, target="DeepFM", recipe=QUICK, seeds=[0, 1], wider=chosen == BASE)
    assert again[BASE][0] == of[BASE]
    assert again[KEPT][0] == of[chosen]
    assert again[BASE][1] != of[BASE]
    if chosen == BASE:
        assert again[WIDER][0] == of[WIDER]
        assert again[KEPT][1] == again[BASE][1]
    else:
        assert WIDER not in again
        assert again[KEPT][1].logloss < again[BASE][1].logloss  # the planted cross helps whatever the weights are
