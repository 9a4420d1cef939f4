"""The game that every method plays: the same black box, so many calls and no more, counted; seconds beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.asking import Questions
from glider_core.engine.interaction_sets import Features
from glider_core.engine.masks import lime_weights, sample_masks

Masks = NDArray[np.bool_]
Answers = NDArray[np.float64]
Scheme = Literal["LIME", "uniform"]


class TooManyCalls(Exception):
    """A method asked for more answers than it was allowed: its result would not be comparable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a method says of one black box."""

    # Sets of two features and more, strongest first; strengths compare within one result only, equal ones are a tie.
    ranking: Sequence[tuple[Features, float]] = ()
    pairs: Sequence[tuple[Features, float]] | None = None  # every pair, where the method has strengths of them besides
    surrogate: Callable[[Masks], Answers] | None = None  # what it says the black box answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A way to find interactions, or to fit a surrogate, with a given number of calls."""

    name: str
    find: Callable[[Game], Found]
    ours: bool = False  # whether the app offers it
    ranks: bool = True  # whether it names sets of features
    predicts: bool = True  # whether it is a surrogate of the black box
    library: str = ""  # module that has to be there; none: it is implemented here
    impossible: Callable[[Game], str] = lambda game: ""  # why it cannot be asked, in words; nothing: it can


class Game:
    """A black box of d features that may be asked `budget` different masks.

    Args:
        questions: its memory; methods on the same masks share what was computed, never what they may ask.
        budget: different masks that a method may ask.
        scheme: of the masks that a method draws which has none of its own: LIME's, weighted by its kernel, or uniform.
        seed: of everything drawn.
    """

    def __init__(self, questions: Questions, budget: int, *, scheme: Scheme = "LIME", seed: int = 0) -> None:
        self.questions, self.budget, self.scheme, self.seed = questions, budget, scheme, seed
        self.names = questions.instance.names
        self.d = len(self.names)
        self.asking = 0.0  # CPU seconds in the black box and its memory
        self._asked: set[bytes] = set()

    @property
    def calls(self) -> int:
        """Different masks asked so far."""
        return len(self._asked)

    def __call__(self, asked: NDArray[Any]) -> Answers:
        """Answers (n,) to masks (n, d), of any kind of number.

        Raises:
            TooManyCalls: with these, more were asked than the budget.
        """
        masks = np.atleast_2d(np.asarray(asked)).astype(np.bool_)
        start = time.process_time()
        self._asked.update(row.tobytes() for row in np.packbits(masks, axis=1))
        if len(self._asked) > self.budget:
            raise TooManyCalls(f"{len(self._asked)} masks were asked, and {self.budget} allowed.")
        answers = self.questions(masks)
        self.asking += time.process_time() - start
        return answers

    def draw(self, n: int | None = None) -> tuple[Masks, NDArray[np.float64]]:
        """The first n masks (n, d) of the scheme, the instance itself first, and their weights (n,)."""
        n, rng = n or self.budget, np.random.default_rng([self.seed, self.d])
        if self.scheme == "LIME":
            masks = sample_masks(self.d, n, rng)
            return masks, lime_weights(masks, 0.25)
        masks = uniform_masks(self.d, n, rng)
        masks[0] = True
        return masks, np.ones(n)


def uniform_masks(d: int, n: int, rng: np.random.Generator) -> Masks:
    """Masks (n, d) in which every feature is on or off by the toss of a coin."""
    return rng.random((n, d)) < 0.5


@dataclass(frozen=True, slots=True)
class Played:
    """A method's result with what it cost."""

    found: Found
    calls: int
    seconds: float  # CPU, of the method itself: without the black box


def play(method: Method, game: Game) -> Played:
    """Let a method play."""
    start = time.process_time()
    found = method.find(game)
    return Played(found, game.calls, time.process_time() - start - game.asking)


def strongest_first(strengths: dict[Features, float]) -> list[tuple[Features, float]]:
    """A ranking of sets by size of their strengths; of equals the smaller first, then by content."""
    rows = [(features, abs(value)) for features, value in strengths.items() if len(features) > 1 and value]
    return sorted(rows, key=lambda row: (-row[1], len(row[0]), row[0]))
