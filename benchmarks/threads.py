"""Why the explainer of a single instance is trained on one thread."""

from __future__ import annotations

import multiprocessing
import os
import time
from statistics import median
from unittest import mock

import glider_core as gl
from glider_core import explainer
from glider_core.experiments.planted import planted_instance

RUNS = 7


def run() -> list[dict]:
    """seconds of the explainer's training for one instance, on a quiet and on a busy machine"""
    rows = []
    for busy in (0, os.cpu_count() or 1):
        others = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(busy)]
        for other in others:
            other.start()
        for few, what in ((explainer._MEMBERS_PER_THREAD, "one thread"), (0, "all threads")):
            with mock.patch.object(explainer, "_MEMBERS_PER_THREAD", few):
                seconds = [_train(seed) for seed in range(RUNS)]
            row = {"busy processes beside it": busy, "with": what, "seconds": round(median(seconds), 3)}
            rows.append(row | {"slowest": round(max(seconds), 3)})
            print(rows[-1])
        for other in others:
            other.kill()
    return rows


def _train(seed: int) -> float:
    instance, _ = planted_instance(20, seed, orders=(2, 2, 3))
    return gl.explain(instance, gl.Settings(seed=seed)).timings["train"]


def _spin() -> None:
    while True:
        time.monotonic()
