"""Global detection: a thousand rows of 40 fields, and how cost and memory grow with rows."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from typing import Any

import numpy as np
import pandas as pd

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel, train_own
from glider_core.recommenders.simulator import simulate
from glider_core.rows.run import ROWS as DEFAULT
from glider_core.tables.values import guess_kinds

FIELDS, ROWS = 40, 1000
SMALL = gl.Settings(n_train=500, n_validation=50, n_test=50, epochs=8)  # of the runs that only scale
GROWTH = (10, 100, 1000)


def run() -> dict:
    """1000 rows of 40 fields as they are counted by default, a process per core; then 10 to 1000 rows at 600 masks"""
    model, rows = wide_model()
    processes = os.cpu_count() or 1
    start = time.perf_counter()
    detection = gl.detect_global(model, rows.head(ROWS), processes=processes)
    seconds = time.perf_counter() - start
    stages = _stages(model, rows)
    whole = {
        "rows": ROWS,
        "fields": len(detection.names),
        "processes": processes,
        "seconds": round(seconds, 1),
        "seconds per row": round(seconds / ROWS, 4),
        "stages, seconds per row": stages,
        "sets kept per row": round(detection.per_row, 2),
        "top": [" x ".join(interaction.names) for interaction in detection.prune(5)],
        "a million rows on 100 such machines, minutes": round(seconds / ROWS * 1e6 / 100 / 60, 1),
    }
    print(whole)
    growth = []
    for count in GROWTH:
        # Each in a process of its own, so that its peak of memory is its own.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            growth.append(pool.apply(_grow, (count,)))
        print(growth[-1])
    return {"1000 rows": whole, "growth, 15 fields, 600 masks": growth}


def wide_model() -> tuple[RecommenderModel, pd.DataFrame]:
    """AutoInt trained on a simulated log with 25 fields more that tell nothing."""
    table = simulate(60_000, 1).table
    rng = np.random.default_rng(1)
    for number in range(FIELDS - len(table.columns) + 1):
        table[f"noise_{number}"] = rng.integers(0, 20, len(table)).astype(str)
    kinds: Any = guess_kinds(table.drop(columns=["click"]))
    model, _ = train_own(table, "click", "1", kinds)
    return model, model.rows


def _stages(model: RecommenderModel, rows: pd.DataFrame) -> dict[str, float]:
    explanations = gl.explain_many(model.instances(rows.head(32)), DEFAULT)
    return {
        stage: round(sum(explanation.timings[stage] for explanation in explanations) / len(explanations), 4)
        for stage in explanations[0].timings
    }


def _grow(count: int) -> dict:
    model: Any = gl.load_model("recommender/simulated")
    gl.detect_global(model, range(8), SMALL)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    detection = gl.detect_global(model, (number % 300 for number in range(count)), SMALL)
    seconds = time.perf_counter() - start
    return {
        "rows": count,
        "seconds": round(seconds, 2),
        "seconds per row": round(seconds / count, 4),
        "peak memory before, MB": round(before),
        "peak memory, MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "different sets": len(detection.interactions),
    }
