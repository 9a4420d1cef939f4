"""A cross as one number: what a combination of values says beyond the sum of what its parts say.

The number is a shrunk log-odds: how much more often combinations had answer 1 than an additive model predicts for
their rows. Target statistics of combinations are CatBoost's (Prokhorenkova et al. 2018); here they are relative to the
additive prediction, so that a number holds the interaction alone, and rare combinations fall back on coarser ones.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from glider_core.errors import InvalidInput
from glider_core.tables.additive import Additive, learn_additive
from glider_core.tables.buckets import CrossField, learn
from glider_core.tables.cross_tables import (
    BUCKETS,
    LEAST,
    CrossedField,
    CrossTable,
    crossed_field,
    learn_cross,
    look_up,
)
from glider_core.tables.crosses import checked_sets, title_of
from glider_core.tables.parts import Table, checked, parts


class CrossNumbers(BaseEstimator, TransformerMixin):
    """Turns sets of fields into a column of numbers each, learned from answers of 0 and 1.

    `fit_transform` gives training rows numbers that were learned from other rows (out of fold), as a model that reads
    them must be trained on; `transform` gives new rows the numbers learned from all training rows.

    Args:
        sets: of field names, two or more each.
        buckets: quantile buckets of a dense field, at most.
        least: rows of a combination that has a number of its own; rarer and new ones get that of a coarser cross, and
            0 where there is none.
        dense: names of the dense fields; None: numbers with more than 20 distinct values.
        seed: of the folds.

    Example:
        numbers = CrossNumbers([("department", "family")])
        train = numbers.fit_transform(table, answers)
        test = numbers.transform(other)
    """

    def __init__(
        self,
        sets: Sequence[Sequence[str]],
        *,
        buckets: int = BUCKETS,
        least: int = LEAST,
        dense: Sequence[str] | None = None,
        seed: int = 0,
    ) -> None:
        self.sets = sets
        self.buckets = buckets
        self.least = least
        self.dense = dense
        self.seed = seed

    def fit(self, X: Table, y: Any = None) -> CrossNumbers:
        """Learn the numbers from training rows.

        Args:
            X: a pandas or polars table, or the path of a Parquet file; it must fit into memory.
            y: (n,) answers, 0 or 1.

        Raises:
            InvalidInput: a set with fewer than two fields or with a field that the table lacks; answers that are not 0
                and 1, or not as many as rows.
        """
        self.learn(X, y)
        return self

    def fit_transform(self, X: Table, y: Any = None, **fit_params: Any) -> pd.DataFrame:
        """The same as `fit`, and the numbers of the training rows, each learned from other rows, (n, sets)."""
        return self.learn(X, y, **fit_params)

    def learn(self, X: Table, y: Any, *, additive: Additive | None = None) -> pd.DataFrame:
        """The same as `fit_transform`, beyond this additive model of the same rows; None: one of the crossed fields."""
        sets = checked_sets(self.sets, self.buckets, self.least)
        names = list(dict.fromkeys(name for fields in sets for name in fields))
        table = pd.concat(list(parts(X, names)), ignore_index=True)
        answers = _answers(y, len(table))
        if additive is None:
            _, fields = learn(lambda: iter([table]), names, 20, self.dense)
            additive = learn_additive(fields, table, answers, seed=self.seed)
        _, fine = learn(lambda: iter([table]), names, self.buckets, self.dense)
        self.fields_ = {name: crossed_field(fine[name], table[name]) for name in names}
        codes = {name: self.fields_[name].codes(table[name]) for name in names}
        self.tables_, columns = [], {}
        for chosen in sets:
            learned, numbers = learn_cross(chosen, codes, answers, additive, self.least)
            self.tables_.append(learned)
            columns[title_of(chosen)] = numbers
        return pd.DataFrame(columns, index=X.index if isinstance(X, pd.DataFrame) else None)

    def transform(self, X: Table) -> pd.DataFrame:
        """The numbers of rows that were not learned from, (n, sets) float64.

        Raises:
            InvalidInput: a field's column is not there.
        """
        self._check()
        blocks = [self._transform(part) for part in parts(X, list(self.fields_))]
        columns = list(self.get_feature_names_out())
        table = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=columns, dtype=np.float64)
        return table.set_axis(X.index) if isinstance(X, pd.DataFrame) else table

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The new columns' names."""
        self._check()
        return np.array([title_of(cross.fields) for cross in self.tables_], dtype=object)

    def only(self, sets: Sequence[Sequence[str]]) -> CrossNumbers:
        """The same numbers of some of the sets.

        Raises:
            InvalidInput: one of them is not there.
        """
        self._check()
        by_set = {frozenset(cross.fields): cross for cross in self.tables_}
        for fields in sets:
            if frozenset(fields) not in by_set:
                raise InvalidInput(f"There is no cross of {title_of(fields)[:80]}.")
        part = CrossNumbers(sets, buckets=self.buckets, least=self.least, dense=self.dense, seed=self.seed)
        part.tables_ = [by_set[frozenset(fields)] for fields in sets]
        part.fields_ = {name: self.fields_[name] for cross in part.tables_ for name in cross.fields}
        return part

    def save(self, path: str | Path | IO[bytes]) -> None:
        """Write what was learned to one file, or into memory."""
        self._check()
        state = {
            "format": 1,
            "kind": "cross numbers",
            "buckets": self.buckets,
            "least": self.least,
            "fields": {
                name: {**field.fine.to_dict(), "coarse": field.coarse.tolist(), "column": field.column}
                for name, field in self.fields_.items()
            },
            "crosses": [
                {
                    "fields": cross.fields,
                    "fine": cross.fine.tolist(),
                    "numbers": cross.numbers.tolist(),
                    "coarse": cross.coarse.tolist(),
                    "coarse_numbers": cross.coarse_numbers.tolist(),
                    "shrinkage": cross.shrinkage,
                }
                for cross in self.tables_
            ],
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("cross_numbers.json", json.dumps(state))

    @staticmethod
    def load(path: str | Path | IO[bytes]) -> CrossNumbers:
        """What `save` wrote.

        Raises:
            InvalidInput: the file is missing or is something else.
        """
        try:
            with zipfile.ZipFile(path) as file:
                state = json.loads(file.read("cross_numbers.json"))
            loaded = CrossNumbers(
                [tuple(cross["fields"]) for cross in state["crosses"]], buckets=state["buckets"], least=state["least"]
            )
            loaded.fields_ = {
                name: CrossedField(CrossField.from_dict(field), np.array(field["coarse"], np.int64), field["column"])
                for name, field in state["fields"].items()
            }
            loaded.tables_ = [
                CrossTable(
                    tuple(cross["fields"]),
                    np.array(cross["fine"], np.int64).reshape(-1, len(cross["fields"])),
                    np.array(cross["numbers"], np.float64),
                    np.array(cross["coarse"], np.int64).reshape(-1, len(cross["fields"])),
                    np.array(cross["coarse_numbers"], np.float64),
                    cross["shrinkage"],
                )
                for cross in state["crosses"]
            ]
        except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            name = Path(path).name if isinstance(path, (str, Path)) else "The file"
            raise InvalidInput(f"{name} holds no saved numbers of crosses ({type(error).__name__}).") from None
        return loaded

    def _transform(self, part: pd.DataFrame) -> pd.DataFrame:
        columns = checked(list(self.fields_), list(part.columns))
        codes = {name: self.fields_[name].codes(part[name]) for name in columns}
        numbers = {}
        for cross in self.tables_:
            fine, coarse = zip(*(codes[name] for name in cross.fields), strict=True)
            own = look_up(fine, cross.fine, cross.numbers)
            back_off = np.nan_to_num(look_up(coarse, cross.coarse, cross.coarse_numbers), nan=0.0)
            numbers[title_of(cross.fields)] = np.where(np.isnan(own), back_off, own)
        return pd.DataFrame(numbers)

    def _check(self) -> None:
        if not hasattr(self, "tables_"):
            raise NotFittedError("These numbers have not been fitted; call `fit_transform` with training rows first.")


def _answers(y: Any, n: int) -> NDArray[np.float32]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            answers = np.asarray(y, dtype=np.float32).reshape(-1)
        except (TypeError, ValueError):
            answers = np.zeros(0, np.float32)
    if len(answers) != n or not np.isin(answers, (0, 1)).all():
        raise InvalidInput(f"Give an answer of 0 or 1 for each of the {n:,} rows to learn numbers of crosses from.")
    return answers
