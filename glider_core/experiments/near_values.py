"""NID and GradientNID on values near an instance, as the paper has it for numbers: no masks (Tables 9 and 10).

The explainer reads how far each value has moved, in deviations, and learns what the black box answers to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from glider_core.engine.detectors.gradient_nid import GradientNID, gradient_nid_rankings
from glider_core.engine.detectors.nid import NID
from glider_core.engine.explainer import train_explainers
from glider_core.engine.masks import split_masks
from glider_core.results import Candidate
from glider_core.settings import Settings

DETECTORS = {"NID": NID(), "GradientNID": GradientNID()}
_AT = 0.5  # what the explainer reads of a value that has not moved: inside, 1/2 is subtracted

Predict = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def moves(d: int, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(n, d) draws of a standard normal cut at one deviation; the first row is the instance itself, all zeros."""
    low, high = ndtr(-1.0), ndtr(1.0)
    drawn = ndtri(low + rng.random((n, d)) * (high - low))
    drawn[0] = 0.0
    return drawn


def near_rankings(
    predict: Predict, instances: NDArray[np.float64], settings: Sequence[Settings], *, sigma: float, seed: int
) -> list[list[list[Candidate]]]:
    """Per settings and instance the sets that their detector reads from an explainer of values near it.

    Args:
        predict: (n, d) values to (n,) answers.
        instances: (b, d).
        settings: NID's or GradientNID's, all with as many masks, here values asked.
        sigma: deviation of the normal, in the values' unit, at which it is cut as well.
        seed: of the moves, which all instances share, and of the explainers.
    """
    first = settings[0]
    moved = moves(instances.shape[1], first.n_masks, np.random.default_rng(seed))
    answers = np.stack([predict(instance + sigma * moved) for instance in instances]).astype(np.float64)
    split = split_masks(first.n_train, first.n_validation, first.n_test)
    level = answers[:, split.train].mean(axis=1, keepdims=True)
    spread = answers[:, split.train].std(axis=1, keepdims=True)
    targets = (answers - level) / np.where(spread > 0, spread, 1.0)
    rankings = []
    for chosen in settings:
        detector = DETECTORS[chosen.detector]
        explainers = train_explainers(
            _AT + moved, targets, np.ones(len(moved)), [split] * len(targets), [seed] * len(targets),
            detector.recipe(chosen, len(split.train)), device=chosen.device,
        )  # fmt: skip
        if chosen.detector == "GradientNID":
            at = torch.full((instances.shape[1],), _AT, dtype=torch.float64)
            rankings.append(gradient_nid_rankings(explainers, at.to(chosen.device)))
        else:
            rankings.append(detector.read(explainers, chosen, lambda share: None))
    return rankings
