"""Readers of public tables: Census Income, MovieLens, and Avazu and Criteo in their Kaggle formats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from glider_core.errors import InvalidInput
from glider_core.recommenders.dataset import Dataset, prepare
from glider_core.tables.parts import parts
from glider_core.tables.values import guess_kinds, informative

CENSUS_FIELDS = (
    "age", "workclass", "fnlwgt", "education", "education_years", "marital_status", "occupation", "relationship",
    "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income",
)  # fmt: skip
GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
PART_ROWS = 200_000  # of a log that is read part by part
CRITEO: dict[str, Any] = {  # for `pd.read_csv`
    "sep": "\t",
    "names": ["label", *(f"I{i}" for i in range(1, 14)), *(f"C{i}" for i in range(1, 27))],
    "dtype": {f"C{i}": str for i in range(1, 27)},
}


def census(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Census Income (1994): the rows to train on and the test rows, as published.

    The sampling weight `fnlwgt` is left out, as it says nothing of a person, and so is `education_years`, the number of
    `education`.
    """
    tables = []
    for name in ("adult.data.gz", "adult.test.gz"):
        table = pd.read_csv(
            _file(data / "ctr" / name),
            names=list(CENSUS_FIELDS),
            skipinitialspace=True,
            comment="|",
            na_values="?",
        ).dropna(subset=["income"])
        table["income"] = table["income"].str.rstrip(".")
        tables.append(table.drop(columns=["fnlwgt", "education_years"]))
    return tables[0], tables[1]


def census_dataset(data: Path, *, rows: int | None = None, seed: int = 0) -> Dataset:
    """Census Income ready for training: an eighth of the rows to train on validates, the test rows are as published.

    Args:
        data: the folder of training data.
        rows: of those to train and validate on, drawn at random; None: all.
        seed: of the split.
    """
    train, test = census(data)
    order = np.random.default_rng(seed).permutation(len(train))[:rows]
    held_out = len(order) // 8
    tables = {"train": train.iloc[order[held_out:]], "validation": train.iloc[order[:held_out]], "test": test}
    answers = {part: (table["income"] == ">50K").to_numpy(dtype=np.float32) for part, table in tables.items()}
    kinds = informative(guess_kinds(tables["train"].drop(columns=["income"])))
    return prepare(tables, answers, kinds, "income above 50K")


def movielens(data: Path) -> pd.DataFrame:
    """MovieLens 100K: a row per rating, with the user's and the film's fields; `liked` is a rating of 4 or 5."""
    folder = data / "movielens"
    ratings = pd.read_csv(_file(folder / "u.data.gz"), sep="\t", names=["user", "film", "rating", "time"])
    users = pd.read_csv(_file(folder / "u.user.gz"), sep="|", names=["user", "age", "sex", "occupation", "zip"])
    films = pd.read_csv(
        _file(folder / "u.item.gz"),
        sep="|",
        names=["film", "title", "date", "video_date", "address", *GENRES],
        encoding="latin-1",
    )
    films["year"] = films["date"].str[-4:]
    films["genre"] = films[list(GENRES)].apply(
        lambda row: "|".join(genre for genre, flag in row.items() if flag), axis=1
    )
    users["age"] = (users["age"] // 5 * 5).astype(str)
    users["zip"] = users["zip"].str[:2]
    table = ratings.merge(users, on="user").merge(films[["film", "title", "year", "genre"]], on="film")
    table["hour"] = table["time"] // 3600 % 24
    table["user"] = table["user"].astype(str)  # a name, not a quantity
    table["liked"] = (table["rating"] >= 4).astype(int)
    return table.drop(columns=["rating", "time", "film"])


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
            blocks = pd.read_csv(_file(path), chunksize=rows, **options)
        except (ValueError, OSError) as error:
            raise InvalidInput(f"{path.name} cannot be read as a table ({type(error).__name__}).") from None
    for block in blocks:
        yield (tidy_criteo if kind == "criteo" else tidy_avazu)(block, path)


def _csv(path: Path, **options: Any) -> pd.DataFrame:
    try:
        table: pd.DataFrame = pd.read_csv(_file(path), **options)
    except (ValueError, OSError) as error:  # of pandas, of the codecs, of a damaged archive
        raise InvalidInput(f"{path.name} cannot be read as a table ({type(error).__name__}).") from None
    if table.empty:
        raise InvalidInput(f"{path.name} has no rows.")
    return table


def _file(path: Path) -> Path:
    if not path.is_file():
        raise InvalidInput(f"There is no file {path.name} in {path.parent.name or '.'}/; README says what goes where.")
    return path
