"""Stability and false findings: what is counted, on runs whose answer is known."""

from __future__ import annotations

from typing import Any

import pytest

from glider_core.engine.instance import FunctionInstance
from glider_core.experiments import EXPERIMENTS, false_findings, shuffled, stability
from glider_core.experiments.control_rows import Additive, significant_sets

RUNS = [
    [[[0, 1], 0.2, 9.0], [[2, 3], 0.1, 6.0]],
    [[[0, 1], 0.2, 9.0], [[2, 3, 4], 0.1, 6.0]],
    [[[2, 3], 0.2, 9.0]],
    [],
]


def test_agreement_of_runs_is_counted_by_pairs_of_them() -> None:
    assert stability._same_first(RUNS) == pytest.approx(1 / 6)
    # Of the first two runs one of three sets is in both, of the first and third one of two, of no other pair any.
    assert stability._alike(RUNS, None) == pytest.approx((1 / 3 + 1 / 2) / 6)
    assert stability._alike(RUNS, 1) == pytest.approx(1 / 6)
    assert stability._alike([[], []], None) == 1.0  # two runs that find nothing agree


def test_what_is_found_again_is_told_with_what_lies_inside_or_around() -> None:
    again = stability._again(RUNS)
    assert [one["again"] for one in again] == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0.0, 1 / 3])
    assert [one["family"] for one in again] == pytest.approx([1 / 3, 2 / 3, 1 / 3, 2 / 3, 2 / 3])


def test_what_five_runs_show_is_held_against_those_that_follow() -> None:
    steady, once = [[0, 1], 0.2, 9.0], [[4, 5], 0.01, 5.0]
    runs: list[list[Any]] = [[steady] for _ in range(9)]
    runs[0] = [steady, once]
    result = {"cases": [{"detector": "Grow", "model": "m", "runs": runs}], "seeds": 9, "versions": {"glider": "1"}}
    assert stability.foretold(result, "Grow") == [(0.2, 0.0, 1), (1.0, 1.0, 9)]
    experiment = EXPERIMENTS["stability"]
    assert experiment.report is not None
    text = experiment.report({"stability": result})
    assert "| Grow | m (1) | 1.1 | 1.00 |" in text
    assert "| Grow | 0.20 | 0.00 | 1 |" in text
    assert experiment.pictures is not None
    assert len(experiment.pictures({"stability": result})) == 1


def test_an_instance_is_explained_with_every_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []

    def explain(instance: Any, settings: Any) -> Any:
        seeds.append(settings.seed)
        return real(FunctionInstance(["a", "b", "c"], lambda masks: masks.sum(1) + 5.0 * masks[:, :2].all(1)), settings)

    real = stability.explain
    monkeypatch.setattr(stability, "explain", explain)
    experiment = EXPERIMENTS["stability"]
    context = experiment.context(models=("graph/karate",), detectors=("Grow",), inputs=1, seeds=3)
    (case,) = experiment.run(context)["cases"]
    assert seeds == [0, 1, 2]
    assert [[features for features, *_ in found] for found in case["runs"]] == [[[0, 1]]] * 3


def test_false_sets_are_those_inside_no_planted_one() -> None:
    assert false_findings._within((0, 2), [(0, 1, 2), (3, 4)])
    assert not false_findings._within((0, 3), [(0, 1, 2), (3, 4)])
    rows = [
        {"detector": "NID", "features": 20, "noise": 0, "explanations": 5, "true": 7, "false": 3, "most": 2,
         "shown": [[4.0, 0.002], [8.0, 0.004], [None, 0.02]]},
    ]  # fmt: skip
    told = "\n".join(false_findings._planted(rows))
    assert "NID 3 in 5 (0.600 each)" in told
    assert "t of below 5: 1, 5 to 7: 0, 7 to 10: 1, 10 and more: 0" in told
    assert "a gain of below 0.003: 1, 0.003 to 0.01: 1, 0.01 and more: 1" in told


def test_labels_at_random_leave_a_linear_model_additive() -> None:
    context = EXPERIMENTS["false-findings"].context(inputs=1)
    row = false_findings._learned("Grow", "a linear model of a table", context)
    assert (row["false"], row["verdicts"]) == (0, ["additive"])
    assert set(EXPERIMENTS["false-findings"].options["learned"].choices) == set(shuffled.SHUFFLED)


def test_the_gates_leave_nothing_to_call_significant() -> None:
    row = significant_sets(Additive(), 4, "the gates, as in the app")
    assert (row["rows"], row["sets"], row["significant"]) == (4, 0, 0)
