# pyright: reportArgumentType=false, reportGeneralTypeIssues=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (what pandas' cells are, their stubs do not know)
"""A log that is read part by part is encoded and learned as if it were in memory."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glider_core as gl
from glider_core.recommenders import fitting, streamed, streaming_tasks
from glider_core.recommenders.fitting import fit
from glider_core.recommenders.network import DeepFM
from glider_core.recommenders.streamed import StreamedLog, stream_log

KINDS: Any = {"shop": "categorical", "day": "categorical", "price": "dense"}


def log(n: int = 6000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"shop": rng.zipf(1.3, n) % 3000, "day": rng.integers(0, 7, n), "price": rng.normal(5, 2, n)})
    likes = np.random.default_rng(9).random((20, 7)) < 0.5
    table["click"] = (likes[table["shop"] % 20, table["day"]] ^ (rng.random(n) < 0.05)).astype(int)
    return table.astype({"shop": str, "day": str})


def encoded(folder: Path, part: int, **options: Any) -> StreamedLog:
    table = log()

    def read() -> Iterator[pd.DataFrame]:
        return (table.iloc[start : start + part] for start in range(0, len(table), part))

    return stream_log(read, "click", KINDS, folder, sets=[("shop", "day"), ("price", "day")], threshold=10, **options)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> StreamedLog:
    return encoded(tmp_path_factory.mktemp("log") / "whole", 6000)


def test_ids_stand_for_values_and_combinations_of_enough_training_rows(whole: StreamedLog) -> None:
    rng = np.random.default_rng(0)
    dealt = np.searchsorted([0.8, 0.9], rng.random(6000), side="right")
    for place, part in enumerate(("train", "validation", "test")):
        assert len(whole.parts[part][1]) == (dealt == place).sum()
    table = log()[dealt == 0].reset_index(drop=True)
    rows, answers = whole.parts["train"]
    assert np.array_equal(answers, table["click"])
    for column, names in enumerate((["shop"], ["day"], ["shop", "day"])):
        # Combinations are of ids: those of rare shops are one shop's.
        shops = table["shop"].where(table["shop"].map(table["shop"].value_counts()) > streamed.LEAST, "rare")
        own = pd.DataFrame({"shop": shops, "day": table["day"]})[names].agg(" ".join, axis=1)
        least = 10 if len(names) > 1 else streamed.LEAST
        frequent = own.map(own.value_counts()) > least
        frequent &= True if len(names) > 1 else own != "rare"
        ids = pd.Series(rows.ids[:, column])
        assert (ids[~frequent] == 0).all()
        assert (ids[frequent] > 0).all()
        pairs = pd.DataFrame({"id": ids[frequent], "value": own[frequent]}).drop_duplicates()
        assert pairs["id"].is_unique
        assert pairs["value"].is_unique
        assert ids.max() == (len(whole.fields[column].values) - 1 if column < 2 else whole.sizes[0] - 1)
    assert abs(float(rows.dense.mean())) < 1e-5
    assert float(rows.dense.std()) == pytest.approx(1.0, abs=1e-4)


def test_how_the_log_is_cut_changes_nothing(
    whole: StreamedLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming_tasks, "CHUNK", 700)
    monkeypatch.setattr(streaming_tasks, "RANGE", 100)  # sums over many ranges of keys
    other = encoded(tmp_path / "parts", 1111)
    same(whole, other)
    assert sorted(path.name for path in other.folder.iterdir()) == sorted(
        f"{part}.{name}" for part in whole.parts for name in ("ids", "dense", "answers")
    )  # nothing that was on the way is left


def test_on_a_cluster_the_encoded_log_is_the_same_to_the_byte(
    whole: StreamedLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.Client(n_workers=2, processes=False, dashboard_address=None) as client:
        other = pieces_encoded(tmp_path / "cluster", 500, executor=client)
    same(whole, other)


@pytest.mark.slow  # starts processes, with torch in each
def test_in_processes_of_which_one_dies_the_encoded_log_is_the_same_to_the_byte(
    whole: StreamedLog, tmp_path: Path
) -> None:
    died = tmp_path / "died"
    other = pieces_encoded(tmp_path / "processes", 500, dies=died, processes=2)
    assert died.is_file()
    same(whole, other)


@pytest.mark.slow  # starts processes
def test_on_a_cluster_that_loses_a_worker_the_encoded_log_is_the_same_to_the_byte(
    whole: StreamedLog, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed")
    died = tmp_path / "died"
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        other = pieces_encoded(tmp_path / "cluster", 500, dies=died, executor=client)
    assert died.is_file()
    same(whole, other)


@dataclass(frozen=True)
class TableRows:
    """A piece of the log that is drawn where it is read; its process dies once, where that is wanted."""

    start: int
    stop: int
    dies: Path | None = None

    def rows(self) -> int:
        return self.stop - self.start

    def tables(self) -> Iterator[pd.DataFrame]:
        if self.dies is not None and not self.dies.exists():
            self.dies.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        yield log().iloc[self.start : self.stop]


def pieces_encoded(folder: Path, rows: int, dies: Path | None = None, **options: Any) -> StreamedLog:
    pieces = [
        TableRows(start, min(start + rows, 6000), dies if start == rows else None) for start in range(0, 6000, rows)
    ]
    return stream_log(pieces, "click", KINDS, folder, sets=[("shop", "day"), ("price", "day")], threshold=10, **options)


def same(one: StreamedLog, other: StreamedLog) -> None:
    assert other.fields == one.fields
    assert other.sizes == one.sizes
    names = sorted(path.name for path in one.folder.iterdir())
    assert sorted(path.name for path in other.folder.iterdir()) == names
    for name in names:
        assert (other.folder / name).read_bytes() == (one.folder / name).read_bytes()


def test_a_piece_that_is_not_what_it_said_is_refused(tmp_path: Path) -> None:
    class Longer(TableRows):
        def rows(self) -> int:
            return super().rows() + 1

    with pytest.raises(gl.InvalidInput, match="take blank lines out"):
        stream_log([Longer(0, 3000), TableRows(3000, 6000)], "click", KINDS, tmp_path / "log")
    assert not (tmp_path / "log").exists()  # so that one can try again


def test_a_log_on_disk_is_trained_on_block_by_block(whole: StreamedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "BLOCK", 1000)
    assert isinstance(whole.parts["train"][0].ids, np.memmap)
    result = fit(lambda: DeepFM(whole.fields, whole.sizes, embedding=4, deep=(16, 16)), whole.parts, epochs=3, batch=64)
    assert result.test.auc > 0.8  # the two sets decide


def test_what_cannot_be_streamed_is_told(tmp_path: Path) -> None:
    table = log(200)
    for given, says in (
        ({"target": "clicks"}, "no column 'clicks'"),
        ({"target": "price"}, "other than 0 and 1"),
        ({"sets": [("shop", "weather")]}, "no field 'weather'"),
        ({"kinds": {"shop": "categorical"}}, "two fields or more"),
    ):
        options: Any = {"target": "click", "kinds": KINDS, **given}
        with pytest.raises(gl.InvalidInput, match=says):
            stream_log(lambda: iter([table]), folder=tmp_path / says[:6], **options)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    with pytest.raises(gl.InvalidInput, match="not empty"):
        stream_log(lambda: iter([table]), "click", KINDS, tmp_path / "full")


def test_of_many_ids_only_those_of_a_batch_are_touched(whole: StreamedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = []
    for many in (fitting.MANY_IDS, 10):
        monkeypatch.setattr(fitting, "MANY_IDS", many)
        losses.append(fit(lambda: DeepFM(whole.fields, whole.sizes, deep=(8,)), whole.parts, epochs=1, batch=256))
    assert losses[1].network.embedding.sparse
    assert losses[0].test.logloss == pytest.approx(losses[1].test.logloss, abs=1e-5)
