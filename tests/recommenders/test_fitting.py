"""Training: the best look is kept, it stops in time, and nothing around it changes or is changed."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import torch

import glider_core as gl
from glider_core.recommenders.dataset import split, with_knots
from glider_core.recommenders.fitting import Beside, Fit, Look, Training, device_for, fit, scores
from glider_core.recommenders.network import AutoInt, WideDeep
from glider_core.tables.fields import Field
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


def test_a_number_whose_curve_bends_is_learned_with_knots_alone() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"x": rng.normal(size=2000), "z": rng.choice(["a", "b"], 2000)})
    rows["bought"] = ((rows["x"].abs() < 0.7) ^ (rng.random(2000) < 0.05)).astype(int)
    rows["noise"] = rng.normal(size=2000)
    plain = split(rows, "bought", "1", {"x": "dense", "noise": "dense", "z": "categorical"})
    curved = with_knots(plain, 8)
    assert curved.fields[1].knots == ()  # chance splits are none
    assert plain.fields[0].knots == ()
    assert any(abs(abs(knot) - 0.7) < 0.1 for knot in curved.fields[0].knots)  # where the answer turns
    assert Field.from_dict(json.loads(json.dumps(asdict(curved.fields[0])))) == curved.fields[0]
    aucs = []
    for data in (plain, curved):
        made = fit(
            lambda fields=data.fields: WideDeep(fields, deep=(1,)), data.parts, epochs=12, batch=64, l2=1e-6, rate=3e-3
        )
        aucs.append(made.test.auc)
    assert aucs[0] < 0.7 < 0.9 < aucs[1]


def test_looks_and_result_are_at_the_average_of_the_latest_weights() -> None:
    seen: list[torch.Tensor] = []

    class Watched(WideDeep):
        def forward(self, ids: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
            if self.training:
                seen.append(self.bias.detach().clone())
            return super().forward(ids, dense)

    data = dataset()
    training = Training(lambda: Watched(data.fields, deep=(4,)), data.parts, epochs=2, batch=400, average=1.0)
    list(training.run())
    last = training.network.bias.detach()  # after the last step
    average = seen[0].clone()
    steps = 4  # of an epoch
    for taken, weights in enumerate([*seen[1:], last]):
        average += (weights - average) * max(1 / steps, 10 / (10 + taken))
    assert not torch.allclose(average, last, atol=1e-4)
    assert torch.allclose(training.result().network.bias, average, atol=1e-6)


def test_a_baseline_is_better_only_beyond_chance_and_by_what_matters() -> None:
    test = scores(np.array([3.0, -3.0]), np.array([1.0, 0.0]))
    assert Beside("LightGBM", test, saved=0.02, noise=0.005).better
    assert not Beside("LightGBM", test, saved=0.02, noise=0.02).better
    assert not Beside("LightGBM", test, saved=4e-4, noise=1e-5).better  # both answer nearly all rows for sure


def test_a_device_that_is_not_there_is_told() -> None:
    assert device_for("cpu", 10**9) == "cpu"
    assert device_for("auto", 1000) == "cpu"
    with pytest.raises(gl.InvalidInput, match="no device 'tpu'"):
        device_for("tpu", 1000)
    if not torch.cuda.is_available():
        assert device_for("auto", 10**9) == "cpu"
        with pytest.raises(gl.ModelUnavailable, match="no CUDA device"):
            device_for("cuda", 1000)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_gpu_learns_what_a_core_learns() -> None:
    data = dataset()
    found = [
        fit(lambda: WideDeep(data.fields, dropout=0.1), data.parts, epochs=4, batch=128, device=device)
        for device in ("cpu", "cuda")
    ]
    assert next(found[1].network.parameters()).device.type == "cpu"
    assert found[1].test.auc == pytest.approx(found[0].test.auc, abs=0.03)
