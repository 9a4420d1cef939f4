"""Thrift: questions and seconds that Grow and NID take to the same quality, one instance and 32, in one run."""

from __future__ import annotations

import time

import numpy as np

import glider_core as gl
from glider_core.engine.planted import FAMILIES, planted_family, r_precision

FEATURES, MANY = 40, 32
RUNS = {
    "Grow, 300 questions": gl.Settings.with_masks(300, grow_questions=False),
    "Grow, few questions first": gl.Settings(),
    "Grow, 1000 questions": gl.Settings.with_masks(1000, grow_questions=False),
    "Grow, 6000 questions": gl.Settings(grow_questions=False),
    "NID, 6000 questions": gl.Settings(detector="NID"),
    "NID as published, 6000 questions": gl.Settings(detector="NID", schedule="plateau"),
}


def run() -> list[dict]:
    """questions and seconds to the same quality, Grow beside NID, d = 40"""
    cases = [planted_family(FAMILIES[seed % len(FAMILIES)], FEATURES, 500 + seed) for seed in range(MANY)]
    instances = [instance for instance, _ in cases]
    rows = []
    for name, settings in RUNS.items():
        gl.explain(instances[0], settings)  # the first one warms up
        alone = []
        for instance in instances[:3]:
            start = time.perf_counter()
            gl.explain(instance, settings)
            alone.append(time.perf_counter() - start)
        start = time.perf_counter()
        explanations = gl.explain_many(instances, settings)
        seconds = time.perf_counter() - start
        precision = [r_precision(e.interactions, planted) for e, (_, planted) in zip(explanations, cases, strict=True)]
        rows.append(
            {
                "run": name,
                "R-precision": round(float(np.mean(precision)), 3),
                "questions, effects included": round(float(np.mean([e.n_evaluations for e in explanations]))),
                "seconds alone": round(float(np.median(alone)), 3),
                "seconds each of 32": round(seconds / MANY, 3),
            }
        )
        print(rows[-1])
    return rows
