"""Truncated feature crosses: what was found together becomes an id of its own (Section 4.2 of Tsang et al. 2020)."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from glider_core.errors import InvalidInput
from glider_core.tables.buckets import CrossField, learn
from glider_core.tables.counts import Counts, keys_of
from glider_core.tables.parts import Table, checked, file_blocks, parts, to_pandas

MAX_BUCKETS = 100_000
PER_MILLION = 100  # the paper's T: an id is kept when more than so many of a million rows have it


class FeatureCrosses(BaseEstimator, TransformerMixin):
    """Turns sets of fields into columns of ids, one id per combination of values that training rows have often.

    Dense fields are read as quantile buckets. A combination that at most `threshold` training rows have, or none, gets
    id 0. Missing values are a value of their own.

    Args:
        sets: of field names, two or more each; `GlobalInteractions.top` gives them.
        buckets: quantile buckets of a dense field, at most.
        threshold: an id is kept when more training rows than this have it; None: 100 per million rows, at least one.
        dense: names of the dense fields; None: numbers with more than 20 distinct values.

    Example:
        crosses = FeatureCrosses(run.top(40, drop_subsets=True)).fit(table)
        crosses.transform(table)  # columns "hour × app_category", ...
    """

    def __init__(
        self,
        sets: Sequence[Sequence[str]],
        *,
        buckets: int = 100,
        threshold: int | None = None,
        dense: Sequence[str] | None = None,
    ) -> None:
        self.sets = sets
        self.buckets = buckets
        self.threshold = threshold
        self.dense = dense

    def fit(self, X: Table, y: Any = None) -> FeatureCrosses:
        """Learn the buckets and the ids from training rows, which may be more than fit into memory.

        Args:
            X: a pandas or polars table, the path of a Parquet file, or a function that yields tables anew each time.
            y: not looked at.

        Raises:
            InvalidInput: a set with fewer than two fields or with a field that the table lacks; no rows; buckets or
                threshold out of range.
        """
        sets = checked_sets(self.sets, self.buckets, self.threshold)
        names = list(dict.fromkeys(name for fields in sets for name in fields))
        self.n_rows_, self.fields_ = learn(lambda: parts(X, names), names, self.buckets, self.dense)
        if not self.n_rows_:
            raise InvalidInput("The table has no rows to learn crosses from.")
        least = self.threshold if self.threshold is not None else max(1, self.n_rows_ * PER_MILLION // 1_000_000)
        counts = [Counts() for _ in sets]
        for part in parts(X, names):
            codes = {name: self.fields_[name].codes(part[name]) for name in names}
            for fields, count in zip(sets, counts, strict=True):
                count.add(keys_of([codes[name] for name in fields]))
        self.sets_ = sets
        self.threshold_ = least
        # Kept ids in the order of their keys, so that they do not depend on the order of rows.
        self.keys_ = [count.keys[count.counts > least] for count in counts]
        self.report_ = [
            CrossReport(
                fields=fields,
                combinations=len(count.keys),
                kept=len(keys),
                coverage=float(count.counts[count.counts > least].sum() / max(self.n_rows_, 1)),
            )
            for fields, count, keys in zip(sets, counts, self.keys_, strict=True)
        ]
        return self

    def transform(self, X: Table) -> pd.DataFrame:
        """A column of ids per set, (n, sets) int32: 0 for whatever was rare or unseen, else 1 to the number kept.

        Raises:
            InvalidInput: a field's column is not there.
        """
        self._check()
        blocks = [self._transform(part) for part in parts(X, list(self.fields_))]
        columns = list(self.get_feature_names_out())
        index = X.index if isinstance(X, pd.DataFrame) else None
        if not blocks:
            return pd.DataFrame(np.zeros((0, len(columns)), np.int32), columns=columns, index=index)
        table = pd.concat(blocks, ignore_index=True)
        return table if index is None else table.set_axis(index)

    def transform_file(self, source: str | Path, target: str | Path) -> int:
        """Write a Parquet file's rows with the ids beside them, part by part; returns the number of rows.

        The target is there when all of it has been written, and else as it was.

        Raises:
            InvalidInput: the source cannot be read, lacks a field, or has a cross's name already; the target cannot
                be written.
        """
        import pyarrow as pa
        import pyarrow.parquet as parquet

        self._check()
        target = Path(target)
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        writer, n = None, 0
        try:
            for block in file_blocks(source):
                ids = self._transform(to_pandas(block))
                for title in ids.columns:
                    if title in block.column_names:
                        raise InvalidInput(f"The file has a column {title[:80]!r} already; rename it.")
                    block = block.append_column(title, pa.array(ids[title].to_numpy()))
                writer = writer or parquet.ParquetWriter(beside, block.schema)
                writer.write_table(block)
                n += len(block)
            if writer is not None:
                writer.close()
            beside.replace(target)
        except OSError as error:
            raise InvalidInput(f"{target.name} cannot be written ({error.strerror}).") from None
        finally:
            with suppress(OSError):
                if writer is not None:
                    writer.close()
            with suppress(OSError):
                beside.unlink(missing_ok=True)
        return n

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The new columns' names."""
        self._check()
        return np.array([title_of(fields) for fields in self.sets_], dtype=object)

    def learned(self) -> list[str | bytes]:
        """All that decides about ids, for an identity."""
        self._check()
        return [json.dumps([field.to_dict() for field in self.fields_.values()]), *(k.tobytes() for k in self.keys_)]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Ids per set, the default id included: what an embedding needs."""
        self._check()
        return tuple(len(keys) + 1 for keys in self.keys_)

    def save(self, path: str | Path | io.BytesIO) -> None:
        """Write what was learned to one file, or into memory."""
        self._check()
        state = {
            "format": 2,
            "sets": self.sets_,
            "buckets": self.buckets,
            "threshold": self.threshold_,
            "rows": self.n_rows_,
            "fields": {name: field.to_dict() for name, field in self.fields_.items()},
            "report": [[r.combinations, r.kept, r.coverage] for r in self.report_],
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("crosses.json", json.dumps(state))
            for number, keys in enumerate(self.keys_):
                buffer = io.BytesIO()
                np.save(buffer, keys, allow_pickle=False)
                file.writestr(f"{number}.npy", buffer.getvalue())

    @staticmethod
    def load(path: str | Path) -> FeatureCrosses:
        """What `save` wrote.

        Raises:
            InvalidInput: the file is missing or is something else.
        """
        try:
            with zipfile.ZipFile(path) as file:
                state = json.loads(file.read("crosses.json"))
                sets = [tuple(fields) for fields in state["sets"]]
                keys = [
                    np.load(io.BytesIO(file.read(f"{number}.npy")), allow_pickle=False) for number in range(len(sets))
                ]
                loaded = FeatureCrosses(sets, buckets=state["buckets"], threshold=state["threshold"])
                loaded.sets_, loaded.keys_ = sets, keys
                loaded.threshold_, loaded.n_rows_ = state["threshold"], state["rows"]
                loaded.fields_ = {name: CrossField.from_dict(field) for name, field in state["fields"].items()}
                loaded.report_ = [
                    CrossReport(fields, *rest) for fields, rest in zip(sets, state["report"], strict=True)
                ]
        except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise InvalidInput(f"{Path(path).name} holds no saved crosses ({type(error).__name__}).") from None
        return loaded

    def _transform(self, part: pd.DataFrame) -> pd.DataFrame:
        columns = checked(list(self.fields_), list(part.columns))
        codes = {name: self.fields_[name].codes(part[name]) for name in columns}
        ids = {}
        for title, fields, keys in zip(self.get_feature_names_out(), self.sets_, self.keys_, strict=True):
            combinations = keys_of([codes[name] for name in fields])
            if len(keys):
                place = np.minimum(np.searchsorted(keys, combinations), len(keys) - 1)
                ids[title] = np.where(keys[place] == combinations, place + 1, 0).astype(np.int32)
            else:
                ids[title] = np.zeros(len(part), np.int32)
        return pd.DataFrame(ids)

    def _check(self) -> None:
        if not hasattr(self, "keys_"):
            raise NotFittedError("These crosses have not been fitted; call `fit` with training rows first.")


@dataclass(frozen=True, slots=True)
class CrossReport:
    """How large a cross became."""

    fields: tuple[str, ...]
    combinations: int  # that training rows have
    kept: int  # of them, with an id of their own
    coverage: float  # share of the training rows with one of these


def cardinality(
    table: Table,
    sets: Sequence[Sequence[str]],
    buckets: Iterable[int],
    *,
    threshold: int | None = None,
    dense: Sequence[str] | None = None,
) -> pd.DataFrame:
    """How many ids the crosses have by the number of buckets (Figure 5): a row per number and set."""
    rows = []
    for number in buckets:
        for report in FeatureCrosses(sets, buckets=number, threshold=threshold, dense=dense).fit(table).report_:
            rows.append(
                {
                    "buckets": number,
                    "cross": title_of(report.fields),
                    "combinations": report.combinations,
                    "ids": report.kept,
                    "coverage": report.coverage,
                }
            )
    return pd.DataFrame(rows)


def checked_sets(sets: Any, buckets: int, threshold: int | None) -> list[tuple[str, ...]]:
    """The sets with names as text, each once, in whatever order its fields come."""
    distinct: dict[frozenset[str], tuple[str, ...]] = {}
    for fields in sets:
        names = () if isinstance(fields, str) or not hasattr(fields, "__iter__") else tuple(map(str, fields))
        if len(set(names)) < 2 or len(set(names)) != len(names):
            raise InvalidInput(f"Got {fields!r:.80} as a cross; give two or more different field names.")
        distinct.setdefault(frozenset(names), names)
    if not distinct:
        raise InvalidInput("There is no set of fields to cross; give at least one.")
    if not 1 <= buckets <= MAX_BUCKETS:
        raise InvalidInput(f"Got {buckets} buckets; give 1 to {MAX_BUCKETS:,}.")
    if threshold is not None and threshold < 0:
        raise InvalidInput(f"Got {threshold} as threshold; give 0 or more rows.")
    titles = [title_of(names) for names in distinct.values()]
    if len(set(titles)) < len(titles):
        twice = next(title for title in titles if titles.count(title) > 1)
        raise InvalidInput(f"Two crosses would be called {twice[:80]!r}; rename a field.")
    return list(distinct.values())


def steady_threshold(rows: int) -> int:
    """Training rows that an id of a cross must exceed: the paper's 100 of a million, but never fewer than 20."""
    return max(20, rows * PER_MILLION // 1_000_000)


def title_of(fields: Sequence[str]) -> str:
    """A cross's name, and that of its column."""
    return " × ".join(fields)
