"""How an explainer is built and trained (Section 6.1 of Tsang et al. 2020); a detector writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Activation = Literal["relu", "softplus"]
Schedule = Literal["decay", "plateau"]
# Sharper than the textbook softplus, so that curvature of the learned function is not smeared over the unit cube,
# yet smooth enough for second derivatives.
SOFTPLUS_BETA = 10.0
_WARM_UP, _HOLD_UNTIL = 0.1, 0.5  # shares of the steps of the schedule "decay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How explainers are built and trained; the same for every member of a batch."""

    hidden: tuple[int, ...]
    activation: Activation
    linear: bool  # adds a linear term beside the MLP, so that the MLP is free for interactions
    l1: float  # on all weights, not on biases
    learning_rate: float
    batch_size: int
    # "decay": `epochs` of them, the rate warmed up, held for half the time, then brought down to zero.
    # "plateau": a constant rate until `patience` epochs brought no better validation loss, `max_epochs` at most.
    schedule: Schedule
    epochs: int
    patience: int
    max_epochs: int

    @property
    def most_epochs(self) -> int:
        """No member trains longer."""
        return self.epochs if self.schedule == "decay" else self.max_epochs

    def rate(self, share: float) -> float:
        """The learning rate when this share of `most_epochs` is done."""
        if self.schedule == "plateau":
            return self.learning_rate
        return self.learning_rate * min(share / _WARM_UP, 1.0, (1 - share) / (1 - _HOLD_UNTIL))


def enough_epochs(epochs: int, n_train: int) -> int:
    """As many steps, however few masks there are, as so many epochs of the paper's 5000."""
    return max(epochs, -(-epochs * 5000 // n_train))
