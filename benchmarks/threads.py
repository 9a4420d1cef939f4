"""One core against two: a single explainer, a stack of them, and the black boxes' answers."""

from __future__ import annotations

import os
import time
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray

import glider_core as gl
from benchmarks.explainer import OURS, problems
from glider_core.engine.asking import Questions
from glider_core.engine.explainer import train_explainers
from glider_core.engine.plan import Plan

RUNS = 5
SENTENCE = "The director keeps the jokes coming and the actors never fail to make this long and strange story moving"


def run() -> list[dict]:
    """seconds by the number of threads"""
    rows = []
    plan, targets, _ = problems(40, 32)
    sentence = gl.load_model("sentiment/lstm").instance(SENTENCE)
    row = gl.load_model("recommender/simulated").instance(0)

    def train(count: int) -> None:
        split = plan.look(len(plan.masks)).split
        train_explainers(plan.masks, targets[:count], plan.weights, [split] * count, [plan.seed] * count, OURS)

    cases = {
        "train one explainer, d = 40": lambda: train(1),
        "train 32, each": lambda: train(32),
        "ask the LSTM, 20 words": lambda: Questions(sentence)(_masks(len(sentence.names))),
        "ask AutoInt, 15 fields": lambda: Questions(row)(_masks(15)),
    }
    before = torch.get_num_threads()
    for name, work in cases.items():
        found: dict[str, object] = {"what": name}
        for threads in range(1, (os.cpu_count() or 1) + 1):
            torch.set_num_threads(threads)
            work()
            seconds = median(_seconds(work) for _ in range(RUNS)) / (32 if "32" in name else 1)
            found[f"{threads} threads, seconds"] = round(seconds, 4)
        torch.set_num_threads(before)
        rows.append(found)
        print(found)
    return rows


def _seconds(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _masks(d: int) -> NDArray[np.bool_]:
    plan = Plan.draw(d, gl.Settings())
    return plan.look(len(plan.masks)).distinct
