"""Which crosses stay: one after another by what validation rows gain, and none where nothing exceeds its noise.

The base model is frozen: its logits are an offset, and each cross adds its number times a weight. The gain of a cross
is measured on rows that its weight was not fitted to, and must exceed two deviations of its bootstrap. Candidates come
from `scan`, which has held each to what the best of so many useless ones would gain on training rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from glider_core.tables.cross_tables import loss_of

DEVIATIONS = 2.0  # of the bootstrap, that a gain must exceed
DRAWS = 200  # of the bootstrap
MOST = 10  # crosses that may stay
_FOLDS = 5
_RIDGE = 1.0  # on a weight, towards 0, beside the whole log-likelihood: a cross that tells nothing is left alone
_STEPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One more cross that stays, or the best one that did not."""

    position: int  # of the column
    gain: float  # mean logloss that it saves
    noise: float  # deviation of that, by the bootstrap
    kept: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """The columns that stay, in the order they came, and what each is weighed with."""

    steps: tuple[Step, ...]  # the last one did not stay, unless none was left
    weights: tuple[float, ...]  # of the kept columns, beside the base's logits
    logits: NDArray[np.float64]  # (n,) of the validation rows, each by weights that were fitted to others

    @property
    def kept(self) -> tuple[int, ...]:
        """Positions of the columns that stay."""
        return tuple(step.position for step in self.steps if step.kept)


def choose(
    base: NDArray[np.float64],
    columns: NDArray[np.float64],
    answers: NDArray[np.float32],
    *,
    most: int = MOST,
    seed: int = 0,
) -> Selection:
    """Choose columns, none allowed, on rows that neither the base nor the columns were learned from.

    Args:
        base: (n,) logits of the frozen model.
        columns: (n, candidates) numbers of crosses.
        answers: (n,) 0 or 1.
        most: columns that may stay.
        seed: of folds and bootstrap.
    """
    rng = np.random.default_rng(seed)
    folds = rng.permutation(len(base)) % _FOLDS
    kept: list[int] = []
    steps: list[Step] = []
    logits = base
    while len(kept) < most and (left := [p for p in range(columns.shape[1]) if p not in kept]):
        trials = {p: cross_fitted(base, columns[:, [*kept, p]], answers, folds) for p in left}
        saved = {p: loss_of(logits, answers) - loss_of(trial, answers) for p, trial in trials.items()}
        best = max(left, key=lambda p: float(saved[p].mean()))
        gain, noise = float(saved[best].mean()), bootstrap_noise(saved[best], rng)
        stays = gain > DEVIATIONS * noise
        steps.append(Step(position=best, gain=gain, noise=noise, kept=stays))
        if not stays:
            break
        kept.append(best)
        logits = trials[best]
    weights = _weights(base, columns[:, kept], answers)
    return Selection(tuple(steps), tuple(weights.tolist()), logits)


def cross_fitted(
    base: NDArray[np.float64], columns: NDArray[np.float64], answers: NDArray[np.float32], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n,) logits with these columns, of each row by weights that were fitted to the other folds."""
    logits = base.copy()
    for fold in range(int(folds.max()) + 1):
        own = folds == fold
        logits[own] += columns[own] @ _weights(base[~own], columns[~own], answers[~own])
    return logits


def bootstrap_noise(saved: NDArray[np.float64], rng: np.random.Generator) -> float:
    """Deviation of the mean of what rows save, over draws of as many rows."""
    n = len(saved)
    return float(np.std([saved[rng.integers(0, n, n)].mean() for _ in range(DRAWS)]))


def _weights(
    base: NDArray[np.float64], columns: NDArray[np.float64], answers: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The weight of each column in a logistic regression with the base as offset, by Newton's method."""
    weights = np.zeros(columns.shape[1])
    for _ in range(_STEPS if len(weights) else 0):
        chances = expit(base + columns @ weights)
        slope = columns.T @ (chances - answers) + _RIDGE * weights
        curvature = (columns * (chances * (1 - chances))[:, None]).T @ columns + _RIDGE * np.eye(len(weights))
        step = np.linalg.solve(curvature, slope)
        weights -= np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    return weights
