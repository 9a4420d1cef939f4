"""A run of the Global view: what it is asked for, its way through the queue, and the runs of a visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pandas as pd

import glider_core as gl
from glider_core import prepared
from glider_core.domains import DOMAINS
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.provenance import fingerprint
from glider_core.rows.content_run import ContentRun
from glider_core.rows.run import PAPER, ROWS
from glider_core.workers import Task
from glider_core.workers.tasks import detect_rows
from pages.parts import crosses_kept, own_table, run, visitor
from pages.parts.queue import Cost

SIMULATED = "recommender/simulated"
OWN_TABLE = "own"
VISIT = "visit/"  # in front of the models that were trained beside crosses
KEPT_RUNS = 20  # of a visit, to compare
RUN = "global"  # its name in the queue
COUNTINGS = {"gates": "Interactions", "paper": "NID's top 100"}  # what counts in a row
_SECONDS_PER_ROW = 0.1  # about, before any has been measured


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A run as it was asked for."""

    model: RecommenderModel
    source: str  # its key in `model_titles`
    title: str
    rows: pd.DataFrame  # explained; their index is that of model.rows
    label: str  # of the slice; empty for all rows
    seed: int
    counting: str = "gates"  # a key of `COUNTINGS`

    @property
    def settings(self) -> gl.Settings:
        """Of MADEX in each row."""
        return (PAPER if self.counting == "paper" else ROWS).model_copy(update={"seed": self.seed})

    @property
    def key(self) -> str:
        """Equal where the same run is asked for."""
        rows = self.rows.index.to_numpy().tobytes()
        return fingerprint(self.source, str(self.model.identity), rows, self.label, self.settings.model_dump_json())

    @property
    def name(self) -> str:
        """How people find it among others."""
        slice_name = f" · {self.label:.80}" if self.label else ""
        counting = "" if self.counting == "gates" else f" · {COUNTINGS[self.counting]}"
        return f"{self.title}{slice_name} · {n_rows(len(self.rows))} · seed {self.seed}{counting}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A run that can be compared with others."""

    name: str
    result: gl.GlobalInteractions


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A run over sentences or sequences, and what it read."""

    model: str
    inputs: tuple[str, ...]
    result: ContentRun


@dataclass(slots=True, kw_only=True)
class LiveRun:
    """A run that goes on."""

    request: RunRequest
    partial: list[gl.GlobalInteractions] = field(default_factory=list)  # after each chunk of rows, from the worker
    drawn: int = 0  # how many of these the page has seen

    def more_arrived(self) -> bool:
        """Whether the page that was drawn last lacks the latest chunk."""
        return len(self.partial) > self.drawn


@dataclass(slots=True, kw_only=True)
class Visit:
    """The runs of a visit."""

    live: LiveRun | None = None
    shown: tuple[RunRequest, gl.GlobalInteractions] | None = None  # the latest that has ended
    history: dict[str, FinishedRun] = field(default_factory=dict)  # by key, the latest last
    left: str | None = None  # keys of the two runs that are compared
    right: str | None = None
    uploaded: str = ""  # name of the run from a file that was put on the left

    def look(self) -> None:
        """Note what has come in, before the page and the run's progress are drawn."""
        if self.live is not None:
            self.live.drawn = len(self.live.partial)

    def current(self) -> tuple[RunRequest, gl.GlobalInteractions] | None:
        """What the page shows: what has come in of the run that goes on, else the latest that has ended."""
        if self.live is not None and self.live.drawn:
            return self.live.request, self.live.partial[self.live.drawn - 1]
        return self.shown

    def settle(self, finished: gl.GlobalInteractions | None) -> None:
        """Keep a run that has ended; of one that was cancelled or failed, what it had counted."""
        live, self.live = self.live, None
        if live is None or (finished is None and not live.partial):
            return
        result = live.partial[-1] if finished is None else finished
        self.shown = live.request, result
        key, name = live.request.key, live.request.name
        if result.n_rows < len(live.request.rows):
            key, name = f"{key} {result.n_rows}", f"{name}, stopped after {result.n_rows:,}"
        self.history.pop(key, None)
        self.history[key] = FinishedRun(name=name, result=result)
        for former in list(self.history)[:-KEPT_RUNS]:
            del self.history[former]
        # The new run on the right, the one before it on the left.
        self.right = key
        if len(self.history) > 1:
            self.left = list(self.history)[-2]


def start(visit: Visit, request: RunRequest) -> None:
    """Queue a run; what it has counted after each chunk shows at once, and what it has finished survives the server."""
    if (stored := stored_run(request)) is not None:
        run.cancel(RUN)
        visit.live = LiveRun(request=request)
        visit.settle(stored)
        return
    live = visit.live = LiveRun(request=request)
    run.start(
        RUN,
        Task(detect_rows, request.model, request.rows, request.settings, request.label, _kept_in(request.source)),
        doing="Explaining row after row",
        arrived=live.more_arrived,
        cost=Cost(
            ("rows", request.source), len(request.rows), guess=10 + len(request.rows) * _SECONDS_PER_ROW, wide=True
        ),
        send=live.partial.append,
    )


def _kept_in(source: str) -> bool | Path:
    """Where what a run has finished survives: of a visitor's own model with all else that is theirs."""
    if source != OWN_TABLE and not source.startswith(VISIT):
        return True
    mine = visitor.keeper()
    return False if mine is None else mine.runs()


def stored_run(request: RunRequest) -> gl.GlobalInteractions | None:
    """What ships with Glider of just this run: of all example rows of a shipped model, with the usual settings."""
    if request.label or len(request.rows) < len(request.model.rows):
        return None
    try:
        stored = prepared.stored_run(request.source)
    except gl.InvalidInput:
        return None
    same = stored.fingerprint == request.model.identity and stored.settings == request.settings
    return stored if same and stored.n_rows == len(request.rows) else None


def stored_counts(request: RunRequest) -> gl.GlobalInteractions | None:
    """The same by the paper's way of counting, whose sets are stored without rows: to show beside, not to open."""
    if request.label or len(request.rows) < len(request.model.rows):
        return None
    stored = prepared.stored_counts(request.source)
    if stored is None or stored.fingerprint != request.model.identity or stored.settings != request.settings:
        return None
    return stored


def model_titles(wanted: str = "") -> dict[str, str]:
    """Titles of the recommenders there are, those of the visitor last; the wanted one if it can be made."""
    if wanted.startswith(VISIT):
        crosses_kept.latest()
    shipped = {name: entry.title for name, entry in DOMAINS["recommender"].models.items()}
    visit = {f"{VISIT}{name}": title for name, title in crosses_kept.titles().items()}
    if (own := own_table.current()) is not None:
        visit = {OWN_TABLE: own.model.title} | visit
    known = set(shipped.values())
    return shipped | {name: f"{title}, of this visit" if title in known else title for name, title in visit.items()}


def model_of(source: str) -> RecommenderModel:
    """The model behind a key of `model_titles`."""
    if source == OWN_TABLE and (own := own_table.current()) is not None:
        return own.model
    if source.startswith(VISIT) and (trained := crosses_kept.model(source.removeprefix(VISIT))) is not None:
        return trained
    return cast(RecommenderModel, run.model(source))


def unique_names(history: Mapping[str, FinishedRun]) -> dict[str, str]:
    """The runs' names by key, numbered where several runs share one."""
    names: dict[str, str] = {}
    for key, finished in history.items():
        same = sum(other == finished.name for other in (history[earlier].name for earlier in names))
        names[key] = f"{finished.name} ({same + 1})" if same else finished.name
    return names


def n_rows(count: int) -> str:
    """A number of rows in words."""
    return f"{count:,} row{'' if count == 1 else 's'}"
