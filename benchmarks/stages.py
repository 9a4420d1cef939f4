"""Seconds per instance, stage by stage: Grow in every domain, and the paper's detectors in two."""

from __future__ import annotations

import time
from statistics import median

import glider_core as gl
from glider_core.domains.dna import NID_L1
from glider_core.domains.dna.sequence import random_sequence
from glider_core.experiments.inputs import inputs_of

LINE = (
    "The director keeps the jokes coming and the actors never fail to make this long and strange story quite moving ."
)
RUNS = 7
MANY = 32
GROWS = ("sentiment/lstm", "sentiment/distilbert-small", "dna/cnn", "recommender/simulated", "recommender/census",
         "graph/karate", "image/small50")  # fmt: skip


def run() -> list[dict]:
    """seconds per instance: Grow by default on each domain's examples, NID and GradientNID at 6000 masks"""
    cases = [
        *((model_id, gl.Settings(), inputs_of(model_id, RUNS)) for model_id in GROWS),
        ("dna/cnn", gl.Settings(detector="NID", l1=NID_L1), [random_sequence(seed) for seed in range(MANY)]),
        ("sentiment/lstm", gl.Settings(detector="GradientNID"), _sentences()),
        ("sentiment/lstm", gl.Settings(detector="NID"), _sentences()),
    ]
    rows = []
    for model_id, settings, inputs in cases:
        model = gl.load_model(model_id)
        gl.explain(model.instance(inputs[0]), settings)  # warms up threads and caches
        single = []
        for raw in inputs[:RUNS]:
            start = time.perf_counter()
            explanation = gl.explain(model.instance(raw), settings)
            single.append((time.perf_counter() - start, explanation.timings))
        _, timings = sorted(single, key=lambda pair: pair[0])[len(single) // 2]
        start = time.perf_counter()
        bulk = gl.explain_many([model.instance(raw) for raw in inputs], settings)
        in_bulk = (time.perf_counter() - start) / len(inputs)
        row = {
            "model": model_id,
            "detector": settings.detector,
            "features": len(bulk[0].names),
            "one, seconds": round(median(seconds for seconds, _ in single), 3),
            "one, slowest": round(max(seconds for seconds, _ in single), 3),
            "stages of the median run": {stage: round(seconds, 3) for stage, seconds in timings.items()},
            "questions": round(sum(e.n_evaluations for e in bulk) / len(bulk)),
            "at once": len(inputs),
            "at once, seconds each": round(in_bulk, 3),
            "stages in bulk": {
                stage: round(sum(e.timings[stage] for e in bulk) / len(bulk), 3) for stage in bulk[0].timings
            },
        }
        rows.append(row)
        print(row)
    return rows


def _sentences() -> list[str]:
    """Sentences of 21 words and marks, no two alike."""
    words = LINE.split()
    return [" ".join([*words[shift:], *words[:shift]]) for shift in range(len(words))] + [
        " ".join([*words[shift + 1 :], *words[:shift], "fine"]) for shift in range(MANY - len(words))
    ]
