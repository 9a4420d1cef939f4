"""The tables that Tables 2a, 3, 4, 6, 7 and Figures 2, 3, 5, 7 are measured on, and how each is read and learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from glider_core.domains.recommender import data as readers
from glider_core.experiments.base import Context, Option, data_folder
from glider_core.recommenders import logs
from glider_core.recommenders.comparison import Comparison
from glider_core.recommenders.dataset import Dataset, split
from glider_core.recommenders.recipes import CENSUS, SMALL, Recipe
from glider_core.recommenders.simulated import simulated
from glider_core.recommenders.simulator import SPARSE
from glider_core.tables.values import guess_kinds, informative


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table to reproduce on, and how."""

    title: str
    read: Callable[[Path | None, int | None], Dataset]  # of the folder or file of data, and the number of rows
    folder: bool = True  # it lies in the folder of training data; else the data is a file, or none is needed
    sample: str = ""  # of a log: the file in the folder of training data that stands for it where a folder is named
    crosses: int  # the K of the top sets, subsets dropped
    per_million: int = 100  # the T of the crosses: training rows of a million that an id must have
    source: Recipe  # of the AutoInt that is explained
    target: Recipe  # of the recommenders

    def compare(
        self,
        dataset: Dataset,
        sets: Sequence[Sequence[str]],
        *,
        threshold: int | None = None,
        epochs: int | None = None,
    ) -> Comparison:
        """The comparison of recommenders with and without these sets crossed; None: as above."""
        rows = len(dataset.tables["train"])
        if threshold is None:
            threshold = max(1, rows * self.per_million // 1_000_000)
        recipe = self.recipes(rows)[1]
        if epochs is not None:
            recipe = replace(recipe, epochs=epochs)
        return Comparison(dataset, sets, recipe, threshold=threshold)

    def recipes(self, rows: int) -> tuple[Recipe, Recipe]:
        """Of source and target; a log of few training rows is learned like any small table."""
        return (_SMALL, _SMALL) if self.source.batch >= 1000 and rows < SMALL else (self.source, self.target)


def _simulated(path: Path | None, rows: int | None) -> Dataset:
    rows = rows or 1_000_000
    return simulated(rows, n_validation=min(rows, 50_000), n_test=min(rows, 100_000), design=SPARSE)


def _movielens(path: Path | None, rows: int | None) -> Dataset:
    return _split(readers.movielens(_named(path)), "liked", "1", rows)


def _census(path: Path | None, rows: int | None) -> Dataset:
    return readers.census_dataset(_named(path), rows=rows)


def _criteo(path: Path | None, rows: int | None) -> Dataset:
    return _split(logs.criteo(_named(path), rows=rows), "label", "1")


def _avazu(path: Path | None, rows: int | None) -> Dataset:
    return _split(logs.avazu(_named(path), rows=rows), "click", "1")


def _split(table: pd.DataFrame, target: str, positive: str, rows: int | None = None) -> Dataset:
    if rows is not None and rows < len(table):
        table = table.sample(rows, random_state=0)
    return split(table, target, positive, informative(guess_kinds(table.drop(columns=[target]))))


def _named(path: Path | None) -> Path:
    assert path is not None, "read_source names a file or a folder"
    return path


_SMALL = Recipe(epochs=12, looks=1, patience=2, batch=512, weight_decay=0.1, dropout=0.3)
SOURCES: dict[str, Source] = {
    "simulated": Source(
        title="simulated click log, sparse ids",
        read=_simulated,
        folder=False,
        crosses=5,
        per_million=200,  # fields of fewer ids than in real logs: at 100 the crosses would weigh more than the paper's
        source=Recipe(epochs=2, looks=2, patience=2, batch=1000),
        target=Recipe(epochs=1, looks=2, patience=2, batch=1000),  # one pass, as is usual with click logs
    ),
    "movielens": Source(
        title="MovieLens 100K, liked (4 or 5 stars)", read=_movielens, crosses=10, source=_SMALL, target=_SMALL
    ),
    "census": Source(
        title="Census Income, above 50K",
        read=_census,
        crosses=10,
        source=CENSUS,
        target=CENSUS,
    ),
    "criteo": Source(
        title="Criteo", read=_criteo, folder=False, sample="ctr/criteo_7k.tsv.gz", crosses=40,
        source=Recipe(epochs=3, looks=4, batch=1000), target=Recipe(epochs=3, looks=4, batch=1000),
    ),
    "avazu": Source(
        title="Avazu", read=_avazu, folder=False, sample="ctr/avazu_15k_all_hours.csv.gz", crosses=10,
        source=Recipe(epochs=3, looks=4, batch=1000), target=Recipe(epochs=3, looks=4, batch=1000),
    ),
}  # fmt: skip

# Options that every experiment on these tables takes.
OPTIONS: dict[str, Option] = {
    "table": Option(
        help="The table to measure on; criteo and avazu are the paper's logs, in Kaggle's format: the file that --data "
        "names, or the sample of each in the folder of training data.",
        kind=str,
        default="simulated",
        choices=tuple(SOURCES),
    ),
    "rows": Option(help="Rows to train on (simulated) or to take of the table; by default a million, or all.", least=1),
    "explained": Option(help="Validation rows to explain.", default=1000, least=1),
    "processes": Option(help="Processes that explain rows, beside each other.", default=1, least=1),
    "keep": Option(
        help="A folder for what is finished: a killed run goes on, and experiments on the same rows share AutoInt.",
        kind=Path,
    ),
}
QUICK = {"rows": 20_000, "explained": 40}
SMOKE = {"table": "simulated", "rows": 600, "explained": 2}
FAMILY = "recommenders"


def table_option(default: str) -> dict[str, Option]:
    """`OPTIONS` with another table by default."""
    return {**OPTIONS, "table": replace(OPTIONS["table"], default=default)}


def read_source(context: Context) -> tuple[Source, Dataset]:
    """The source that the options name, and its rows.

    Raises:
        InvalidInput: the data is missing or cannot be learned from.
    """
    source, data = SOURCES[context["table"]], context.data
    if source.folder:
        return source, source.read(data_folder(data), context["rows"])
    if not source.sample or (data is not None and not data.is_dir()):
        return source, source.read(data, context["rows"])
    dataset = source.read(data_folder(data) / source.sample, context["rows"])
    rows = sum(len(table) for table in dataset.tables.values())
    return replace(source, title=f"{source.title}, a sample of {rows:,} rows"), dataset
