"""The steps of encoding a log, each on one piece of it or on one range of keys: wherever the folder is reached.

A piece's values are hashed and dealt, and beside them lie their counts, sorted. Counts of all pieces are summed range
by range of the keys, which are hashes: so a sum never holds more than a range, however many values there are. Every
task writes whole files of its own, or its own stretch of a file, and gives the same when it is done twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.recommenders.dataset import SHARES
from glider_core.tables.counts import Counts, keys_of, merged, positions_of
from glider_core.tables.fields import Field
from glider_core.tables.values import coded, numbers

PARTS = ("train", "validation", "test")
CHUNK = 200_000  # encoded rows at once
RANGE = 2_000_000  # counts that are summed at once, about


class Piece(Protocol):
    """Rows of a log that are read by themselves; it can be pickled."""

    def rows(self) -> int:
        """How many, without reading them as a table."""
        ...

    def tables(self) -> Iterator[pd.DataFrame]:
        """The rows, in one table or in several."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What all tasks of a log know."""

    folder: Path
    target: str
    categorical: tuple[str, ...]
    dense: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]
    seed: int

    @property
    def raw(self) -> Path:
        """The folder of what is on the way."""
        return self.folder / "raw"

    def file(self, piece: int, name: str) -> Path:
        """Of a piece, on the way."""
        return self.raw / f"{piece:06}.{name}"

    def known(self, kind: Literal["field", "set"], number: int) -> Path:
        """Of the keys of a category or a set that have an id, sorted."""
        return self.raw / f"known.{kind}.{number}"


@dataclass(frozen=True, slots=True)
class PieceRead:
    """What a piece holds."""

    rows: tuple[int, ...]  # by part
    positives: tuple[int, ...]  # of them
    lengths: tuple[int, ...]  # distinct values of each category among training rows


@dataclass(frozen=True, slots=True)
class Run:
    """Sorted keys with counts: a stretch of two files."""

    keys: Path
    counts: Path
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What encoding needs beside the plan; known keys lie in files, since workers share what is mapped."""

    levels: dict[str, Field]  # of dense fields
    edges: dict[str, NDArray[np.float64]]  # of their buckets


def count_rows(piece: Piece) -> int:
    """How many rows a piece has."""
    return piece.rows()


def read_piece(plan: Plan, number: int, piece: Piece, start: int, rows: int | None) -> PieceRead:
    """Hashes, numbers and answers of each part to disk, and how often each value comes in training rows.

    Args:
        plan: of the log.
        number: of the piece.
        piece: its rows.
        start: rows before it: rows are dealt by their number in the log, however it is cut.
        rows: that it should have; None: as many as come.
    """
    rng = np.random.Generator(np.random.PCG64(plan.seed).advance(start))
    counts = [Counts() for _ in plan.categorical]
    found, positives = np.zeros(len(PARTS), int), np.zeros(len(PARTS), int)
    with ExitStack() as stack:
        files = {
            (part, name): stack.enter_context(plan.file(number, f"{part}.{name}").open("wb"))
            for part in PARTS
            for name in ("hashes", "values", "answers")
        }
        for table in piece.tables():
            hashes, values, answers = _read(plan, table)
            dealt = np.searchsorted(np.cumsum(SHARES), rng.random(len(table)), side="right")
            for place, part in enumerate(PARTS):
                own = dealt == place
                for name, array in (("hashes", hashes), ("values", values), ("answers", answers)):
                    array[own].tofile(files[part, name])
                found[place] += own.sum()
                positives[place] += int(answers[own].sum())
            for column, count in enumerate(counts):
                count.add(hashes[dealt == 0, column])
    if rows is not None and found.sum() != rows:
        raise InvalidInput(f"A piece of the log has {rows:,} lines but {found.sum():,} rows; take blank lines out.")
    _write_counts(plan, number, "fields", counts)
    return PieceRead(tuple(found.tolist()), tuple(positives.tolist()), tuple(len(count.keys) for count in counts))


def count_combinations(plan: Plan, learned: Learned, number: int) -> tuple[int, ...]:
    """How often each combination of each set comes in a piece's training rows; how many there are of each set."""
    counts = [Counts() for _ in plan.sets]
    for ids, values in _chunks(plan, number, "train"):
        for count, keys in zip(counts, _keys(plan, learned, ids, values), strict=True):
            count.add(keys)
    _write_counts(plan, number, "sets", counts)
    return tuple(len(count.keys) for count in counts)


def frequent(runs: Sequence[Run], low: int, high: int, least: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The keys from `low` up to `high` that more than `least` rows have, sorted, and how many have each."""
    keys, counts = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for run in runs:
        if run.stop == run.start:
            continue
        own = np.memmap(run.keys, np.uint64, mode="r")[run.start : run.stop]
        first = int(np.searchsorted(own, np.uint64(low)))
        last = len(own) if high > int(own[-1]) else int(np.searchsorted(own, np.uint64(high)))
        keys.append(np.array(own[first:last]))
        of_run = np.memmap(run.counts, np.uint32, mode="r")[run.start + first : run.start + last]
        counts.append(of_run.astype(np.int64))
    every, sums = merged(np.concatenate(keys), np.concatenate(counts))
    enough = sums > least
    return every[enough], sums[enough]


def encode_piece(plan: Plan, learned: Learned, number: int, starts: Sequence[int]) -> int:
    """Ids, scaled numbers and answers of a piece to its stretch of each part's files; how many rows.

    Args:
        plan: of the log.
        learned: of all pieces.
        number: of the piece.
        starts: rows of each part before it.
    """
    total, width = 0, len(plan.categorical) + len(plan.sets)
    combinations = [mapped(plan.known("set", place), np.uint64) for place in range(len(plan.sets))]
    for part, start in zip(PARTS, starts, strict=True):
        with ExitStack() as stack:
            ids_file, dense_file, answers_file = (
                stack.enter_context((plan.folder / f"{part}.{name}").open("r+b"))
                for name in ("ids", "dense", "answers")
            )
            for file, columns in ((ids_file, width), (dense_file, len(plan.dense)), (answers_file, 1)):
                file.seek(start * columns * 4)
            for ids, values in _chunks(plan, number, part):
                crosses = zip(_keys(plan, learned, ids, values), combinations, strict=True)
                columns = [ids, *(positions_of(keys, known)[:, None] for keys, known in crosses)]
                np.concatenate(columns, axis=1).tofile(ids_file)
                _scaled(plan, learned, values).tofile(dense_file)
                total += len(ids)
            mapped(plan.file(number, f"{part}.answers"), np.float32).tofile(answers_file)
    return total


def mapped(path: Path, kind: Any, width: int | None = None, mode: Any = "r") -> NDArray[Any]:
    """A file of numbers as an array, not read until it is looked at; nothing where it is empty."""
    if not path.is_file() or not path.stat().st_size:
        return np.zeros((0,) if width is None else (0, width), kind)
    flat: NDArray[Any] = np.memmap(path, kind, mode=mode)
    return flat if width is None else flat.reshape(-1, width)


def _read(plan: Plan, table: pd.DataFrame) -> tuple[NDArray[np.uint64], NDArray[np.float32], NDArray[np.float32]]:
    """Hashes (n, categorical), numbers (n, dense) and answers (n,) of a table."""
    lacking = [name for name in (*plan.categorical, *plan.dense, plan.target) if name not in table.columns]
    if lacking:
        raise InvalidInput(f"The log has no column {lacking[0][:60]!r}.")
    columns: Any = table
    answers = np.asarray(table[plan.target], np.float32)
    if not np.isin(answers, (0, 1)).all():
        raise InvalidInput(f"The column {plan.target[:60]!r} holds answers other than 0 and 1.")
    hashes = np.zeros((len(table), len(plan.categorical)), np.uint64)
    for column, name in enumerate(plan.categorical):
        hashes[:, column] = _hashes(columns[name])
    values = np.zeros((len(table), len(plan.dense)), np.float32)
    for column, name in enumerate(plan.dense):
        values[:, column] = numbers(columns[name])
    return hashes, values, answers


def _hashes(column: Any) -> NDArray[np.uint64]:
    codes, distinct = coded(column)
    pandas: Any = pd  # whose stubs do not know its tools
    return pandas.util.hash_array(np.array(distinct, dtype=object), categorize=False)[codes]


def _write_counts(plan: Plan, number: int, of: str, counts: Sequence[Counts]) -> None:
    with plan.file(number, f"{of}.keys").open("wb") as keys, plan.file(number, f"{of}.counts").open("wb") as rows:
        for count in counts:
            count.keys.tofile(keys)
            count.counts.astype(np.uint32).tofile(rows)


def _chunks(plan: Plan, number: int, part: str) -> Iterator[tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """Ids of categories (n, categorical) and raw numbers (n, dense) of a piece."""
    hashes = mapped(plan.file(number, f"{part}.hashes"), np.uint64, len(plan.categorical))
    values = mapped(plan.file(number, f"{part}.values"), np.float32, len(plan.dense))
    rows = len(mapped(plan.file(number, f"{part}.answers"), np.float32))
    known = [mapped(plan.known("field", place), np.uint64) for place in range(len(plan.categorical))]
    for start in range(0, rows, CHUNK):
        n = min(CHUNK, rows - start)
        ids = np.zeros((n, len(known)), np.int32)
        for column, keys in enumerate(known):
            ids[:, column] = positions_of(hashes[start : start + n, column], keys)
        yield ids, values[start : start + n] if plan.dense else np.zeros((n, 0), np.float32)


def _keys(
    plan: Plan, learned: Learned, ids: NDArray[np.int32], values: NDArray[np.float32]
) -> Iterator[NDArray[np.uint64]]:
    """(n,) of each set: a number for the combination of its fields."""
    codes: dict[str, NDArray[np.int64]] = {}
    for name in dict.fromkeys(name for fields in plan.sets for name in fields):
        if name in plan.categorical:
            codes[name] = ids[:, plan.categorical.index(name)].astype(np.int64)
        else:
            own = values[:, plan.dense.index(name)].astype(np.float64)
            codes[name] = np.where(np.isnan(own), 0, np.searchsorted(learned.edges[name], own, side="right") + 1)
    return (keys_of([codes[name] for name in fields]) for fields in plan.sets)


def _scaled(plan: Plan, learned: Learned, values: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled = np.zeros(values.shape, np.float32)
    for column, name in enumerate(plan.dense):
        field, own = learned.levels[name], values[:, column].astype(np.float64)
        own = np.log1p(np.maximum(own, 0)) if field.logarithm else own
        own = np.clip((own - field.mean) / field.deviation, -8, 8)
        scaled[:, column] = np.nan_to_num(own, nan=0.0)
    return scaled
