"""The comparison with the authors' code, run on a stand-in of ours that has its interface and none of its lines."""

from __future__ import annotations

import html
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import glider_core as gl
from benchmarks import authors_code as command
from glider_core.engine.planted import planted_family
from glider_core.errors import InvalidInput
from glider_core.experiments import authors_code, authors_rows
from glider_core.experiments import checkout as theirs
from glider_core.experiments.sources import SOURCES

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
    folder = tmp_path / "checkout" / theirs.FOLDER
    (folder / "utils").mkdir(parents=True)
    (folder / f"{theirs.MODULE}.py").write_text(STAND_IN)
    (folder / "utils" / "general_utils.py").write_text(HELPERS)
    return tmp_path / "checkout"


@pytest.mark.slow
def test_all_rank_the_same_masks_and_are_compared(checkout: Path) -> None:
    instance, planted = planted_family("products", 12, 0)
    with theirs.authors(checkout) as detect:
        measured = theirs.measure(detect, instance, planted, 1200)
    assert list(measured) == ["NID", "GradientNID"]
    whose = measured["GradientNID"]  # all name pairs: on noiseless products all must have the planted ones first
    assert list(whose) == ["theirs", "theirs again", "as published", "as it is"]
    assert whose["theirs"]["R-precision"] == whose["as it is"]["R-precision"] == 1.0
    assert "of ten shared" not in whose["theirs"]
    assert whose["theirs again"]["of ten shared"] == 1.0  # the stand-in has no chance in it
    assert whose["as it is"]["of ten shared"] >= 0.5
    assert -1.0 <= whose["as it is"]["pairs' rank correlation"] <= 1.0
    assert measured["NID"]["as it is"]["R-precision"] == 1.0
    assert measured["NID"]["theirs"]["R-precision"] == pytest.approx(2 / 3, abs=1e-4)  # it cannot name the triple


def test_rankings_are_compared_by_sets_and_by_pairs() -> None:
    one = [((0, 1), 3.0), ((2, 3, 4), 2.0)]
    assert theirs.compare(one, one, 6) == {
        "same first": 1.0, "of ten shared": 1.0, "pairs' rank correlation": pytest.approx(1.0),
    }  # fmt: skip
    other = theirs.compare(one, [((2, 3, 4), 9.0), ((0, 5), 1.0)], 6)
    assert other["same first"] == 0.0
    assert other["of ten shared"] == 0.5
    assert other["pairs' rank correlation"] < 1.0


def test_what_is_no_checkout_is_told(tmp_path: Path, checkout: Path) -> None:
    experiment = authors_code.EXPERIMENT
    with pytest.raises(InvalidInput, match=r"no '1\. madex/neural_interaction_detection\.py'"):
        experiment.run(experiment.context(quick=True, checkout=tmp_path))
    with pytest.raises(InvalidInput, match="a multiple of 1200"):
        experiment.run(experiment.context(quick=True, checkout=checkout, masks=1300))
    (checkout / theirs.FOLDER / "utils" / "general_utils.py").write_text("import a_package_that_is_nowhere")
    with pytest.raises(InvalidInput, match="cannot be imported: No module named 'a_package_that_is_nowhere'"):
        experiment.run(experiment.context(quick=True, checkout=checkout))
    assert not {"utils", "utils.general_utils", theirs.MODULE} & set(sys.modules)


def test_what_was_measured_is_written_and_told(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    options = {"detectors": "NID", "families": "parity", "models": "recommender/census", "masks": 1200}
    options |= {"functions": "F1", "black-boxes": "MLP", "train": 400}
    words = [str(checkout), "--quick", *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
    with pytest.raises(SystemExit) as ended:
        command.main([*words, "--out", str(out)])
    assert ended.value.code == 0, capsys.readouterr()
    written = json.loads(out.read_text())
    assert written["masks"] == 1200
    planted, model = written["rows"]
    assert [planted["of"], model["of"]] == ["planted, d = 20", "recommender/census"]
    assert planted["detectors"]["NID"]["theirs"]["R-precision"] == 0.5  # the stand-in names the pair, and no triple
    assert model["detectors"]["NID"]["as it is"].keys() >= {"seconds", "same first", "of ten shared"}
    assert not {"utils", "utils.general_utils", theirs.MODULE} & set(sys.modules)
    assert str(checkout / theirs.FOLDER) not in sys.path

    experiment, told = authors_code.EXPERIMENT, {"authors_code": written, "authors_code_without": {}}
    assert experiment.beside is not None
    assert experiment.report is not None
    assert experiment.pictures is not None
    precision, likeness, seconds, near = experiment.beside(told)
    assert precision.paper.startswith("the authors' code: 0.50")
    assert precision.met
    assert likeness.paper == "the authors' code, another seed: 1.00"
    assert seconds.what == "NID: seconds of training and reading"
    assert near.what == "F1, MLP, NID near 2 instances (Table 10)"
    assert near.paper == "1; the authors' code: 1.00 among all sizes, 1.00 of its size"  # the stand-in finds products
    assert near.met
    assert near.ours == "1.00 among all sizes, 1.00 of its size"
    assert "| NID | planted, d = 20 (1) | the authors' code | 0.50 | – | – | – |" in experiment.report(told)
    (picture,) = experiment.pictures(told).values()
    assert "the authors' code, another seed" in html.unescape(picture)


def test_what_is_kept_belongs_to_one_state_of_their_code(checkout: Path, tmp_path: Path) -> None:
    experiment = authors_code.EXPERIMENT
    small: dict[str, Any] = {"families": ("products",), "models": (), "functions": (), "masks": 1200}
    small |= {"detectors": ("NID",), "keep": tmp_path / "keep"}
    first = experiment.run(experiment.context(quick=True, checkout=checkout, **small))
    again = experiment.run(experiment.context(quick=True, checkout=checkout, **small))
    assert again["rows"] == first["rows"]  # seconds, too: nothing was measured anew
    helpers = checkout / theirs.FOLDER / "utils" / "general_utils.py"
    helpers.write_text(helpers.read_text() + "\n\nCHANGED = True\n")
    with pytest.raises(InvalidInput, match="begun with other checkout"):
        experiment.run(experiment.context(quick=True, checkout=checkout, **small))


def test_sets_are_counted_over_rows_without_the_set_of_all_fields(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model: Any = gl.load_model("recommender/census")
    names = list(model.instance(0).names)
    table = SimpleNamespace(
        tables={"train": range(100)}, fingerprint="0" * 16, fields=[SimpleNamespace(name=name) for name in names]
    )
    monkeypatch.setattr(authors_rows, "read_source", lambda context: (SOURCES["census"], table))
    monkeypatch.setattr(authors_rows, "kept_model", lambda *given: (model, 0.9))
    monkeypatch.setattr(authors_rows, "unseen_rows", lambda dataset, n: model.rows.head(n))
    context = authors_code.EXPERIMENT.context(quick=True, explained=2, masks=1200)
    context = replace(context, options={**context.options, "table": "census"})
    with theirs.authors(checkout) as detect:
        told = authors_rows.counted(context, detect, "identity")
    assert (told["rows"], told["fields"], told["test AUC"]) == (2, len(names), 0.9)
    assert list(told["ways"]) == ["theirs", "theirs again", "as published", "as it is"]
    pairs = len(names) * (len(names) - 1) // 2
    stand_in = told["ways"]["theirs"]
    assert stand_in["sets per row"] == min(pairs, authors_rows.COUNTED)  # it ranks all pairs
    assert stand_in["of the first 20"] == told["ways"]["theirs again"]["of the first 20"] == 1.0
    ours = told["ways"]["as it is"]
    assert 0 < ours["sets per row"] <= authors_rows.COUNTED
    assert str(len(names)) not in ours["orders"]
    assert set(ours["most frequent"]["fields"]) < set(names)
    written = authors_rows.report(told, authors_code.NAMES, 1200)
    assert f"| the authors' code | {stand_in['sets per row']:.1f} |" in written
