"""Making a visitor's model better: what is asked for, the queue, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glider_core.provenance import fingerprint
from glider_core.recommenders.baselines import available
from glider_core.recommenders.improvement import Improvement
from glider_core.workers import Task
from glider_core.workers.tasks import improve_table
from pages.parts import run
from pages.parts.own_table import OwnTable
from pages.parts.queue import Cost

RUN = "crosses.improve"  # its name in the queue
DETECTED_IN = 300  # training rows, where sets that AutoInt uses are looked for
SLOW_BASELINES = ("CatBoost", "logistic regression, all pairs")  # minutes: for the command line


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be made better."""

    own: OwnTable
    target: str  # the recommender
    sets: tuple[tuple[str, ...], ...] | None  # candidates; None: all pairs
    detect: bool = False  # whether sets that AutoInt uses are candidates, too

    @property
    def key(self) -> str:
        """Equal where the same is asked for."""
        return fingerprint(str(self.own.model.identity), self.target, str(self.sets), str(self.detect))


@dataclass(frozen=True, slots=True, kw_only=True)
class Improved:
    """What came of it."""

    asked: Asked
    result: Improvement


def start(asked: Asked, stages: list[str]) -> None:
    """Queue it; what begins is added to the stages, in words."""
    own = asked.own
    stages.clear()
    run.start(
        RUN,
        Task(
            improve_table, (own.table, own.target, own.positive, own.kinds), asked.target, asked.sets,
            DETECTED_IN if asked.detect else 0, _baselines(),
        ),
        doing=f"Making {asked.target} better",
        cost=Cost(
            ("improve", asked.detect), len(own.table), guess=(60.0 if asked.detect else 20.0) + len(own.table) / 300,
            wide=True,
        ),
        send=stages.append,
        then=lambda result: Improved(asked=asked, result=result),
    )  # fmt: skip


def _baselines() -> Sequence[str]:
    return [name for name in available() if name not in SLOW_BASELINES]
