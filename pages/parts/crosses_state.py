"""The state of the page of feature crosses: what is crossed and trained, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

import glider_core as gl
from glider_core.recommenders.comparison import Variant
from glider_core.recommenders.network import RECOMMENDERS
from pages.parts import crosses_kept
from pages.parts.crosses_run import CENSUS, OWN_TABLE, SIMULATED, LiveTraining, TrainedBeside
from pages.parts.improving_run import Improved
from pages.parts.linked import LinkedState, choice_of, linked, switch, texts, whole_number

SOURCES = {SIMULATED: "Simulated clicks", CENSUS: "Census Income", OWN_TABLE: "Your own table"}
TRAINING_ROWS = (10_000, 20_000, 50_000, 100_000, 200_000)  # of the simulated log
MAX_SEEDS = 5
BETTER, BESIDE = "better", "beside"
# What is done with a table of one's own; on the others only the second makes sense, for their answers are simulated or
# their networks ship.
AIMS = {BETTER: "Make my model better", BESIDE: "Train with and without, side by side"}
PAIRS, BOTH, DETECTED = "pairs", "both", "detected"
CANDIDATES = {PAIRS: "All pairs of fields", BOTH: "Pairs and sets of a model", DETECTED: "The sets found in rows"}


@dataclass
class CrossesState(LinkedState):
    """What the page of feature crosses asks and shows."""

    PAGE = "crosses"

    source: str = linked("source", SIMULATED, choice_of(SOURCES), always=True)
    aim: str = linked("aim", BETTER, choice_of(AIMS))
    candidates: str = linked("candidates", PAIRS, choice_of(CANDIDATES))
    target: str = linked("target", "DeepFM", choice_of(RECOMMENDERS), always=True)  # the recommender to train
    rows: int = linked("rows", 20_000, choice_of(TRAINING_ROWS), always=True)  # to train on, where they are simulated
    seeds: int = linked("seeds", 2, whole_number(1, MAX_SEEDS), always=True)
    k: int | None = linked("k", None, whole_number(1, 1000))  # sets to cross; None: those that are found often
    crossed: tuple[str, ...] | None = linked("cross", None, texts)  # titles of sets that are ticked by hand
    threshold: int | None = linked("t", None, whole_number(0, 10_000_000))  # rows an id must exceed; None: the paper's
    wider: bool = linked("wider", False, switch)  # train with wider vectors, too
    own_sets: gl.GlobalInteractions | None = None  # what was found in the visitor's own table
    sets_asked: str | None = ""  # identity of the model whose sets were looked for last
    pressed: bool = False  # the button that trains, and no drawing of the page has started it yet
    live: LiveTraining | None = None
    trained: TrainedBeside | None = None  # the latest that has ended
    stages: list[str] = field(default_factory=list)  # of making a model better: what has begun, in words
    improved: Improved | None = None  # the latest that has ended

    @property
    def variants(self) -> tuple[Variant, ...]:
        """What is trained side by side."""
        return ("base", "crossed", "enlarged") if self.wider else ("base", "crossed")

    def press(self) -> None:
        """Train what the widgets say, at this drawing or, where it is stopped early, at the next."""
        self.pressed = True

    def take_sets(self, found: gl.GlobalInteractions) -> None:
        """Keep what was found in the visitor's own table."""
        self.own_sets = found

    def draw_stage(self) -> None:
        """What goes on while a model is made better."""
        if self.stages:
            st.caption(f"{self.stages[-1]} …")

    def take_improved(self, improved: Improved) -> None:
        """Keep what came of making a model better."""
        self.improved = improved

    def take_trained(self, trained: TrainedBeside) -> None:
        """Keep a training that has ended, and offer its models on the Global view."""
        self.trained = trained
        crosses_kept.keep(trained)
