"""Trainings of one recommender, again and again: with crosses and without, told stage by stage, blind to test rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glider_core.recommenders.dataset import Dataset, with_knots
from glider_core.recommenders.encodings import Ground, Reading, base
from glider_core.recommenders.fitting import Training, logits, scores
from glider_core.recommenders.improvement import BASE, FROZEN, RecipeTrial
from glider_core.recommenders.recipes import Recipe
from glider_core.recommenders.scan import Scan
from glider_core.recommenders.selection import Selection, choose


@dataclass(frozen=True, slots=True)
class Trained:
    """A model whose test rows have not been scored yet."""

    name: str
    crosses: tuple[tuple[str, ...], ...]
    logits: NDArray[np.float64]  # of the validation rows
    of_test: Callable[[], NDArray[np.float64]]
    parameters: int
    seconds: float


@dataclass(slots=True)
class Stages:
    """What goes on, told when it begins, and how much of the whole is done."""

    count: int
    on_stage: Callable[[str], None]
    on_progress: Callable[[float], None]
    begun: int = 0

    def begin(self, words: str) -> None:
        """The next stage."""
        self.begun += 1
        self.on_stage(words)
        self.within(0.0)

    def within(self, share: float) -> None:
        """How much of this stage is done."""
        self.on_progress(min((self.begun - 1 + share) / self.count, 1.0))


@dataclass(frozen=True, slots=True)
class Trainer:
    """Trains one recommender, again and again, and never shows it a test row."""

    target: str
    seed: int
    device: str
    stages: Stages

    def search(
        self, dataset: Dataset, found: Scan, recipes: Sequence[Recipe]
    ) -> tuple[Ground, Trained, tuple[RecipeTrial, ...]]:
        """The fields alone, by each recipe; what is best on validation rows, and what it was learned from."""
        best: tuple[Ground, Trained] | None = None
        trials: list[RecipeTrial] = []
        for number, recipe in enumerate(recipes, 1):
            which = f", recipe {number} of {len(recipes)}" if len(recipes) > 1 else ""
            self.stages.begin(f"Training {self.target} without crosses{which}")
            ground = Ground(with_knots(dataset, recipe.knots, steps=recipe.steps), self.target, recipe, found)
            trained = self.train(BASE, (), base(ground), ground)
            score, seconds = scores(trained.logits, dataset.parts["validation"][1]), round(trained.seconds, 2)
            if best is None or score.logloss < min(trial.validation.logloss for trial in trials):
                best = (ground, trained)
            trials.append(RecipeTrial(recipe=recipe, seed=self.seed, validation=score, seconds=seconds))
        assert best is not None
        return *best, tuple(trials)

    def train(self, name: str, crosses: tuple[tuple[str, ...], ...], reading: Reading, ground: Ground) -> Trained:
        """One training."""
        started = time.perf_counter()
        # A training measures what it is given as test rows; these it gets only when all is decided.
        blind = {**reading.parts, "test": reading.parts["validation"]}
        training = Training(
            reading.build, blind, seed=self.seed, device=self.device, on_progress=self.stages.within,
            **ground.recipe.options(),
        )  # fmt: skip
        for _ in training.run():
            pass
        network = training.result().network
        return Trained(
            name,
            crosses,
            logits(network, reading.parts["validation"][0]),
            lambda: logits(network, reading.parts["test"][0]),
            network.n_parameters,
            time.perf_counter() - started,
        )


def on_frozen(without: Trained, found: Scan, dataset: Dataset, *, seed: int) -> tuple[Selection, Trained | None]:
    """Crosses chosen on validation rows, each a number that is added to a model as it is; None where none stays.

    Args:
        without: the model.
        found: candidates, at least one of them to try.
        dataset: whose rows these are.
        seed: of the selection.
    """
    started = time.perf_counter()
    tried = tuple(candidate.fields for candidate in found.tried)
    of_validation = found.columns(tried, dataset.tables["validation"])
    selection = choose(without.logits, of_validation, dataset.parts["validation"][1], seed=seed)
    kept = tuple(tried[position] for position in selection.kept)
    if not kept:
        return selection, None

    def of_test() -> NDArray[np.float64]:
        return without.of_test() + found.columns(kept, dataset.tables["test"]) @ np.array(selection.weights)

    seconds = without.seconds + time.perf_counter() - started
    return selection, Trained(FROZEN, kept, selection.logits, of_test, without.parameters + len(kept), seconds)
