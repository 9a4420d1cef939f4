"""Training: the best look is kept, it stops in time, and nothing around it changes or is changed."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from glider_core.recommenders.fitting import Fit, Look, Training, fit, scores
from glider_core.recommenders.network import AutoInt
from tests.recommenders.planted_tables import dataset, table


def test_the_best_look_is_kept() -> None:
    looks: list[Look] = []
    found = fit(lambda: AutoInt(dataset().fields), dataset().parts, epochs=3, looks=2, batch=64, on_look=looks.append)
    assert [look.epochs for look in looks][:2] == [0.48, 1.0]  # 12 and 25 of 25 steps
    assert found.validation.logloss == pytest.approx(min(look.validation.logloss for look in looks), abs=1e-4)
    assert [look.best for look in looks].index(True) == 0


def test_it_stops_when_validation_no_longer_improves() -> None:
    rows = table(600)
    rows["bought"] = np.random.default_rng(1).integers(0, 2, 600)  # nothing to learn
    found = fit(lambda: AutoInt(dataset(rows).fields), dataset(rows).parts, epochs=50, patience=2, batch=32)
    assert found.epochs_started < 50


def small_fit(seed: int) -> Fit[AutoInt]:
    return fit(
        lambda: AutoInt(dataset().fields, dropout=0.3), dataset().parts, seed=seed, epochs=2, batch=64, weight_decay=0.1
    )


def test_a_training_leaves_torch_s_random_numbers_as_they_were() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    training = Training(lambda: AutoInt(dataset().fields, dropout=0.3), dataset().parts, seed=1, epochs=1)
    next(training.run())
    training.result()
    assert torch.equal(torch.rand(3), expected)


def test_trainings_in_several_threads_give_what_each_gives_alone() -> None:
    alone = [small_fit(seed) for seed in range(3)]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(small_fit, range(3)))
    for one, other in zip(alone, together, strict=True):
        assert one.test == other.test
        for name, value in one.network.state_dict().items():
            assert torch.equal(value, other.network.state_dict()[name]), name


def test_scores_are_the_known_formulas() -> None:
    measured = scores(np.array([0.0, 1.0, 1.0, -2.0]), np.array([0, 1, 0, 0], dtype=np.float32))
    assert measured.auc == pytest.approx((1 + 0.5 + 1) / 3)
    assert measured.logloss == pytest.approx(
        np.mean([np.log(2), np.log1p(np.exp(-1)), np.log1p(np.e), np.log1p(np.exp(-2))])
    )
    assert np.isnan(scores(np.zeros(2), np.ones(2, np.float32)).auc)
    assert scores(np.array([1000.0]), np.zeros(1, np.float32)).logloss == 1000  # a sure mistake costs all it costs
