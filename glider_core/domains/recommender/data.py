"""Readers of public tables: Census Income and MovieLens. Logs of clicks are `glider_core.recommenders.logs`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from glider_core.recommenders.dataset import Dataset, prepare
from glider_core.recommenders.logs import existing
from glider_core.tables.values import guess_kinds, informative

CENSUS_FIELDS = (
    "age", "workclass", "fnlwgt", "education", "education_years", "marital_status", "occupation", "relationship",
    "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income",
)  # fmt: skip
GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip


def census(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Census Income (1994): the rows to train on and the test rows, as published.

    The sampling weight `fnlwgt` is left out, as it says nothing of a person, and so is `education_years`, the number of
    `education`.
    """
    tables = []
    for name in ("adult.data.gz", "adult.test.gz"):
        table = pd.read_csv(
            existing(data / "ctr" / name),
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
    ratings = pd.read_csv(existing(folder / "u.data.gz"), sep="\t", names=["user", "film", "rating", "time"])
    users = pd.read_csv(existing(folder / "u.user.gz"), sep="|", names=["user", "age", "sex", "occupation", "zip"])
    films = pd.read_csv(
        existing(folder / "u.item.gz"),
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
