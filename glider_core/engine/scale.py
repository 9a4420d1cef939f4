"""The scale of answers: whether they look like probabilities or hard votes, and their log-odds where those are wanted.

Probabilities flatten near 0 and 1, so that features that add up in log-odds seem to interact in them. What a black box
of somebody's own answers is not known; it is recognised and said, and nothing is changed unasked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import BlackBoxFailed, InvalidInput
from glider_core.results import Answered, Explanation, Scale

Answers = NDArray[np.float64]
_BEYOND = 16  # steps of a number's resolution by which a probability may be off [0, 1]
_VOTES = 0.005  # what an exact 0 of hard votes is taken as; their scale means nothing
_SMALLEST = 1e-300
FLOOR = 1e-15  # a probability below counts as this much where answers come one by one; near 1 they end there as well


class Scaled:
    """Answers on the scale that is explained, and what they look like.

    Log-odds of exactly 0 and 1 are infinite. The first answers decide what is taken in their place: half of the
    smallest distance from 0 or 1 that is there (of a forest of k trees half a vote), and near 1 no less than the
    numbers' own resolution.

    Args:
        scale: "given", "log-odds", or None, where the answers are taken as given and recognised.

    Raises:
        InvalidInput: another scale.
    """

    def __init__(self, scale: Scale | None) -> None:
        if scale not in (None, "given", "log-odds"):
            raise InvalidInput(f"Got the scale {scale!r:.40}; choose 'given' or 'log-odds', or leave it out.")
        self.asked: Scale | None = scale
        self.bounds: tuple[float, float] | None = None  # probabilities between which all are taken to be
        self.clipped = 0  # answers beyond them
        self._lowest, self._highest, self._in_between = np.inf, -np.inf, False

    @property
    def scale(self) -> Scale:
        """What the answers are explained in."""
        return self.asked or "given"

    @property
    def answered(self) -> Answered:
        """What the answers so far look like; numbers where it was said what they are."""
        if self.asked == "given" or not self._lowest < self._highest:
            return "numbers"
        if not self._in_between and (self._lowest, self._highest) in ((0.0, 1.0), (-1.0, 1.0)):
            return "votes"
        inside = self._lowest >= -_TOLERANCE and self._highest <= 1 + _TOLERANCE
        return "probabilities" if inside else "numbers"

    def __call__(self, answers: Answers, resolution: float) -> Answers:
        """The answers (n,) on the scale; `resolution`: relative, of the numbers that they came in.

        Raises:
            BlackBoxFailed: log-odds are wanted of what is no probability.
        """
        if not len(answers):
            return answers
        self._lowest = min(self._lowest, float(answers.min()))
        self._highest = max(self._highest, float(answers.max()))
        self._in_between |= not bool((np.abs(answers) == 1.0).all() or np.isin(answers, (0.0, 1.0)).all())
        if self.scale == "given":
            return answers
        if self.bounds is None:
            self.bounds = _bounds(answers, resolution)
        low, high = self.bounds
        self.clipped += int(((answers < low) | (answers > high)).sum())
        return log_odds(answers, self.bounds, resolution)

    def rounding(self, answers: Answers, resolution: float) -> float:
        """How far a typical answer on the scale may be off by the resolution of the numbers that it came in."""
        if self.scale == "given":
            return resolution * float(np.abs(answers).max(initial=0.0))
        # An error of r p in p is one of r / (1 - p) in its log-odds.
        return resolution * float(np.median(1.0 + np.exp(answers))) if len(answers) else 0.0


def log_odds(probabilities: Answers, bounds: tuple[float, float], resolution: float = 2.0**-23) -> Answers:
    """Log-odds (n,) of probabilities (n,), those beyond the bounds taken as them.

    Raises:
        BlackBoxFailed: some are no probabilities.
    """
    beyond = _BEYOND * resolution
    if (wrong := (probabilities < -beyond) | (probabilities > 1 + beyond)).any():
        raise BlackBoxFailed(
            f"The model answered {probabilities[wrong][0]:.4g}, which is no probability, and log-odds are asked for; "
            "explain its answers as they are (scale='given')."
        )
    inside = np.clip(probabilities, *bounds)
    return np.log(inside) - np.log1p(-inside)


def log_probabilities(probabilities: Answers) -> Answers:
    """Logarithms of probabilities of any shape, those below `FLOOR` taken as it.

    For log-odds of several classes, which come one input at a time: there are no other answers yet that would say how
    small they get, as there are for `Scaled`.
    """
    return np.log(np.maximum(probabilities, FLOOR))


def as_explained(explanation: Explanation, answers: Answers) -> Answers:
    """Answers (n,) of an explanation's black box on the scale that it is explained in.

    Raises:
        BlackBoxFailed: log-odds are wanted of what is no probability.
    """
    return answers if explanation.bounds is None else log_odds(answers, explanation.bounds)


_TOLERANCE = _BEYOND * 2.0**-23


def _bounds(probabilities: Answers, resolution: float) -> tuple[float, float]:
    distances = np.concatenate([probabilities, 1.0 - probabilities])
    between = distances[(distances > 0) & (distances < 1)]
    smallest = float(between.min()) / 2 if len(between) else _VOTES
    low = max(smallest, _SMALLEST)
    return low, 1.0 - max(low, resolution / 2)
