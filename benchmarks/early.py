"""How many masks an early stop saves in each domain, and whether it shows the same top."""

from __future__ import annotations

from typing import Any

import numpy as np

import glider_core as gl
from glider_core.domains.dna import NID_L1
from glider_core.domains.dna.sequence import random_sequence
from glider_core.domains.image.picture import SAMPLES, sample
from glider_core.experiments.negations import SENTENCES

INPUTS = 12
TOP = 3


def run() -> list[dict]:
    """masks asked until the top three interactions and their order stay the same, against the full run"""
    texts = [text for text, _ in SENTENCES[:INPUTS]]
    cases: list[tuple[str, str, dict[str, Any], list[Any]]] = [
        ("sentiment/lstm", "GradientNID", {}, texts),
        ("sentiment/distilbert-small", "GradientNID", {}, texts[:6]),
        ("dna/cnn", "NID", {"l1": NID_L1}, [random_sequence(seed) for seed in range(INPUTS)]),
        ("recommender/simulated", "NID", {}, list(range(INPUTS))),
        ("recommender/census", "NID", {}, list(range(INPUTS))),
        ("image/small50", "GradientNID", {}, [sample(name) for name in SAMPLES]),
        ("graph/karate", "GradientNID", {}, [str(number) for number in range(20, 20 + INPUTS)]),
    ]
    rows = []
    for model_id, detector, more, inputs in cases:
        model = gl.load_model(model_id)
        asked, full, same, first = [], [], [], []
        for raw in inputs:
            instance = model.instance(raw)
            settings = gl.Settings(detector=detector, **more)  # type: ignore[arg-type]
            whole = gl.explain(instance, settings)
            early = gl.explain(instance, settings.model_copy(update={"stop_when_stable": TOP}))
            asked.append(early.n_evaluations)
            full.append(whole.n_evaluations)
            tops = [[interaction.features for interaction in run.interactions[:TOP]] for run in (early, whole)]
            same.append(len(set(tops[0]) & set(tops[1])) / max(len(tops[1]), 1) if tops[1] else float(not tops[0]))
            first.append(tops[0][:1] == tops[1][:1])
        row = {
            "model": model_id,
            "detector": detector,
            "inputs": len(inputs),
            "asked": round(float(np.mean(asked))),
            "of": round(float(np.mean(full))),
            "saved": round(1 - float(np.sum(asked) / np.sum(full)), 3),
            "of the full run's top three, found": round(float(np.mean(same)), 3),
            "the same first": round(float(np.mean(first)), 3),
        }
        rows.append(row)
        print(row)
    return rows
