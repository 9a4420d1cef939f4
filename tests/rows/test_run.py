"""GLIDER over rows whose interactions are known."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

import glider_core as gl
from glider_core.rows.run import detect_global
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
