"""What fields say one by one: an additive logistic model, and what it says of rows that it has not seen.

A cross is worth something for what it adds to this. For a statistic of answers that must not leak, a prediction is
needed that saw neither the row it is for nor the rows that will read the statistic: see `Additive.without`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from glider_core.tables.buckets import CrossField

FOLDS = 4
STRENGTH = 1.0  # scikit-learn's C: a prior of deviation 1 on the weight of each value
_MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class Additive:
    """An additive model of training rows, in logits."""

    folds: NDArray[np.int8]  # (n,) 0 to FOLDS - 1
    # (FOLDS, n): in row f, of each training row by a model that saw neither fold f nor the fold that the row is in.
    without: NDArray[np.float64]
    fields: Mapping[str, CrossField]
    model: LogisticRegression | float  # of all training rows; a number where these all have one answer

    @property
    def out_of_fold(self) -> NDArray[np.float64]:
        """(n,) of each training row by a model that saw all folds but its own."""
        return self.without[self.folds, np.arange(len(self.folds))]

    def logits(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """(n,) of other rows."""
        return _logits(self.model, one_hot(self.fields, table))


def learn_additive(
    fields: Mapping[str, CrossField],
    table: pd.DataFrame,
    answers: NDArray[np.float32],
    *,
    seed: int = 0,
    strength: float = STRENGTH,
) -> Additive:
    """Fit the additive model of training rows, once for each pair of folds left out.

    Args:
        fields: how each is read; categories, and dense fields in buckets.
        table: n training rows.
        answers: (n,) 0 or 1.
        seed: of the folds.
        strength: C of the logistic regression.
    """
    n = len(table)
    folds = (np.random.default_rng(seed).permutation(n) % FOLDS).astype(np.int8)
    matrix = one_hot(fields, table)
    without = np.zeros((FOLDS, n))
    for first, second in itertools.combinations_with_replacement(range(FOLDS), 2):
        model = _fit(matrix, answers, (folds != first) & (folds != second), strength)
        for out, of in {(first, second), (second, first)}:
            rows = folds == of
            without[out, rows] = _logits(model, matrix[rows])
    return Additive(folds, without, fields, _fit(matrix, answers, np.ones(n, bool), strength))


def one_hot(fields: Mapping[str, CrossField], table: pd.DataFrame) -> sparse.csr_matrix:
    """(n, values of all fields) with a 1 at the value that each field has; nothing for a value that is not known."""
    blocks = []
    for name, field in fields.items():
        codes = field.codes(table[name])
        size = len(field.values) if field.values is not None else len(field.edges) + 2  # type: ignore[arg-type]
        known = np.flatnonzero(codes >= 0)
        shape = (len(table), max(size, 1))
        blocks.append(sparse.csr_matrix((np.ones(len(known)), (known, codes[known])), shape=shape))
    return sparse.csr_matrix(sparse.hstack(blocks, format="csr"))


def _fit(
    matrix: Any, answers: NDArray[np.float32], rows: NDArray[np.bool_], strength: float
) -> LogisticRegression | float:
    if rows.sum() == 0 or len(np.unique(answers[rows])) < 2:  # so few rows of one kind that a fold has none
        return float(logit((answers[rows].sum() + 0.5) / (rows.sum() + 1)))
    # liblinear takes few steps where columns are many and sparse; the scale keeps its penalty off the intercept.
    model = LogisticRegression(C=strength, solver="liblinear", intercept_scaling=10, max_iter=_MAX_STEPS, tol=1e-3)
    return model.fit(matrix[rows], answers[rows])


def _logits(model: LogisticRegression | float, matrix: Any) -> NDArray[np.float64]:
    return model.decision_function(matrix) if isinstance(model, LogisticRegression) else np.full(matrix.shape[0], model)
