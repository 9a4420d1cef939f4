"""The real tables that crosses are measured on: where each lies, what is predicted, and what must not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from glider_core.domains.recommender import data as readers
from glider_core.errors import InvalidInput
from glider_core.recommenders.dataset import Dataset, split
from glider_core.tables.values import Kind, guess_kinds


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


def _file(name: str) -> Callable[[Path], pd.DataFrame]:
    return lambda data: pd.read_csv(data / "tables" / name)


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
    """The rows of a table, dealt by this seed."""
    source = TABLES[name]
    kinds: dict[str, Kind] = {
        field: "categorical" if source.ids or field in source.names else kind
        for field, kind in guess_kinds(table.drop(columns=[source.target])).items()
        if kind is not None
    }
    return split(table, source.target, source.positive, kinds, seed=seed)
