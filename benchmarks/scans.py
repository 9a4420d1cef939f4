"""What stacking the scans of many instances into one product of matrices would bring; see docs/departures.md."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np

from glider_core.engine.blas import one_blas_thread
from glider_core.engine.climbing import Climber
from glider_core.engine.design import Design
from glider_core.engine.explain import explain_many
from glider_core.models import load_model
from glider_core.rows.run import ROWS

N_ROWS, D, MASKS, TIMES = 100, 40, (300, 500, 1000), 5


def run() -> dict[str, Any]:
    """share of the seconds over many rows that scans take; scans of pairs of 100 instances one by one and stacked"""
    model = load_model("recommender/simulated")
    instances = [model.instance(row) for row in range(N_ROWS)]  # type: ignore[attr-defined]
    explain_many(instances[:4], ROWS)
    spent = {"pairs": 0.0, "grown": 0.0}
    pairs, grown = _timed(Climber._pairs, spent, "pairs"), _timed(Design.grown_moments, spent, "grown")
    with mock.patch.object(Climber, "_pairs", pairs), mock.patch.object(Design, "grown_moments", grown):
        begun = time.perf_counter()
        explain_many(instances, ROWS)
        total = time.perf_counter() - begun
    result = {
        "rows": N_ROWS,
        "seconds": round(total, 2),
        "share of the scan of pairs": round(spent["pairs"] / total, 3),
        "share of all scans": round(sum(spent.values()) / total, 3),
        "stacked": [_stacked(n) for n in MASKS],
    }
    print(result, flush=True)
    return result


def _timed(work: Callable[..., Any], spent: dict[str, float], name: str) -> Callable[..., Any]:
    def timed(*given: Any) -> Any:
        begun = time.perf_counter()
        try:
            return work(*given)
        finally:
            spent[name] += time.perf_counter() - begun

    return timed


@one_blas_thread()
def _stacked(n: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    on, answers = (rng.random((n, D)) < 0.5).astype(float), rng.normal(size=(N_ROWS, n))
    first, second = np.triu_indices(D, 1)
    products = np.ascontiguousarray(on[:, first] * on[:, second])
    alone = min(_seconds(lambda: [(on * own[:, None]).T @ on for own in answers]) for _ in range(TIMES))
    together = min(_seconds(lambda: answers @ products) for _ in range(TIMES))
    return {
        "masks": n,
        "times faster": round(alone / together, 1),
        "bits depend on who else is there": not bool(np.array_equal((answers @ products)[:3], answers[:3] @ products)),
    }


def _seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
