"""The comparison with the authors' code, run on a stand-in of ours that has its interface and none of its lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import authors_code
from glider_core.engine.planted import planted_family
from glider_core.errors import InvalidInput

# The interface of their module, as their notebooks call it: masks and targets by part, a ranking and a loss. This one
# ranks pairs by what is left of the answers' correlation with their product beside the features.
STAND_IN = """
from itertools import combinations

import numpy as np

from utils.general_utils import residual


def detect_interactions(Xs, Ys, detector="NID", x_instance_representation=None, arch=[256, 128, 64], batch_size=100,
                        device=None, weight_samples=False, add_linear=False, l1_const=None, grad_gpu=-1, seed=None,
                        **kwargs):
    assert detector in {"NID", "GradientNID"}
    assert set(Xs) == set(Ys) == {"train", "val", "test"}
    assert all(len(Xs[part]) % batch_size == 0 for part in ("val", "test"))
    assert all(Ys[part].shape == (len(Xs[part]), 1) for part in Ys)
    assert add_linear == (detector == "GradientNID") and not weight_samples
    X, left = Xs["train"].astype(float), residual(Xs["train"], Ys["train"])
    strength = {}
    for i, j in combinations(range(X.shape[1]), 2):
        column = residual(Xs["train"], X[:, [i]] * X[:, [j]])
        strength[j, i] = float((column * left).sum() ** 2 / (column ** 2).sum())
    return sorted(strength.items(), key=lambda item: -item[1])[:100], 0.0
"""
HELPERS = """
import numpy as np


def residual(X, y):
    columns = np.hstack([np.ones((len(X), 1)), X])
    return y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout" / authors_code.FOLDER
    (folder / "utils").mkdir(parents=True)
    (folder / f"{authors_code.MODULE}.py").write_text(STAND_IN)
    (folder / "utils" / "general_utils.py").write_text(HELPERS)
    return tmp_path / "checkout"


@pytest.mark.slow
def test_both_rank_the_same_masks_and_are_compared(checkout: Path) -> None:
    instance, planted = planted_family("products", 12, 0)
    rows = authors_code.measure(checkout, [("planted", instance, planted)], 1200)
    assert [row["detector"] for row in rows] == ["NID", "GradientNID"]
    pairs = rows[1]  # both name pairs: on noiseless products both must have the planted ones first
    assert pairs["theirs"]["R-precision"] == pairs["as it is"]["R-precision"] == 1.0
    assert pairs["as it is"]["of ten shared"] >= 0.5
    assert -1.0 <= pairs["as it is"]["pairs' rank correlation"] <= 1.0
    assert rows[0]["as it is"]["R-precision"] == 1.0
    assert rows[0]["theirs"]["R-precision"] == pytest.approx(2 / 3)  # the stand-in cannot name the triple
    assert "NID · planted · theirs: 0.667" in authors_code.summary(rows)


def test_rankings_are_compared_by_sets_and_by_pairs() -> None:
    one = [((0, 1), 3.0), ((2, 3, 4), 2.0)]
    assert authors_code.compare(one, one, 6) == {
        "same first": 1.0, "of ten shared": 1.0, "pairs' rank correlation": pytest.approx(1.0),
    }  # fmt: skip
    other = authors_code.compare(one, [((2, 3, 4), 9.0), ((0, 5), 1.0)], 6)
    assert other["same first"] == 0.0
    assert other["of ten shared"] == 0.5
    assert other["pairs' rank correlation"] < 1.0


def test_what_is_no_checkout_is_told(tmp_path: Path, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidInput, match=r"no '1\. madex/neural_interaction_detection\.py'"):
        authors_code.measure(tmp_path, [], 1200)
    with pytest.raises(InvalidInput, match="a multiple of 1200"):
        authors_code.measure(checkout, [], 1000)
    (checkout / authors_code.FOLDER / "utils" / "general_utils.py").write_text("import a_package_that_is_nowhere")
    with pytest.raises(SystemExit):
        authors_code.main([str(checkout), "--out", str(tmp_path / "out.json")])
    assert "cannot be imported: No module named 'a_package_that_is_nowhere'" in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


def test_what_was_measured_is_written(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(authors_code, "black_boxes", lambda seeds: [("empty", *planted_family("parity", 10, seeds))])
    monkeypatch.setattr(authors_code, "DETECTED", ("NID",))
    authors_code.main([str(checkout), "--seeds", "1", "--masks", "1200", "--out", str(tmp_path / "out.json")])
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["masks"] == 1200
    assert written["rows"][0]["of"] == "empty"
    assert written["rows"][0]["theirs"]["R-precision"] == 0.5  # the stand-in names the pair, and cannot the triple
    assert written["rows"][0]["as it is"].keys() >= {"seconds", "same first", "of ten shared"}
    assert "NID · empty · as published" in capsys.readouterr().out
    assert not {"utils", "utils.general_utils", authors_code.MODULE} & set(sys.modules)
    assert str(checkout / authors_code.FOLDER) not in sys.path
