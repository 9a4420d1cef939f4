"""What a detector is: a recipe for explainers, and a way to read interactions from trained ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from glider_core.engine.recipe import Recipe
from glider_core.results import Candidate
from glider_core.settings import Settings

if TYPE_CHECKING:  # brings torch, which the names of detectors do without
    from glider_core.engine.explainer import Explainers

N_CANDIDATES = 200  # a ranking's length; what stands below is noise


class Detector(Protocol):
    """A module of this package with a `DETECTOR` of this kind is a detector; nothing else has to be told of it."""

    name: str  # in settings
    title: str  # in a form, in plain words
    note: str  # one sentence on what it finds and how
    max_order: int | None  # of the sets that it finds; None: any
    # A set's strength is read from explainers of standardised answers. In logits it is larger by the answers' spread to
    # this power.
    spread_power: int

    def recipe(self, settings: Settings, n_train: int) -> Recipe:
        """How the explainers of n_train masks are built and trained."""
        ...

    def rank(
        self, explainers: Explainers, settings: Settings, report: Callable[[float], None]
    ) -> list[list[Candidate]]:
        """Per explainer at most `N_CANDIDATES` sets of features, strongest first.

        `report` takes the share done; what it raises stops the run.
        """
        ...
