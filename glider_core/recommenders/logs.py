"""Logs of clicks in their Kaggle formats, Avazu's and Criteo's, whole or part by part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from glider_core.errors import InvalidInput
from glider_core.tables.parts import parts

PART_ROWS = 200_000  # of a log that is read part by part
CRITEO: dict[str, Any] = {  # for `pd.read_csv`
    "sep": "\t",
    "names": ["label", *(f"I{i}" for i in range(1, 14)), *(f"C{i}" for i in range(1, 27))],
    "dtype": {f"C{i}": str for i in range(1, 27)},
}


def avazu(path: Path, *, rows: int | None = None) -> pd.DataFrame:
    """Avazu's log in Kaggle's format, or its first rows: `id` dropped, `hour` as the hour of the day."""
    return tidy_avazu(_csv(path, dtype=str, nrows=rows), path)


def tidy_avazu(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """What was read of this file, all as texts: checked, `id` dropped, `hour` as the hour of the day."""
    if "click" not in table:
        raise InvalidInput(f"{path.name} has no column `click`; give Avazu's train file with its header.")
    table = table.astype({"click": str, "hour": str})
    if not bool(table["click"].isin(["0", "1"]).all()):
        raise InvalidInput(f"{path.name} has clicks other than 0 and 1; give Avazu's train file as it comes.")
    table["click"] = table["click"].astype(int)
    table["hour"] = table["hour"].str[-2:]
    return table.drop(columns=["id"], errors="ignore")


def criteo(path: Path, *, rows: int | None = None) -> pd.DataFrame:
    """Criteo's log in Kaggle's format, or its first rows: label, 13 integers, 26 categories, tabs, no header."""
    return tidy_criteo(_csv(path, nrows=rows, **CRITEO), path)


def tidy_criteo(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """What was read of this file, checked."""
    if "label" not in table or not bool(table["label"].isin([0, 1]).all()):
        raise InvalidInput(f"{path.name} does not begin with labels 0 and 1; give Criteo's train file as it comes.")
    return table


def log_parts(path: Path, kind: str, rows: int = PART_ROWS) -> Iterator[pd.DataFrame]:
    """Avazu's or Criteo's log as `avazu` and `criteo` read it, part by part: for logs that do not fit into memory.

    Args:
        path: in Kaggle's format, gzipped or not; or a Parquet file with the same columns.
        kind: "avazu" or "criteo".
        rows: of a part.
    """
    if path.suffix.lower() in (".parquet", ".pq"):
        blocks: Any = parts(path)
    else:
        options: dict[str, Any] = CRITEO if kind == "criteo" else {"dtype": str}
        try:
            blocks = pd.read_csv(existing(path), chunksize=rows, **options)
        except (ValueError, OSError) as error:
            raise InvalidInput(f"{path.name} cannot be read as a table ({type(error).__name__}).") from None
    for block in blocks:
        yield (tidy_criteo if kind == "criteo" else tidy_avazu)(block, path)


def _csv(path: Path, **options: Any) -> pd.DataFrame:
    try:
        table: pd.DataFrame = pd.read_csv(existing(path), **options)
    except (ValueError, OSError) as error:  # of pandas, of the codecs, of a damaged archive
        raise InvalidInput(f"{path.name} cannot be read as a table ({type(error).__name__}).") from None
    if table.empty:
        raise InvalidInput(f"{path.name} has no rows.")
    return table


def existing(path: Path) -> Path:
    """A path at which there is a file.

    Raises:
        InvalidInput: there is none.
    """
    if not path.is_file():
        raise InvalidInput(f"There is no file {path.name} in {path.parent.name or '.'}/; README says what goes where.")
    return path
