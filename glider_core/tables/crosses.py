"""Truncated feature crosses: what was found together becomes an id of its own (Section 4.2 of Tsang et al. 2020)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from glider_core.errors import InvalidInput

MAX_BUCKETS = 100_000
BATCH = 250_000  # rows read at once
PER_MILLION = 100  # the paper's T: an id is kept when more than so many of a million rows have it
_SAMPLE = 200_000  # values of a dense field that its quantiles are taken from
_DENSE_FROM = 20  # a numeric column with more distinct values is dense
_SUFFIX = (".parquet", ".pq")

Table = Any  # pandas or polars table, lazy polars table, path of a Parquet file, or a function that yields tables


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
        sets = _checked(self.sets, self.buckets, self.threshold)
        names = list(dict.fromkeys(name for one in sets for name in one))
        self.n_rows_, self.fields_ = self._read_fields(X, names)
        least = self.threshold if self.threshold is not None else max(1, self.n_rows_ * PER_MILLION // 1_000_000)
        counts: list[_Counts] = [_Counts() for _ in sets]
        for part in _parts(X, names):
            codes = {name: self.fields_[name].codes(_column(part, name)) for name in names}
            for one, count in zip(sets, counts, strict=True):
                count.add(_keys([codes[name] for name in one]))
        self.sets_ = sets
        self.threshold_ = least
        # Kept ids in the order of their keys, so that they do not depend on the order of rows.
        self.keys_ = [count.keys[count.counts > least] for count in counts]
        self.report_ = [
            CrossReport(
                fields=one,
                combinations=len(count.keys),
                kept=len(keys),
                coverage=float(count.counts[count.counts > least].sum() / max(self.n_rows_, 1)),
            )
            for one, count, keys in zip(sets, counts, self.keys_, strict=True)
        ]
        return self

    def transform(self, X: Table) -> pd.DataFrame:
        """A column of ids per set, (n, sets) int32: 0 for whatever was rare or unseen, else 1 to the number kept.

        Raises:
            InvalidInput: a field's column is not there.
        """
        self._check()
        parts = [self._transform(part) for part in _parts(X, self._names())]
        columns = list(self.get_feature_names_out())
        if not parts:
            return pd.DataFrame(np.zeros((0, len(columns)), np.int32), columns=columns)
        index = X.index if isinstance(X, pd.DataFrame) else None
        table = pd.concat(parts, ignore_index=True)
        return table if index is None else table.set_axis(index)

    def transform_file(self, source: str | Path, target: str | Path) -> int:
        """Write a Parquet file's rows with the ids beside them, part by part; returns the number of rows.

        Raises:
            InvalidInput: the source cannot be read, or lacks a field.
        """
        import pyarrow as pa
        import pyarrow.parquet as parquet

        self._check()
        writer, n = None, 0
        try:
            for part in _parts(source, None):
                joined = pd.concat([part.reset_index(drop=True), self._transform(part)], axis=1)
                block = pa.Table.from_pandas(joined, preserve_index=False)
                if writer is None:
                    writer = parquet.ParquetWriter(str(target), block.schema)
                writer.write_table(block.cast(writer.schema))
                n += len(part)
        finally:
            if writer is not None:
                writer.close()
        return n

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """The new columns' names."""
        self._check()
        return np.array([" × ".join(one) for one in self.sets_], dtype=object)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Ids per set, the default id included: what an embedding needs."""
        self._check()
        return tuple(len(keys) + 1 for keys in self.keys_)

    def save(self, path: str | Path | io.BytesIO) -> None:
        """Write what was learned to one file, or into memory."""
        self._check()
        state = {
            "format": 1,
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
                sets = [tuple(one) for one in state["sets"]]
                keys = [
                    np.load(io.BytesIO(file.read(f"{number}.npy")), allow_pickle=False) for number in range(len(sets))
                ]
                loaded = FeatureCrosses(sets, buckets=state["buckets"], threshold=state["threshold"])
                loaded.sets_, loaded.keys_ = sets, keys
                loaded.threshold_, loaded.n_rows_ = state["threshold"], state["rows"]
                loaded.fields_ = {name: _Field.from_dict(field) for name, field in state["fields"].items()}
                loaded.report_ = [CrossReport(one, *rest) for one, rest in zip(sets, state["report"], strict=True)]
        except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise InvalidInput(f"{Path(path).name} holds no saved crosses ({type(error).__name__}).") from None
        return loaded

    def _transform(self, part: pd.DataFrame) -> pd.DataFrame:
        codes = {name: self.fields_[name].codes(_column(part, name)) for name in self._names()}
        ids = {}
        for title, one, keys in zip(self.get_feature_names_out(), self.sets_, self.keys_, strict=True):
            found = _keys([codes[name] for name in one])
            if len(keys):
                place = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
                ids[title] = np.where(keys[place] == found, place + 1, 0).astype(np.int32)
            else:
                ids[title] = np.zeros(len(part), np.int32)
        return pd.DataFrame(ids)

    def _read_fields(self, X: Table, names: list[str]) -> tuple[int, dict[str, _Field]]:
        """First pass: how many rows there are, every categorical value, and a sample of each dense field."""
        n, rng = 0, np.random.default_rng(0)
        values: dict[str, pd.Index] = {}
        samples: dict[str, NDArray[np.float64]] = {}
        dense = None if self.dense is None else set(self.dense)
        for part in _parts(X, names):
            for name in names:
                column = _column(part, name)
                if name not in values and name not in samples:
                    if name in dense if dense is not None else _is_dense(column):
                        samples[name] = np.zeros(0)
                    else:
                        values[name] = pd.Index([], dtype=object)
                if name in values:
                    values[name] = values[name].append(pd.Index(_texts(column).unique()).difference(values[name]))
                    continue
                numbers = _numbers(column)
                samples[name] = _sampled(samples[name], numbers[np.isfinite(numbers)], n, rng)
            n += len(part)
        if not n:
            raise InvalidInput("The table has no rows to learn crosses from.")
        fields = {name: _Field(values=index) for name, index in values.items()}
        for name, sample in samples.items():
            edges = np.quantile(sample, np.arange(1, self.buckets) / self.buckets) if len(sample) else np.zeros(0)
            fields[name] = _Field(edges=np.unique(edges))
        return n, fields

    def _names(self) -> list[str]:
        return list(self.fields_)

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
                    "cross": " × ".join(report.fields),
                    "combinations": report.combinations,
                    "ids": report.kept,
                    "coverage": report.coverage,
                }
            )
    return pd.DataFrame(rows)


@dataclass(slots=True)
class _Field:
    """A field's values by number, or the inner edges of its buckets."""

    values: pd.Index | None = None
    edges: NDArray[np.float64] | None = None

    def codes(self, column: Any) -> NDArray[np.int64]:
        """(n,): -1 for an unseen value, 0 for a missing number."""
        if self.edges is not None:
            numbers = _numbers(column)
            return np.where(np.isnan(numbers), 0, np.searchsorted(self.edges, numbers, side="right") + 1)
        assert self.values is not None
        codes, distinct = pd.factorize(_texts(column))
        return self.values.get_indexer(pd.Index(distinct))[codes].astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        if self.edges is not None:
            return {"edges": self.edges.tolist()}
        return {"values": list(self.values)}  # type: ignore[arg-type]

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> _Field:
        if "edges" in stored:
            return _Field(edges=np.array(stored["edges"], dtype=np.float64))
        return _Field(values=pd.Index(stored["values"], dtype=object))


class _Counts:
    """How many rows have each key; keys sorted."""

    def __init__(self) -> None:
        self.keys = np.zeros(0, np.uint64)
        self.counts = np.zeros(0, np.int64)

    def add(self, keys: NDArray[np.uint64]) -> None:
        distinct, counts = np.unique(keys, return_counts=True)
        both, where = np.unique(np.concatenate([self.keys, distinct]), return_inverse=True)
        self.counts = np.bincount(where, weights=np.concatenate([self.counts, counts])).astype(np.int64)
        self.keys = both


def _keys(codes: list[NDArray[np.int64]]) -> NDArray[np.uint64]:
    """A number (n,) for each combination of codes (n,), 0 where one of them is unseen.

    64 bits mixed as in SplitMix64: that any two of a million combinations share a number has probability 3e-8.
    """
    keys = np.zeros(len(codes[0]), np.uint64)
    for code in codes:
        keys ^= code.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        keys *= np.uint64(0xBF58476D1CE4E5B9)
        keys ^= keys >> np.uint64(27)
        keys *= np.uint64(0x94D049BB133111EB)
        keys ^= keys >> np.uint64(31)
    keys[np.any([code < 0 for code in codes], axis=0)] = 0
    return keys


def _checked(sets: Any, buckets: int, threshold: int | None) -> list[tuple[str, ...]]:
    checked = []
    for one in sets:
        if isinstance(one, str) or len(set(one)) < 2 or len(set(one)) != len(one):
            raise InvalidInput(f"Got {one!r:.80} as a cross; give two or more different field names.")
        checked.append(tuple(str(name) for name in one))
    if not checked:
        raise InvalidInput("There is no set of fields to cross; give at least one.")
    if not 1 <= buckets <= MAX_BUCKETS:
        raise InvalidInput(f"Got {buckets} buckets; give 1 to {MAX_BUCKETS:,}.")
    if threshold is not None and threshold < 0:
        raise InvalidInput(f"Got {threshold} as threshold; give 0 or more rows.")
    return checked


def _parts(table: Table, names: list[str] | None) -> Iterator[pd.DataFrame]:
    """Tables of at most `BATCH` rows with these columns, or all."""
    if isinstance(table, Callable):
        for part in table():  # type: ignore[operator]
            yield from _parts(part, names)
        return
    if isinstance(table, (str, Path)):
        yield from _file_parts(Path(table), names)
        return
    if hasattr(table, "collect") and not hasattr(table, "to_pandas"):  # polars, lazy
        wanted = table if names is None else table.select(_there(names, table.collect_schema().names()))
        table = wanted.collect()
    if hasattr(table, "to_pandas") and not isinstance(table, pd.DataFrame):  # polars, pyarrow
        for start in range(0, len(table), BATCH):
            part = table.slice(start, BATCH)
            yield (part if names is None else part.select(_there(names, list(part.columns)))).to_pandas()
        return
    if not isinstance(table, pd.DataFrame):
        raise InvalidInput(f"Got a {type(table).__name__}; give a pandas or polars table or a Parquet file.")
    if names is not None:
        table = table[_there(names, [str(name) for name in table.columns])]
    for start in range(0, len(table), BATCH):
        yield table.iloc[start : start + BATCH]


def _file_parts(path: Path, names: list[str] | None) -> Iterator[pd.DataFrame]:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    if path.suffix.lower() not in _SUFFIX:
        raise InvalidInput(f"{path.name} is no Parquet file; only these are read part by part.")
    try:
        file = parquet.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidInput(f"{path.name} cannot be read as Parquet ({type(error).__name__}).") from None
    with file:
        columns = None if names is None else _there(names, file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=BATCH, columns=columns):
            yield batch.to_pandas()


def _there(names: list[str], columns: Sequence[str]) -> list[str]:
    lacking = [name for name in names if name not in set(columns)]
    if lacking:
        raise InvalidInput(f"The table has no column {lacking[0][:60]!r}, which a cross needs.")
    return names


def _column(part: pd.DataFrame, name: str) -> Any:
    return part[name]


def _is_dense(column: Any) -> bool:
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return bool(numeric and column.nunique() > _DENSE_FROM)


def _texts(column: Any) -> pd.Series:
    """Values as text, 3.0 and 3 alike; missing: empty. Worked out once per distinct value."""
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    texts = [_text(value) for value in distinct]
    return pd.Series(np.array([*texts, ""], dtype=object)[codes])


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _numbers(column: Any) -> NDArray[np.float64]:
    numbers: Any = pd.to_numeric(column, errors="coerce")
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def _sampled(
    sample: NDArray[np.float64], new: NDArray[np.float64], seen: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """About `_SAMPLE` of all values so far, each as likely as any other."""
    if len(sample) + len(new) <= _SAMPLE:
        return np.concatenate([sample, new])
    share = len(new) / max(seen + len(new), 1)
    from_new = min(len(new), max(1, round(_SAMPLE * share)))
    from_old = min(len(sample), _SAMPLE - from_new)
    return np.concatenate([rng.choice(sample, from_old, replace=False), rng.choice(new, from_new, replace=False)])
