"""What came of looking for crosses that help: the models, which one is kept, and why, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.provenance import versions
from glider_core.recommenders.fitting import Scores
from glider_core.recommenders.recipes import Recipe
from glider_core.recommenders.scan import CrossCandidate
from glider_core.recommenders.selection import Step
from glider_core.tables.cross_numbers import CrossNumbers
from glider_core.tables.crosses import title_of

BASE, FROZEN, WIDER = "without crosses", "numbers on the frozen model", "vectors twice as wide"
KEPT = "what is kept"  # in experiments: whichever of these was chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A model, with or without crosses, or a baseline."""

    name: str
    crosses: tuple[tuple[str, ...], ...] = ()  # that it reads
    validation: Scores
    test: Scores
    gain: float = 0.0  # logloss that it saves on validation rows against the model without crosses
    noise: float = 0.0  # deviation of the gain, by the bootstrap
    parameters: int = 0
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeTrial:
    """A recipe that the model without crosses was trained with, and what validation rows say of it."""

    recipe: Recipe
    seed: int
    validation: Scores
    seconds: float = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """What came of it: the models, which one is kept, and why."""

    target: str  # the recommender
    recipe: Recipe  # of all its trainings: the best of the trials
    trials: tuple[RecipeTrial, ...]
    candidates: tuple[CrossCandidate, ...]
    steps: tuple[Step, ...]  # of the selection on the frozen model; positions are those of `tried`
    tried: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...]  # of the crosses that stayed, on the frozen model
    models: tuple[Measured, ...]  # the first is without crosses
    baselines: tuple[Measured, ...]
    chosen: str  # name of the model that is kept
    explain: str  # name of the model that is worth explaining
    numbers: CrossNumbers | None = field(compare=False, repr=False)  # of the crosses that the kept model reads
    losses: Mapping[str, NDArray[np.float64]] = field(compare=False, repr=False)  # (n,) of validation rows, by model
    folds: int = 0  # of training rows that were held out in turn to measure gains; 0: validation rows alone decided
    held_out: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # gain and deviation on these, by model

    @property
    def kept(self) -> Measured:
        """The model to use: the one without crosses, unless another is better beyond its noise."""
        return next(model for model in self.models if model.name == self.chosen)

    @property
    def judges(self) -> str:
        """The rows that decided, in words."""
        return "validation rows" + (" and on training rows held out" if self.folds else "")

    @property
    def verdict(self) -> str:
        """One sentence."""
        count, found = len(self.candidates), self.kept
        if self.chosen == BASE:
            reason = "" if not self.tried else f"; {len(self.tried)} looked useful, none holds on {self.judges}"
            return f"None of {count} candidates helps here{reason}: the model without crosses is kept."
        names = ", ".join(title_of(own) for own in found.crosses[:3]) + (", …" if len(found.crosses) > 3 else "")
        word, verb = ("cross", "saves") if len(found.crosses) == 1 else ("crosses", "save")
        also = ""
        if self.chosen in self.held_out:
            gain, noise = self.held_out[self.chosen]
            also = f", and {gain:.4f} ± {noise:.4f} on training rows held out, having learned from fewer"
        return (
            f"{len(found.crosses)} {word} of {count} candidates ({names}) {verb} {self.target} "
            f"{found.gain:.4f} ± {found.noise:.4f} of logloss on validation rows{also}. On test rows: logloss "
            f"{self.models[0].test.logloss:.4f} → {found.test.logloss:.4f}, AUC {self.models[0].test.auc:.4f} → "
            f"{found.test.auc:.4f}."
        )

    @property
    def advice(self) -> str:
        """A sentence on baselines; empty where none was trained."""
        if not self.baselines:
            return ""
        best = min(self.baselines, key=lambda model: model.validation.logloss)
        if self.explain == self.chosen:
            return f"No baseline beats it beyond noise (the best is {best.name}, AUC {best.test.auc:.4f})."
        return (
            f"{best.name} is better beyond noise (AUC {best.test.auc:.4f}, logloss {best.test.logloss:.4f}); explain "
            f"that model instead."
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        own = {name: getattr(self, name) for name in ("target", "tried", "weights", "chosen", "explain", "verdict")}
        lists = {
            name: [asdict(item) for item in getattr(self, name)]
            for name in ("trials", "candidates", "steps", "models", "baselines")
        }
        return {
            **own,
            "folds": self.folds,
            "held_out": dict(self.held_out),
            "advice": self.advice,
            "recipe": asdict(self.recipe),
            **lists,
            "versions": versions(),
        }
