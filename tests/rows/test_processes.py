"""Rows over several processes of one machine: the same result, whatever happens to them."""

from __future__ import annotations

import signal

import numpy as np
import pytest

import glider_core as gl
from glider_core.rows import processes
from glider_core.rows.run import detect_global
from glider_core.workers.worker import Worker
from tests.rows.regimes import QUICK, Deadly, TwoRegimes, table


def test_two_processes_count_what_one_does_also_when_one_dies(monkeypatch, tmp_path) -> None:
    started: list[int] = []

    class Watched(Worker):
        def _start(self) -> None:
            super()._start()
            started.append(self.pid)

    monkeypatch.setattr(processes, "Worker", Watched)
    rows = table(48)
    rows["n"] = np.where(np.arange(48) % 8 == 0, 20, 0)  # a row in each chunk, so that the other process meets one
    resume = tmp_path / "run.jsonl"
    alone = detect_global(TwoRegimes(), rows, QUICK)
    together = detect_global(Deadly(str(tmp_path / "mark")), rows, QUICK, processes=2, resume=resume)
    assert together == alone
    assert len(started) == 2  # the second in the place of the first
    # All of it is in the file: nothing is explained again.
    monkeypatch.setattr(TwoRegimes, "instance", None)
    assert detect_global(Deadly(str(tmp_path / "mark")), rows, QUICK, resume=resume) == alone


def test_a_run_over_processes_stops_and_leaves_none_behind(monkeypatch) -> None:
    started: list[Worker] = []

    class Watched(Worker):
        def _start(self) -> None:
            super()._start()
            started.append(self)

    monkeypatch.setattr(processes, "Worker", Watched)

    def stop(stage: str, share: float) -> None:
        if started:
            raise gl.Cancelled("enough")

    with pytest.raises(gl.Cancelled, match="enough"):
        detect_global(TwoRegimes(), table(48), QUICK, processes=2, on_progress=stop)
    # Each has ended: killed, or by itself as its pipe closed.
    assert started
    assert all(worker._process.returncode in (0, -signal.SIGKILL) for worker in started)


def test_what_cannot_be_sent_is_told() -> None:
    class Local(TwoRegimes):
        pass

    with pytest.raises(gl.GliderError, match="works only in the process that made it"):
        detect_global(Local(), table(8), QUICK, processes=2)
    with pytest.raises(gl.InvalidSettings, match="processes"):
        detect_global(TwoRegimes(), table(8), QUICK, processes=0)
    with pytest.raises(gl.InvalidSettings, match="executor"):
        detect_global(TwoRegimes(), table(8), QUICK, processes=2, executor="tcp://127.0.0.1:9")
