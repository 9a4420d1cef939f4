"""Simulated click logs as datasets, and the truth of their parts."""

from __future__ import annotations

import numpy as np

from glider_core.recommenders.dataset import Dataset, prepare
from glider_core.recommenders.simulator import CLICKS, TARGET, Log, LogDesign, simulate
from glider_core.tables.values import guess_kinds, informative

PARTS = ("train", "validation", "test")


def simulated(
    n: int, *, n_validation: int = 30_000, n_test: int = 50_000, seed: int = 0, design: LogDesign = CLICKS
) -> Dataset:
    """A simulated click log of n training rows."""
    sizes = dict(zip(PARTS, (n, n_validation, n_test), strict=True))
    logs = {part: simulated_log(part, size, seed=seed, design=design).table for part, size in sizes.items()}
    kinds = informative(guess_kinds(logs["train"].drop(columns=[TARGET])))
    answers = {part: log[TARGET].to_numpy(dtype=np.float32) for part, log in logs.items()}
    return prepare(logs, answers, kinds, TARGET)


def simulated_log(part: str, n: int, *, seed: int = 0, design: LogDesign = CLICKS) -> Log:
    """The n rows of a part of `simulated`, with their true logits."""
    return simulate(n, seed * 10 + 1 + PARTS.index(part), design)
