"""A log that is cut into pieces has the rows that it has in one go, whatever its format."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import glider_core as gl
from glider_core.recommenders.logs import log_parts
from glider_core.recommenders.pieces import log_pieces

ROWS = 60
CRITEO = ["label", *(f"I{n}" for n in range(1, 14)), *(f"C{n}" for n in range(1, 27))]


def criteo(path: Path) -> Path:
    """Rows of different lengths, with gaps, and no end of the last line."""
    lines = []
    for n in range(ROWS):
        numbers = ["" if (n + i) % 5 == 0 else str(n * i) for i in range(13)]
        lines.append("\t".join([str(n % 2), *numbers, *["ab" * (n % 4)] * 26]))
    path.write_text("\n".join(lines))
    return path


def avazu(path: Path) -> Path:
    lines = (f"{n},{n % 2},141021{n % 24:02},{'x' * (n % 9)},{n % 7}" for n in range(ROWS))
    path.write_text("id,click,hour,site_id,C14\n" + "\n".join(lines) + "\n")
    return path


def whole(path: Path, kind: Any) -> pd.DataFrame:
    return pd.concat(log_parts(path, kind), ignore_index=True)


def joined(pieces: Any) -> pd.DataFrame:
    return pd.concat([table for piece in pieces for table in piece.tables()], ignore_index=True)


@pytest.mark.parametrize("size", [1, 97, 1000, 10**6])
@pytest.mark.parametrize("kind", ["criteo", "avazu"])
def test_a_text_is_cut_between_lines(kind: Any, size: int, tmp_path: Path) -> None:
    path = (criteo if kind == "criteo" else avazu)(tmp_path / "log.txt")
    pieces = log_pieces(path, kind, size)
    assert len(pieces) == {1: ROWS, 10**6: 1}.get(size, len(pieces))
    assert sum(piece.rows() for piece in pieces) == ROWS
    pd.testing.assert_frame_equal(joined(pieces), whole(path, kind), check_dtype=False)


def test_groups_of_rows_of_parquet_files_are_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glider_core.recommenders.pieces._GROUPS_ROWS", 14)
    table = whole(criteo(tmp_path / "log.txt"), "criteo")
    paths = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    for path, rows in zip(paths, (table.iloc[:40], table.iloc[40:]), strict=True):
        rows.to_parquet(path, row_group_size=7)
    pieces = log_pieces(paths, "criteo")
    assert [piece.rows() for piece in pieces] == [14, 14, 12, 14, 6]
    pd.testing.assert_frame_equal(joined(pieces), table, check_dtype=False)


def test_what_cannot_be_cut_is_told(tmp_path: Path) -> None:
    packed = tmp_path / "log.gz"
    packed.write_bytes(gzip.compress(criteo(tmp_path / "log.txt").read_bytes()))
    broken = tmp_path / "log.parquet"
    broken.write_bytes(b"PAR1")
    empty = tmp_path / "empty.txt"
    empty.touch()
    for path, kind, says in (
        (packed, "criteo", "is packed"),
        (broken, "criteo", "cannot be read as Parquet"),
        (empty, "criteo", "no rows"),
        (tmp_path / "none", "criteo", "no file none"),
        (packed, "kdd", "no kind of log 'kdd'"),
    ):
        given: Any = kind
        with pytest.raises(gl.InvalidInput, match=says):
            log_pieces(path, given)
