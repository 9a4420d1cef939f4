"""What combinations of values say beyond their parts: finely, and coarsely where rows are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from glider_core.tables.additive import FOLDS, Additive
from glider_core.tables.buckets import CrossField
from glider_core.tables.counts import keys_of

BUCKETS = 10  # of a dense field in a cross
COARSE = 3  # the same, where combinations are rare
RARE = 20  # rows of a value below which it is lumped with other rare ones, where combinations are rare
LEAST = 3  # rows of a combination that has a number of its own
SHRINKAGE = (5.0, 20.0, 100.0)  # rows at the expected rate that are added to each combination; chosen out of fold


@dataclass(frozen=True, slots=True)
class CrossedField:
    """How a field is read for a cross: finely, and coarsely where combinations are rare."""

    fine: CrossField
    coarse: NDArray[np.int64]  # of each fine code; the last is that of values that are not known
    # What the column held: text, number, boolean, or "mixed" for what only Python can read as training did.
    column: str

    def codes(self, column: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(n,) fine codes, -1 for a value that is not known, and coarse ones."""
        fine = self.fine.codes(column)
        return fine, self.coarse[fine]


@dataclass(frozen=True, slots=True)
class CrossTable:
    """The numbers of one cross."""

    fields: tuple[str, ...]
    fine: NDArray[np.int64]  # (combinations, fields) codes
    numbers: NDArray[np.float64]  # parallel to fine, in logits
    coarse: NDArray[np.int64]  # (coarse combinations, fields) codes, for all other rows
    coarse_numbers: NDArray[np.float64]
    shrinkage: float


Codes = tuple[NDArray[np.int64], NDArray[np.int64]]  # (n,) fine and coarse of a field


def learn_cross(
    fields: tuple[str, ...],
    codes: dict[str, Codes],
    answers: NDArray[np.float32],
    additive: Additive,
    least: int = LEAST,
) -> tuple[CrossTable, NDArray[np.float64]]:
    """The numbers of one cross, and those of the training rows (n,) learned from other folds than theirs."""
    fine, coarse = zip(*(codes[name] for name in fields), strict=True)
    _, first, of_row = np.unique(keys_of(fine), return_index=True, return_inverse=True)
    _, first_coarse, of_row_coarse = np.unique(keys_of(coarse), return_index=True, return_inverse=True)
    parent = of_row_coarse[first]  # the coarse combination of each fine one
    size = len(first_coarse)
    best, chosen, numbers = -np.inf, SHRINKAGE[0], np.zeros(len(answers))
    base = additive.out_of_fold
    for shrinkage in SHRINKAGE:
        out = np.zeros(len(answers))
        for fold in range(FOLDS):
            seen = additive.folds != fold
            values, back_off, rows = _numbers(
                of_row[seen], parent, size, answers[seen], expit(additive.without[fold, seen]), shrinkage
            )
            # Numbers that few rows back are those of the coarser cross.
            out[~seen] = np.where(rows >= least, values, back_off[parent])[of_row[~seen]]
        gain = float(np.mean(loss_of(base, answers) - loss_of(base + out, answers)))
        if gain > best:
            best, chosen, numbers = gain, shrinkage, out
    values, back_off, rows = _numbers(of_row, parent, size, answers, expit(base), chosen)
    own = rows >= least
    return (
        CrossTable(
            fields,
            np.stack(fine, axis=1)[first[own]],
            values[own],
            np.stack(coarse, axis=1)[first_coarse],
            back_off,
            chosen,
        ),
        numbers,
    )


def loss_of(logits: NDArray[np.float64], answers: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,) logloss of each row."""
    return np.logaddexp(0, logits) - answers * logits


def _numbers(
    of_row: NDArray[np.int64],
    parent: NDArray[np.int64],
    size: int,
    answers: NDArray[np.float32],
    expected: NDArray[np.float64],
    shrinkage: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The number of each fine combination, of each coarse one, and the rows of each fine one.

    A fine number is shrunk towards that of its siblings, the other combinations within the same coarse one.
    """
    rows, ones, hoped = (
        np.bincount(of_row, weights=weights, minlength=len(parent)).astype(np.float64)
        for weights in (np.ones(len(answers)), answers.astype(np.float64), expected)
    )
    of_coarse = [
        np.bincount(parent, weights=values, minlength=size).astype(np.float64) for values in (rows, ones, hoped)
    ]
    others = [total[parent] - own for total, own in zip(of_coarse, (rows, ones, hoped), strict=True)]
    prior = _beyond(others[0], others[1], others[2], shrinkage, 0.0)
    back_off = _beyond(of_coarse[0], of_coarse[1], of_coarse[2], shrinkage, 0.0)
    return _beyond(rows, ones, hoped, shrinkage, prior), back_off, rows


def _beyond(
    rows: NDArray[np.float64],
    ones: NDArray[np.float64],
    hoped: NDArray[np.float64],
    shrinkage: float,
    prior: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Log-odds beyond the mean prediction of so many rows, shrunk towards a prior; 0 without rows."""
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = logit(np.clip(hoped / rows, 1e-6, 1 - 1e-6))
        rate = (ones + shrinkage * expit(usual + prior)) / (rows + shrinkage)
        return np.where(rows > 0.5, logit(np.clip(rate, 1e-9, 1 - 1e-9)) - usual, 0.0)


def crossed_field(field: CrossField, column: Any) -> CrossedField:
    """How a field of training rows is read in crosses."""
    codes = field.codes(column)
    if field.edges is not None:  # 0 is missing, then one number for each bucket
        wide = -(-(len(field.edges) + 1) // COARSE)
        coarse = np.concatenate([[0], np.arange(len(field.edges) + 1) // wide + 1])
        return CrossedField(field, coarse.astype(np.int64), "number")
    assert field.values is not None
    often = np.bincount(codes[codes >= 0], minlength=len(field.values)) >= RARE
    rare = len(field.values)
    coarse = np.append(np.where(often, np.arange(rare), rare), rare)
    return CrossedField(field, coarse.astype(np.int64), _kind(column))


def _kind(column: Any) -> str:
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = pd.Series(column.dtype.categories)
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_numeric_dtype(column):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(column):
        return "mixed"
    found = pd.api.types.infer_dtype(column, skipna=True)
    return "text" if found in ("string", "empty") else "boolean" if found == "boolean" else "mixed"


def look_up(
    codes: tuple[NDArray[np.int64], ...], known: NDArray[np.int64], numbers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) the number of each combination of codes; NaN where it has none."""
    keys = keys_of([known[:, position] for position in range(known.shape[1])])
    order = np.argsort(keys)
    sought = keys_of(codes)
    if not len(keys):
        return np.full(len(sought), np.nan)
    place = np.minimum(np.searchsorted(keys[order], sought), len(keys) - 1)
    return np.where(keys[order][place] == sought, numbers[order][place], np.nan)
