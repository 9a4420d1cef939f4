"""Logs of more rows than fit into memory: read once piece by piece, encoded on disk, and trained on from there.

The work is spread over processes or over a cluster: each piece of the log is read, hashed and encoded by itself, and
counts are summed over pieces (`streaming_tasks`). Values are known by their hashes of 64 bits. The encoded rows lie in
files of plain numbers, which a training maps into memory: the system holds as much of them as there is room for.
The result is the same to the byte, however the log is cut and wherever the work is done.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.clusters import Executor
from glider_core.errors import InvalidInput
from glider_core.recommenders import streaming_tasks as tasks
from glider_core.recommenders.streaming_tasks import PARTS, Learned, Piece, PieceRead, Plan, Run, mapped
from glider_core.tables.crosses import PER_MILLION, checked_sets
from glider_core.tables.fields import Field, Rows
from glider_core.tables.values import Kind
from glider_core.workers.spread import Spread, spread

LEAST = 9  # training rows that a value of a field must exceed to have an id of its own, as FuxiCTR's benchmarks have it
MOST_IDS = 2_000_000  # of one field
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
    source: Sequence[Piece] | Read,
    target: str,
    kinds: Mapping[str, Kind],
    folder: str | Path,
    *,
    sets: Sequence[Sequence[str]] = (),
    threshold: int | None = None,
    seed: int = 0,
    processes: int = 1,
    executor: Executor | None = None,
    on_progress: Callable[[str, int], None] | None = None,
) -> StreamedLog:
    """Encode a log piece by piece: eight tenths of the rows to train, one to validate, one to test, dealt by number.

    Args:
        source: pieces of a log, such as `log_pieces` cuts; each is read where it is worked on. Or a function that
            yields tables one after another, asked once: these are read here, and the rest of the work is spread.
        target: the column of answers 0 and 1.
        kinds: how each field is read.
        folder: for the encoded rows, some 4 bytes for each field and cross of a row (12 while it is being made). On a
            cluster, one that all its workers reach by this path, as they do the log.
        sets: of field names, to cross.
        threshold: training rows that an id of a cross must exceed; None: 100 of a million.
        seed: of the split.
        processes: that work on this machine; with one it is done in this process.
        executor: a `dask.distributed.Client` or a scheduler's address, to work on a cluster instead.
        on_progress: called with what is done ("read", "count", "encode") and the rows so far; may raise to stop.

    Raises:
        InvalidInput: the log cannot be learned from, the folder is in use, or no scheduler answers.
        InvalidSettings: processes below 1, or beside an executor.
        GliderError: a piece was given up, for its worker died again and again.
    """
    folder = Path(folder).absolute()
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInput(f"The folder {folder.name} is not empty; name a new one for the encoded log.")
    crossed = tuple(checked_sets(sets, _BUCKETS, threshold)) if sets else ()
    lacking = [name for fields in crossed for name in fields if name not in kinds]
    if lacking or len(kinds) < 2:
        raise InvalidInput(f"There is no field {lacking[0]!r:.60}." if lacking else "Name two fields or more.")
    categorical, dense = (
        tuple(name for name, own in kinds.items() if own == kind) for kind in ("categorical", "dense")
    )
    plan = Plan(folder, target, categorical, dense, crossed, seed)
    try:
        with spread(processes, executor) as each:
            making = _Making(plan, dict(kinds), each, on_progress or (lambda stage, rows: None))
            making.read(source)
            making.learn_fields()
            making.learn_crosses(threshold)
            making.encode()
            return making.log()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # it was empty before
        raise


class _Making:
    """A log on its way to disk."""

    def __init__(self, plan: Plan, kinds: dict[str, Kind], each: Spread, tell: Callable[[str, int], None]) -> None:
        self.plan, self.kinds, self.each, self.tell = plan, kinds, each, tell
        self.pieces: list[PieceRead] = []
        self.known: list[NDArray[np.uint64]] = []  # of each category
        self.sizes: tuple[int, ...] = ()
        self.learned = Learned({}, {})
        plan.raw.mkdir(parents=True)

    def read(self, source: Sequence[Piece] | Read) -> None:
        """The only pass over the values of the source."""
        done = 0
        if callable(source):
            found = _read_here(self.plan, source())
        else:
            counts = list(self.each(tasks.count_rows, ((piece,) for piece in source)))
            starts = itertools.accumulate(counts, initial=0)
            own = zip(itertools.count(), source, starts, counts, strict=False)
            found = self.each(tasks.read_piece, ((self.plan, *arguments) for arguments in own))
        for piece in found:
            self.pieces.append(piece)
            done += sum(piece.rows)
            self.tell("read", done)
        for place, part in enumerate(PARTS):
            rows, positives = (
                sum(numbers[place] for numbers in own)
                for own in zip(*((piece.rows, piece.positives) for piece in self.pieces), strict=True)
            ) if self.pieces else (0, 0)  # fmt: skip
            if not 0 < positives < rows:
                raise InvalidInput(f"The {rows:,} {part} rows all have the same answer; give more rows.")

    def learn_fields(self) -> None:
        """Frequent values of categories, levels and spreads of dense fields."""
        lengths = [piece.lengths for piece in self.pieces]
        for place, (keys, counts) in enumerate(self._frequent("fields", lengths, LEAST)):
            if len(keys) > MOST_IDS:
                keys = np.sort(keys[np.argsort(-counts, kind="stable")[:MOST_IDS]])
            keys.tofile(self.plan.known("field", place))
            self.known.append(keys)
        sample = self._sample()
        for column, name in enumerate(self.plan.dense):
            finite = sample[:, column].astype(np.float64)
            finite = finite[np.isfinite(finite)]
            if not len(finite):
                raise InvalidInput(f"The column {name[:60]!r} has no number; read it as categorical.")
            skewed = finite.min() >= 0 and finite.max() > 20 * max(float(np.median(finite)), 1.0)
            scaled = np.log1p(finite) if skewed else finite
            self.learned.levels[name] = Field(
                name, "dense", mean=float(scaled.mean()), deviation=float(scaled.std()) or 1.0, logarithm=bool(skewed)
            )
            self.learned.edges[name] = np.unique(np.quantile(finite, np.arange(1, _BUCKETS) / _BUCKETS))

    def learn_crosses(self, threshold: int | None) -> None:
        """Frequent combinations of each set."""
        if not self.plan.sets:
            return
        rows = sum(piece.rows[0] for piece in self.pieces)
        least = threshold if threshold is not None else max(1, rows * PER_MILLION // 1_000_000)
        own = ((self.plan, self.learned, number) for number in range(len(self.pieces)))
        lengths, done = [], 0
        for piece, found in zip(self.pieces, self.each(tasks.count_combinations, own), strict=True):
            lengths.append(found)
            done += piece.rows[0]
            self.tell("count", done)
        sizes = []
        for place, (keys, _) in enumerate(self._frequent("sets", lengths, least)):
            keys.tofile(self.plan.known("set", place))
            sizes.append(len(keys) + 1)
        self.sizes = tuple(sizes)

    def encode(self) -> None:
        """Ids and scaled numbers of each part to disk, and what was on the way to them removed."""
        starts = list(itertools.accumulate((np.array(piece.rows) for piece in self.pieces), initial=np.zeros(3, int)))
        for part, rows in zip(PARTS, starts[-1].tolist(), strict=True):
            for name, columns in self._widths().items():
                with (self.plan.folder / f"{part}.{name}").open("wb") as file:
                    file.truncate(rows * columns * 4)
        own = ((self.plan, self.learned, number, before.tolist()) for number, before in enumerate(starts[:-1]))
        done = 0
        for number, rows in enumerate(self.each(tasks.encode_piece, own)):
            for path in self.plan.raw.glob(f"{number:06}.*"):
                path.unlink()
            done += rows
            self.tell("encode", done)
        shutil.rmtree(self.plan.raw)

    def log(self) -> StreamedLog:
        """The finished log."""
        parts, widths = {}, self._widths()
        for part in PARTS:
            # Torch wants arrays that could be written to.
            ids, dense = (
                mapped(self.plan.folder / f"{part}.{name}", kind, widths[name], "c")
                for name, kind in (("ids", np.int32), ("dense", np.float32))
            )
            answers = mapped(self.plan.folder / f"{part}.answers", np.float32, mode="c")
            parts[part] = (Rows(ids, dense if self.plan.dense else np.zeros((len(ids), 0), np.float32)), answers)
        known = dict(zip(self.plan.categorical, self.known, strict=True))
        fields = tuple(
            Field(name, kind, values=("(other)", *(f"{key:016x}" for key in known[name].tolist())))
            if kind == "categorical"
            else self.learned.levels[name]
            for name, kind in self.kinds.items()
        )
        return StreamedLog(fields, self.plan.sets, self.sizes, parts, self.plan.folder)

    def _widths(self) -> dict[str, int]:
        return {"ids": len(self.plan.categorical) + len(self.plan.sets), "dense": len(self.plan.dense), "answers": 1}

    def _frequent(
        self, of: str, lengths: Sequence[Sequence[int]], least: int
    ) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
        """For each category or set the keys that more than `least` training rows have, and how many have each.

        Args:
            of: "fields" or "sets".
            lengths: of each piece, how many keys it has of each.
            least: rows that a key must exceed.
        """
        ends = np.cumsum(np.array(lengths, int), axis=1)  # (pieces, categories or sets)
        jobs: list[tuple[list[Run], int, int, int]] = []
        ranges: list[int] = []
        for place in range(ends.shape[1]):
            runs = [
                Run(self.plan.file(number, f"{of}.keys"), self.plan.file(number, f"{of}.counts"),
                    int(end[place - 1]) if place else 0, int(end[place]))
                for number, end in enumerate(ends)
            ]  # fmt: skip
            count = max(1, -(-sum(run.stop - run.start for run in runs) // tasks.RANGE))
            bounds = [place * (1 << 64) // count for place in range(count + 1)]
            jobs += [(runs, low, high, least) for low, high in itertools.pairwise(bounds)]
            ranges.append(count)
        found = self.each(tasks.frequent, jobs)
        for count in ranges:
            own = list(itertools.islice(found, count))
            yield np.concatenate([keys for keys, _ in own]), np.concatenate([counts for _, counts in own])

    def _sample(self) -> NDArray[np.float32]:
        """(n, dense) of the first training rows."""
        found, rows, width = [np.zeros((0, len(self.plan.dense)), np.float32)], 0, len(self.plan.dense)
        for number in range(len(self.pieces) if width else 0):
            own = mapped(self.plan.file(number, "train.values"), np.float32, width)[: _SAMPLE - rows]
            found.append(np.array(own))
            rows += len(own)
            if rows >= _SAMPLE:
                break
        return np.concatenate(found)


@dataclass(frozen=True, slots=True)
class _Table:
    """A piece that is there already."""

    table: pd.DataFrame

    def rows(self) -> int:
        return len(self.table)

    def tables(self) -> Iterator[pd.DataFrame]:
        yield self.table


def _read_here(plan: Plan, tables: Iterator[pd.DataFrame]) -> Iterator[PieceRead]:
    start = 0
    for number, table in enumerate(tables):
        yield tasks.read_piece(plan, number, _Table(table), start, None)
        start += len(table)
