"""GLIDER over rows whose interactions are known."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

import glider_core as gl
from glider_core.rows.run import PAPER, detect_global
from tests.rows.regimes import QUICK, TwoRegimes, table


def test_sets_are_counted_over_rows(run) -> None:
    assert run.n_rows == 30
    first, second = run.interactions[:2]
    assert first.names == ("a", "b")
    assert first.count == 20
    assert first.share == pytest.approx(20 / 30)
    assert first.mean_effect == pytest.approx(5.0)
    assert first.rows == tuple(n for n in range(30) if n % 3)
    assert second.names == ("c", "d")
    assert second.rows == tuple(range(0, 30, 3))
    assert sum(run.orders) == sum(one.count for one in run.interactions) == round(run.per_row * 30)
    assert run.orders[0] >= 20
    assert first.p_adjusted < 1e-9
    assert first.count > run.threshold()


def test_a_label_is_kept_and_is_only_a_name(run) -> None:
    slice_ = detect_global(TwoRegimes(), table(30), run.settings, label="x is any")
    assert gl.GlobalInteractions.from_json(slice_.to_json()).label == "x is any"
    assert slice_ == run


def test_one_row_is_enough() -> None:
    run = detect_global(TwoRegimes(), table(1), QUICK)
    assert run.n_rows == 1
    assert all(one.count == 1 for one in run.interactions)


@pytest.mark.parametrize("form", ["table", "list", "generator"])
def test_rows_come_in_any_form(run, form) -> None:
    rows: Any = table(30)
    if form == "list":
        rows = rows.to_dict("records")
    elif form == "generator":
        rows = (row for row in rows.to_dict("records"))
    assert detect_global(TwoRegimes(), rows, run.settings) == run


def test_bad_rows_are_told() -> None:
    with pytest.raises(gl.InvalidInput, match="no rows"):
        detect_global(TwoRegimes(), [], QUICK)

    class Texts:
        id = "test/texts"
        identity: str | None = None

        def instance(self, raw: Any, /) -> gl.FunctionInstance:
            return gl.FunctionInstance(list(raw), lambda masks: masks.sum(axis=1))

    with pytest.raises(gl.InvalidInput, match="other features"):
        detect_global(Texts(), ["abc", "abcd"], QUICK)


def test_progress_grows_to_one(run) -> None:
    shares: list[float] = []
    lock = threading.Lock()

    def report(stage: str, share: float) -> None:
        with lock:
            assert stage == "rows"
            shares.append(share)

    detect_global(TwoRegimes(), table(30), run.settings, on_progress=report)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert json.dumps(shares)


def test_the_papers_counting_takes_the_top_of_the_ranking_without_the_set_of_all_fields() -> None:
    settings = PAPER.model_copy(update={"n_train": 1000, "hidden": (32, 16)})
    run = detect_global(TwoRegimes(), table(9), settings)
    explanation = gl.explain(TwoRegimes().instance({"x": True}), settings)
    ranking = [candidate.features for candidate in explanation.ranking]
    everything = tuple(range(6))
    assert everything in ranking  # in its place, below which parts of it are left out; but it does not count
    assert everything not in {one.features for one in run.interactions}
    in_row_1 = {one.features for one in run.interactions if 1 in one.rows}  # x is true there
    assert in_row_1 == set(ranking[:100]) - {everything}
    first = next(one for one in run.interactions if one.features == (0, 1))
    assert first.mean_effect == pytest.approx(5.0 * sum(row % 3 > 0 for row in first.rows) / first.count)
    assert gl.GlobalInteractions.from_json(run.to_json()) == run


def test_pairs_below_a_rarer_superset_go_in_the_papers_counting_only(run) -> None:
    pair = run.interactions[0]
    triple = replace(pair, features=(0, 1, 4), names=("a", "b", "e"), count=1, share=1 / 30, rows=(1,))
    both = replace(run, interactions=(pair, triple))
    assert [one.features for one in both.prune(2)] == [(0, 1), (0, 1, 4)]
    as_in_the_paper = replace(both, settings=PAPER)
    assert [one.features for one in as_in_the_paper.prune(2)] == [(0, 1, 4)]
    assert [one.features for one in as_in_the_paper.prune(1)] == [(0, 1)]
    # As many are taken from the ranking as it takes to have so many left.
    other = replace(pair, features=(2, 3), names=("c", "d"), count=1, share=1 / 30, rows=(2,))
    three = replace(as_in_the_paper, interactions=(pair, triple, other))
    assert [one.features for one in three.prune(2)] == [(0, 1, 4), (2, 3)]
    assert three.prune(9) == three.prune(2)


def test_of_two_fields_their_pair_counts_in_the_papers_way_though_it_is_all_there_is() -> None:
    class Both:
        id = "test/both"
        identity: str | None = None

        def instance(self, raw: Any, /) -> gl.Instance:
            return gl.FunctionInstance(["a", "b"], lambda masks: 4.0 * masks.all(axis=1) + masks[:, 0])

    run = detect_global(Both(), [0, 1], PAPER.model_copy(update={"n_train": 400, "hidden": (16, 8)}))
    assert [(one.features, one.count) for one in run.interactions] == [((0, 1), 2)]
