"""Criteo's and Avazu's logs cut into pieces that different processes, or machines, read by themselves.

A text is cut at ends of lines, a Parquet file between its groups of rows; several files are pieces of one log, in the
order they are named in.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from glider_core.errors import InvalidInput
from glider_core.recommenders.logs import CRITEO, avazu, tidy_avazu, tidy_criteo
from glider_core.tables.parts import file_blocks, to_pandas
from glider_core.tables.values import Kind

LogKind = Literal["criteo", "avazu"]
PIECE = 32_000_000  # bytes of a text, some 140,000 rows of Criteo
_GROUPS_ROWS = 200_000  # rows of a Parquet file that are read together, where its groups are smaller
_BLOCK = 1 << 24  # bytes in which ends of lines are looked for
_PARQUET = (".parquet", ".pq")
_PACKED = (b"\x1f\x8b", b"PK", b"BZ", b"\xfd7", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Whole lines of a text in Kaggle's format."""

    path: Path
    kind: LogKind
    start: int  # bytes, at the beginning of a line
    stop: int

    def rows(self) -> int:
        """How many lines."""
        count, last = 0, b"\n"
        for block in self._blocks():
            count, last = count + block.count(b"\n"), block[-1:]
        return count + (last != b"\n")

    def tables(self) -> Iterator[pd.DataFrame]:
        """The rows, in one table."""
        content = b"".join(self._blocks())
        options: dict[str, Any] = dict(CRITEO)
        if self.kind == "avazu":
            with self.path.open("rb") as file:
                content, options = file.readline() + content, {"dtype": str}
        try:
            table: Any = pd.read_csv(io.BytesIO(content), **options)
        except (ValueError, OSError) as error:
            raise InvalidInput(
                f"{self.path.name} cannot be read as a table from byte {self.start:,} ({type(error).__name__})."
            ) from None
        yield _tidy(self.kind)(table, self.path)

    def _blocks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(self.start)
            for start in range(self.start, self.stop, _BLOCK):
                yield file.read(min(_BLOCK, self.stop - start))


@dataclass(frozen=True, slots=True)
class ParquetPiece:
    """Groups of rows of a Parquet file with the columns of Kaggle's format."""

    path: Path
    kind: LogKind
    groups: tuple[int, ...]
    count: int  # rows

    def rows(self) -> int:
        """How many."""
        return self.count

    def tables(self) -> Iterator[pd.DataFrame]:
        """The rows, in tables of bounded size."""
        for block in file_blocks(self.path, groups=self.groups):
            yield _tidy(self.kind)(to_pandas(block), self.path)


def log_pieces(
    paths: str | Path | Sequence[str | Path], kind: LogKind, size: int = PIECE
) -> list[TextPiece | ParquetPiece]:
    """Cut logs into pieces.

    Args:
        paths: of texts in Kaggle's format, not packed, or of Parquet files with the same columns.
        kind: "criteo" or "avazu".
        size: bytes of a piece of a text.

    Raises:
        InvalidInput: there is no such kind; a file is missing, empty, packed or no Parquet file.
    """
    _check(kind)
    found: list[TextPiece | ParquetPiece] = []
    for name in [paths] if isinstance(paths, (str, Path)) else paths:
        path = Path(name).absolute()
        if not path.is_file():
            raise InvalidInput(f"There is no file {path.name} in {path.parent.name or '.'}/.")
        found += _of_parquet(path, kind) if path.suffix.lower() in _PARQUET else _of_text(path, kind, size)
    if not found:
        raise InvalidInput("The log has no rows.")
    return found


def _of_text(path: Path, kind: LogKind, size: int) -> list[TextPiece]:
    length = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4).startswith(_PACKED):
            raise InvalidInput(
                f"{path.name} is packed, and cannot be cut; unpack it, or read it in one go with `log_parts`."
            )
        file.seek(0)
        if kind == "avazu":
            file.readline()  # the header
        ends = [file.tell()]
        while ends[-1] < length:
            file.seek(ends[-1] + size)
            file.readline()
            ends.append(min(file.tell(), length))
    return [TextPiece(path, kind, start, stop) for start, stop in itertools.pairwise(ends)]


def _of_parquet(path: Path, kind: LogKind) -> list[ParquetPiece]:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        with parquet.ParquetFile(path) as file:
            rows = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidInput(f"{path.name} cannot be read as Parquet ({type(error).__name__}).") from None
    pieces: list[ParquetPiece] = []
    groups: list[int] = []
    for number, _ in enumerate(rows):
        groups.append(number)
        count = sum(rows[group] for group in groups)
        if count >= _GROUPS_ROWS or number == len(rows) - 1:
            if count:
                pieces.append(ParquetPiece(path, kind, tuple(groups), count))
            groups = []
    return pieces


def _tidy(kind: LogKind) -> Any:
    return tidy_criteo if kind == "criteo" else tidy_avazu


def fields_of(kind: str, path: Path) -> tuple[str, dict[str, Kind]]:
    """What a log predicts, and how each of its fields is read: Criteo's by its names, Avazu's by its header.

    Raises:
        InvalidInput: there is no such kind, or the file cannot be read.
    """
    if kind == "criteo":
        kinds: dict[str, Kind] = dict.fromkeys((f"I{number}" for number in range(1, 14)), "dense")
        return "label", {**kinds, **dict.fromkeys((f"C{number}" for number in range(1, 27)), "categorical")}
    _check(kind)
    if path.suffix.lower() in _PARQUET:
        names = list(next(next(iter(_of_parquet(path, "avazu"))).tables()).columns)
    else:
        names = [str(name) for name in avazu(path, rows=1).columns]
    return "click", dict.fromkeys((name for name in names if name not in ("id", "click")), "categorical")


def _check(kind: str) -> None:
    if kind not in ("criteo", "avazu"):
        raise InvalidInput(f"There is no kind of log {kind!r:.40}; give criteo or avazu.")
