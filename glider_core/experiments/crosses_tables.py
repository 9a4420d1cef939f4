"""The real tables that crosses are measured on: where each lies, what is predicted, and what must not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from glider_core.domains.recommender import data as readers
from glider_core.errors import InvalidInput
from glider_core.recommenders.dataset import Dataset, prepare, split
from glider_core.tables.values import Kind, guess_kinds

PART = "(part)"  # the column that says which rows are published as test rows


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTable:
    """A public table: where it lies, what is predicted, and what must not be read."""

    title: str
    read: Callable[[Path], pd.DataFrame]
    target: str
    positive: str
    drop: tuple[str, ...] = ()  # known too late, or the same as another column
    ids: bool = False  # whether all its fields are names, whatever they look like
    names: tuple[str, ...] = ()  # fields that are names, though they look like numbers
    published: bool = False  # whether its test rows are those that were published as such, marked in the column PART


def _file(name: str) -> Callable[[Path], pd.DataFrame]:
    return lambda data: pd.read_csv(data / "tables" / name)


def _census_as_published(data: Path) -> pd.DataFrame:
    train, test = readers.census(data)
    return pd.concat([train.assign(**{PART: "train"}), test.assign(**{PART: "test"})], ignore_index=True)


def _hotel(data: Path) -> pd.DataFrame:
    return _file("hotel_bookings.csv.gz")(data).drop_duplicates()


TABLES: dict[str, RealTable] = {
    "amazon": RealTable(
        title="Amazon Employee Access",
        read=_file("amazon_train.csv.gz"),
        target="ACTION",
        positive="1",
        drop=("ROLE_CODE",),
        ids=True,
    ),
    "bank": RealTable(
        title="Bank Marketing", read=_file("bank_marketing.csv.gz"), target="y", positive="1", drop=("duration",)
    ),
    "census": RealTable(
        title="Census Income", read=lambda data: readers.census(data)[0], target="income", positive=">50K"
    ),
    "census-published": RealTable(
        title="Census Income, its published test rows",
        read=_census_as_published,
        target="income",
        positive=">50K",
        published=True,
    ),
    "clicks": RealTable(
        title="KDD Cup 2012, a sample of search ads",
        read=_file("click_prediction_small.csv.gz"),
        target="click",
        positive="1",
        ids=True,
    ),
    "frappe": RealTable(
        title="Frappe, apps used in context",
        read=_file("frappe_nfm_valtest.csv.gz"),
        target="label",
        positive="1",
        drop=("cost", "nfm_split"),
        ids=True,
    ),
    "hotel": RealTable(
        title="Hotel bookings",
        read=_hotel,
        target="IsCanceled",
        positive="1",
        drop=(
            "ReservationStatus", "ReservationStatusDate", "AssignedRoomType", "BookingChanges",
            "RequiredCarParkingSpaces",
        ),
        names=("Agent", "Company"),
    ),
    "movielens": RealTable(
        title="MovieLens 100K, liked (4 or 5 stars)", read=readers.movielens, target="liked", positive="1"
    ),
}  # fmt: skip


def rows_of(name: str, data: Path, rows: int | None = None) -> pd.DataFrame:
    """A table without what must not be read, and only so many of its rows.

    Raises:
        InvalidInput: it is missing.
    """
    source = TABLES[name]
    try:
        table = source.read(data).drop(columns=list(source.drop), errors="ignore")
    except FileNotFoundError as error:
        raise InvalidInput(f"{source.title} is not under {data}: {Path(error.filename).name} is missing.") from None
    return table.sample(rows, random_state=0) if rows is not None and rows < len(table) else table


def dealt(name: str, table: pd.DataFrame, seed: int) -> Dataset:
    """The rows of a table, dealt by this seed; where test rows are published, only those to train and validate on."""
    source = TABLES[name]
    fields = table.drop(columns=[source.target, PART], errors="ignore")
    kinds: dict[str, Kind] = {
        field: "categorical" if source.ids or field in source.names else kind
        for field, kind in guess_kinds(fields).items()
        if kind is not None
    }
    if not source.published:
        return split(table, source.target, source.positive, kinds, seed=seed)
    answers = (table[source.target].astype(str) == source.positive).to_numpy(np.float32)
    test = (table[PART] == "test").to_numpy()
    order = np.random.default_rng(seed).permutation(np.flatnonzero(~test))
    rows = {"train": order[len(order) // 9 :], "validation": order[: len(order) // 9], "test": np.flatnonzero(test)}
    return prepare(
        {part: table.iloc[own] for part, own in rows.items()},
        {part: answers[own] for part, own in rows.items()},
        kinds,
        f"{source.target} = {source.positive}",
    )
