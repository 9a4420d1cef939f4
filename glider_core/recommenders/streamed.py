"""Logs of more rows than fit into memory: read once part by part, encoded on disk, and trained on from there.

The rows pass through in parts of a table each; what is kept of them is counts, whose memory hangs on the number of
frequent values and not on that of rows. Values are known by their hashes of 64 bits. The encoded rows lie in files of
plain numbers, which a training maps into memory: the system holds as much of them as there is room for.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.recommenders.dataset import SHARES
from glider_core.tables.counts import keys_of
from glider_core.tables.crosses import PER_MILLION, checked_sets
from glider_core.tables.fields import Field, Rows
from glider_core.tables.sieve import Sieve, positions_of
from glider_core.tables.values import Kind, numbers, texts

PARTS = ("train", "validation", "test")
LEAST = 9  # training rows that a value of a field must exceed to have an id of its own, as FuxiCTR's benchmarks have it
MOST_IDS = 2_000_000  # of one field
_CHUNK = 200_000  # encoded rows at once
_SAMPLE = 200_000  # training rows from which levels, spreads and buckets of dense fields are taken
_BUCKETS = 100  # of a dense field in a cross, as in the paper

Read = Callable[[], Iterator[pd.DataFrame]]


@dataclass(frozen=True, slots=True)
class StreamedLog:
    """An encoded log on disk, ready for training."""

    fields: tuple[Field, ...]  # values are hashes, in hexadecimal digits
    crosses: tuple[tuple[str, ...], ...]
    sizes: tuple[int, ...]  # ids of each cross, the default id included
    parts: Mapping[str, tuple[Rows, NDArray[np.float32]]]  # mapped files
    folder: Path

    @property
    def rows(self) -> int:
        """Of all parts."""
        return sum(len(answers) for _, answers in self.parts.values())


def stream_log(
    read: Read,
    target: str,
    kinds: Mapping[str, Kind],
    folder: str | Path,
    *,
    sets: Sequence[Sequence[str]] = (),
    threshold: int | None = None,
    seed: int = 0,
    on_progress: Callable[[str, int], None] | None = None,
) -> StreamedLog:
    """Encode a log part by part: eight tenths of the rows to train, one to validate, one to test, dealt by number.

    Args:
        read: yields tables, one after another; asked once.
        target: the column of answers 0 and 1.
        kinds: how each field is read.
        folder: for the encoded rows, some 4 bytes for each field and cross of a row (12 while it is being made).
        sets: of field names, to cross.
        threshold: training rows that an id of a cross must exceed; None: 100 of a million.
        seed: of the split.
        on_progress: called with what is done ("read", "count", "encode") and the rows so far; may raise to stop.

    Raises:
        InvalidInput: the log cannot be learned from, or the folder is in use.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(f"The folder {folder.name} is not empty; name a new one for the encoded log.")
    folder.mkdir(parents=True, exist_ok=True)
    making = _Making(folder, target, dict(kinds), tuple(checked_sets(sets, _BUCKETS, threshold)) if sets else ())
    tell = on_progress or (lambda stage, rows: None)
    making.read(read, seed, tell)
    making.learn_fields(tell)
    making.learn_crosses(threshold, tell)
    making.encode(tell)
    return making.log()


class _Making:
    """A log on its way to disk."""

    def __init__(self, folder: Path, target: str, kinds: dict[str, Kind], sets: tuple[tuple[str, ...], ...]) -> None:
        self.folder, self.target, self.sets = folder, target, sets
        self.raw = folder / "raw"
        self.categorical = [name for name, kind in kinds.items() if kind == "categorical"]
        self.dense = [name for name, kind in kinds.items() if kind == "dense"]
        self.kinds = kinds
        lacking = [name for fields in sets for name in fields if name not in kinds]
        if lacking or len(kinds) < 2:
            raise InvalidInput(f"There is no field {lacking[0]!r:.60}." if lacking else "Name two fields or more.")
        self.sieves = {name: Sieve(LEAST) for name in self.categorical}
        self.known: dict[str, NDArray[np.uint64]] = {}
        self.combinations: list[NDArray[np.uint64]] = []

    def read(self, read: Read, seed: int, tell: Callable[[str, int], None]) -> None:
        """The only pass over the source: hashes, numbers and answers of each part to disk."""
        self.raw.mkdir()
        rng, rows = np.random.default_rng(seed), 0
        sample: list[NDArray[np.float32]] = []
        for table in read():
            lacking = [name for name in (*self.kinds, self.target) if name not in table.columns]
            if lacking:
                raise InvalidInput(f"The log has no column {lacking[0][:60]!r}.")
            columns: Any = table
            answers = np.asarray(table[self.target], np.float32)
            if not np.isin(answers, (0, 1)).all():
                raise InvalidInput(f"The column {self.target[:60]!r} holds answers other than 0 and 1.")
            hashes = np.stack([_hashes(columns[name]) for name in self.categorical], axis=1) if self.categorical else (
                np.zeros((len(table), 0), np.uint64)
            )  # fmt: skip
            values = np.stack([numbers(columns[name]) for name in self.dense], axis=1) if self.dense else (
                np.zeros((len(table), 0))
            )  # fmt: skip
            dealt = np.searchsorted(np.cumsum(SHARES), rng.random(len(table)), side="right")
            for place, part in enumerate(PARTS):
                own = dealt == place
                for name, array in (("hashes", hashes), ("values", values.astype(np.float32)), ("answers", answers)):
                    with (self.raw / f"{part}.{name}").open("ab") as file:
                        array[own].tofile(file)
            for column, name in enumerate(self.categorical):
                self.sieves[name].bound(hashes[dealt == 0, column])
            if self.dense and sum(map(len, sample)) < _SAMPLE:
                sample.append(values[dealt == 0].astype(np.float32)[:_SAMPLE])
            rows += len(table)
            tell("read", rows)
        for part in PARTS:
            answers = self._raw(part, "answers", np.float32)
            if not 0 < answers.sum() < len(answers):
                raise InvalidInput(f"The {len(answers):,} {part} rows all have the same answer; give more rows.")
        self.sample = np.concatenate(sample) if sample else np.zeros((0, len(self.dense)), np.float32)

    def learn_fields(self, tell: Callable[[str, int], None]) -> None:
        """Frequent values of categories, levels and spreads of dense fields."""
        hashes = self._raw("train", "hashes", np.uint64, len(self.categorical))
        for start in range(0, len(hashes), _CHUNK):
            for column, name in enumerate(self.categorical):
                self.sieves[name].count(hashes[start : start + _CHUNK, column])
            tell("count", min(start + _CHUNK, len(hashes)))
        self.known = {name: self.sieves.pop(name).frequent(MOST_IDS) for name in self.categorical}
        self.levels: dict[str, Field] = {}
        self.edges: dict[str, NDArray[np.float64]] = {}
        for column, name in enumerate(self.dense):
            finite = self.sample[:, column].astype(np.float64)
            finite = finite[np.isfinite(finite)]
            if not len(finite):
                raise InvalidInput(f"The column {name[:60]!r} has no number; read it as categorical.")
            skewed = finite.min() >= 0 and finite.max() > 20 * max(float(np.median(finite)), 1.0)
            scaled = np.log1p(finite) if skewed else finite
            self.levels[name] = Field(
                name, "dense", mean=float(scaled.mean()), deviation=float(scaled.std()) or 1.0, logarithm=bool(skewed)
            )
            self.edges[name] = np.unique(np.quantile(finite, np.arange(1, _BUCKETS) / _BUCKETS))

    def learn_crosses(self, threshold: int | None, tell: Callable[[str, int], None]) -> None:
        """Frequent combinations of each set, in two passes over what is on disk."""
        rows = len(self._raw("train", "answers", np.float32))
        least = threshold if threshold is not None else max(1, rows * PER_MILLION // 1_000_000)
        sieves = [Sieve(least) for _ in self.sets]
        for step in (Sieve.bound, Sieve.count) if self.sets else ():
            for done, (ids, values) in self._chunks("train"):
                for sieve, keys in zip(sieves, self._keys(ids, values), strict=True):
                    step(sieve, keys)
                tell("count", done)
        self.combinations = [sieve.frequent() for sieve in sieves]

    def encode(self, tell: Callable[[str, int], None]) -> None:
        """Ids and scaled numbers of each part to disk, and what was on the way to them removed."""
        total = 0
        for part in PARTS:
            for _, (ids, values) in self._chunks(part):
                crosses = zip(self._keys(ids, values), self.combinations, strict=True)
                columns = [ids, *(positions_of(keys, known)[:, None] for keys, known in crosses)]
                with (self.folder / f"{part}.ids").open("ab") as file:
                    np.concatenate(columns, axis=1).tofile(file)
                with (self.folder / f"{part}.dense").open("ab") as file:
                    self._scaled(values).tofile(file)
                total += len(ids)
                tell("encode", total)
            (self.raw / f"{part}.answers").rename(self.folder / f"{part}.answers")
        shutil.rmtree(self.raw)

    def log(self) -> StreamedLog:
        """The finished log."""
        width, parts = len(self.categorical) + len(self.sets), {}
        for part in PARTS:
            ids = _mapped(self.folder / f"{part}.ids", np.int32, width)
            dense = _mapped(self.folder / f"{part}.dense", np.float32, len(self.dense))
            answers = _mapped(self.folder / f"{part}.answers", np.float32)
            parts[part] = (Rows(ids, dense if len(self.dense) else np.zeros((len(ids), 0), np.float32)), answers)
        fields = tuple(
            Field(name, kind, values=("(other)", *(f"{key:016x}" for key in self.known[name].tolist())))
            if kind == "categorical"
            else self.levels[name]
            for name, kind in self.kinds.items()
        )
        sizes = tuple(len(known) + 1 for known in self.combinations)
        return StreamedLog(fields, self.sets, sizes, parts, self.folder)

    def _chunks(self, part: str) -> Iterator[tuple[int, tuple[NDArray[np.int32], NDArray[np.float32]]]]:
        """How many rows are done with it, ids of categories (n, categorical) and raw numbers (n, dense)."""
        hashes = self._raw(part, "hashes", np.uint64, len(self.categorical))
        values = self._raw(part, "values", np.float32, len(self.dense))
        rows = len(self._raw(part, "answers", np.float32))
        for start in range(0, rows, _CHUNK):
            n = min(_CHUNK, rows - start)
            ids = np.zeros((n, len(self.categorical)), np.int32)
            for column, name in enumerate(self.categorical):
                ids[:, column] = positions_of(hashes[start : start + n, column], self.known[name])
            yield start + n, (ids, values[start : start + n] if self.dense else np.zeros((n, 0), np.float32))

    def _keys(self, ids: NDArray[np.int32], values: NDArray[np.float32]) -> Iterator[NDArray[np.uint64]]:
        """(n,) of each set: a number for the combination of its fields."""
        codes: dict[str, NDArray[np.int64]] = {}
        for name in dict.fromkeys(name for fields in self.sets for name in fields):
            if name in self.known:
                codes[name] = ids[:, self.categorical.index(name)].astype(np.int64)
            else:
                own = values[:, self.dense.index(name)].astype(np.float64)
                codes[name] = np.where(np.isnan(own), 0, np.searchsorted(self.edges[name], own, side="right") + 1)
        return (keys_of([codes[name] for name in fields]) for fields in self.sets)

    def _scaled(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        scaled = np.zeros(values.shape, np.float32)
        for column, name in enumerate(self.dense):
            field, own = self.levels[name], values[:, column].astype(np.float64)
            own = np.log1p(np.maximum(own, 0)) if field.logarithm else own
            own = np.clip((own - field.mean) / field.deviation, -8, 8)
            scaled[:, column] = np.nan_to_num(own, nan=0.0)
        return scaled

    def _raw(self, part: str, name: str, kind: Any, width: int | None = None) -> NDArray[Any]:
        return _mapped(self.raw / f"{part}.{name}", kind, width)


def _hashes(column: Any) -> NDArray[np.uint64]:
    codes, distinct = pd.factorize(column, use_na_sentinel=False)
    pandas: Any = pd  # whose stubs do not know its tools
    return pandas.util.hash_array(texts(pd.Series(distinct)).to_numpy(object), categorize=False)[codes]


def _mapped(path: Path, kind: Any, width: int | None = None) -> NDArray[Any]:
    """A file of numbers as an array, not read until it is looked at; nothing where it is empty."""
    if not path.is_file() or not path.stat().st_size:
        return np.zeros((0,) if width is None else (0, width), kind)
    flat: NDArray[Any] = np.memmap(path, kind, mode="c")  # torch wants an array that could be written to
    return flat if width is None else flat.reshape(-1, width)
