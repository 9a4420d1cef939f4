"""Trainings of one recommender with and without crosses: what is asked for, the queue, and the models they leave."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from glider_core.domains.recommender.model import RecommenderModel
from glider_core.drawings import crosses as draw_crosses
from glider_core.provenance import fingerprint
from glider_core.recommenders.comparison import Comparison, Trial, Variant
from glider_core.recommenders.fitting import Look
from glider_core.workers import Task
from glider_core.workers.tasks import CrossesAsked, train_beside
from pages.parts import run
from pages.parts.own_table import OwnTable
from pages.parts.queue import Cost

# What is learned from.
SIMULATED, CENSUS, OWN_TABLE = "recommender/simulated", "recommender/census", "own"
SIMULATED_HELD_OUT = (10_000, 20_000)  # rows to validate and to test on
RUN = "crosses.compare"  # its name in the queue

LookOf = tuple[Variant, int, Look]  # with the seed of its training


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """Trainings as they were asked for."""

    source: str  # SIMULATED, CENSUS or OWN_TABLE
    own: OwnTable | None
    identity: str | None  # of the model whose sets are crossed
    sets: tuple[tuple[str, ...], ...]
    target: str
    rows: int  # to train on, where the table is not the visitor's own
    seeds: int
    threshold: int | None
    variants: tuple[Variant, ...]

    @property
    def key(self) -> str:
        """Equal where the same trainings are asked for."""
        rows = self.rows if self.own is None else 0
        asked = (self.source, self.sets, self.target, rows, self.seeds, self.threshold, self.variants)
        return fingerprint(str(self.identity), str(asked))

    @property
    def asked(self) -> CrossesAsked:
        """What a comparison is made from."""
        own = self.own
        table = None if own is None else (own.table, own.target, own.positive, own.kinds)
        folder = str(census_folder()) if self.source == CENSUS else None
        return CrossesAsked(table, (self.rows, *SIMULATED_HELD_OUT), self.sets, self.threshold, folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedBeside:
    """Trainings that have ended, and what they were asked for."""

    request: TrainingRequest
    comparison: Comparison
    trials: Sequence[Trial]
    looks: Sequence[LookOf]
    models: Mapping[str, RecommenderModel]  # of the first seed, by target and variant


@dataclass(slots=True)
class LiveTraining:
    """Trainings that go on."""

    looks: list[LookOf] = field(default_factory=list)  # as they come, from the worker

    def draw(self) -> None:
        """What the trainings have reached."""
        if self.looks:
            st.plotly_chart(draw_crosses.learning(list(self.looks)), key="crosses.live")


def start(request: TrainingRequest) -> LiveTraining:
    """Queue the trainings; their looks come in while they go on."""
    live = LiveTraining()

    def beside(result: tuple[Comparison, Sequence[Trial], Mapping[Variant, RecommenderModel]]) -> TrainedBeside:
        comparison, trials, trained = result
        models = {f"{request.target}/{variant}": model for variant, model in trained.items()}
        return TrainedBeside(
            request=request, comparison=comparison, trials=trials, looks=tuple(live.looks), models=models
        )

    trainings = len(request.variants) * request.seeds
    run.start(
        RUN,
        Task(train_beside, request.asked, request.target, request.variants, request.seeds),
        doing="Training side by side",
        cost=Cost("train beside", trainings, guess=60.0 * trainings, wide=True),
        send=live.looks.append,
        then=beside,
    )
    return live


def census_folder() -> Path | None:
    """The folder of training data, where the whole Census Income table lies; None: it is not on this machine."""
    folder = os.environ.get("GLIDER_DATA")
    return Path(folder) if folder and (Path(folder) / "ctr" / "adult.data.gz").is_file() else None
