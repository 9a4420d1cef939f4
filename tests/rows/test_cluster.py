"""Rows as tasks on a cluster: the same result, whatever workers do."""

from __future__ import annotations

import os
import signal

import pytest

import glider_core as gl
from glider_core.rows.run import detect_global
from tests.rows.regimes import QUICK, TwoRegimes, table


@pytest.mark.slow  # starts a cluster and waits for it to notice
def test_a_cluster_that_loses_a_worker_counts_the_same(monkeypatch) -> None:
    distributed = pytest.importorskip("distributed")
    for module in ("chunk", "run"):
        monkeypatch.setattr(f"glider_core.rows.{module}.CHUNK", 8)
    model = gl.load_model("recommender/simulated")
    alone = gl.detect_global(model, range(48), QUICK)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        workers = client.run(os.getpid)
        seen: list[int] = []

        def kill_one(partial: gl.GlobalInteractions) -> None:
            seen.append(partial.n_rows)
            if len(seen) == 2:
                os.kill(next(iter(workers.values())), signal.SIGKILL)

        together = gl.detect_global(model, range(48), QUICK, executor=client, on_partial=kill_one)
        assert set(client.run(os.getpid).values()) != set(workers.values())  # one is new
    assert seen == [*range(8, 49, 8)]
    assert together == alone


def test_a_cluster_that_is_not_there(monkeypatch) -> None:
    monkeypatch.setattr("glider_core.clusters._TIMEOUT", 0.5)
    pytest.importorskip("distributed")
    with pytest.raises(gl.InvalidInput, match="No scheduler"):
        detect_global(TwoRegimes(), table(8), QUICK, executor="tcp://127.0.0.1:9")


def test_errors_come_out_of_a_cluster_as_themselves() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.Client(n_workers=1, processes=False, dashboard_address=None) as client,
        pytest.raises(gl.InvalidInput, match="no row 999999"),
    ):
        detect_global(gl.load_model("recommender/simulated"), [999_999], QUICK, executor=client)
