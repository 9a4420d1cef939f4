"""What a detector is: it finds the sets of features that the answers of a black box need together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.clock import Clock
from glider_core.engine.term_model import TermModel
from glider_core.results import Candidate
from glider_core.settings import Settings

if TYPE_CHECKING:
    from glider_core.engine.design import Design
    from glider_core.engine.plan import Look

N_CANDIDATES = 200  # a ranking's length; what stands below is noise
Report = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """One instance's answers at a look."""

    answers: NDArray[np.float64]  # (m,) one for each distinct mask of the look
    noise: float | None  # variance of an answer, of a black box that does not repeat itself
    rounding: float  # a spread of the answers below this is the black box's own rounding
    own: NDArray[np.float64]  # (k,) to the detector's own masks; none of most detectors

    def model(self, design: Design) -> TermModel:
        """A model of the answers to the design's masks, without terms."""
        return TermModel(design, self.answers, noise=self.noise, rounding=self.rounding)


@dataclass(frozen=True, slots=True)
class Detected:
    """What a detector found in one instance."""

    model: TermModel  # with the terms that passed its tests
    ranking: tuple[Candidate, ...]  # strongest first
    score: float | None = None  # R2 of a network on masks that it never saw; None: the model itself is all there is


class Detector(Protocol):
    """A module of this package with a `DETECTOR` of this kind is a detector; nothing else has to be told of it."""

    name: str  # in settings
    title: str  # in a form, in plain words
    note: str  # one sentence on what it finds and how
    max_order: int | None  # of the sets that it finds; None: any
    only_exhaustive: bool  # whether it works on all masks of deterministic answers and on nothing else
    only_deterministic: bool  # whether it needs a black box that gives one answer to one question
    grows: bool  # whether few masks are asked first, unless the settings say otherwise

    def exhaustive(self, d: int, settings: Settings) -> bool:
        """Whether it asks for all masks of d features.

        Raises:
            InvalidInput: it would have to, and they are too many.
        """
        ...

    def own_masks(self, d: int, settings: Settings) -> NDArray[np.bool_]:
        """Masks (k, d) of its own design that are asked besides those of the first look; mostly none.

        Raises:
            InvalidInput: they are more than the settings let it ask.
        """
        ...

    def detect(
        self,
        look: Look,
        samples: Sequence[Sample],
        settings: Settings,
        clock: Clock,
        report: Report,
    ) -> list[Detected]:
        """What is found in each instance.

        Args:
            look: the masks.
            samples: an instance's answers each.
            settings: of the run.
            clock: for the stages that it goes through.
            report: takes a stage and the share of it done; what it raises stops the run.
        """
        ...


class BasicDetector:
    """What most detectors share: any answers, no masks of their own, and one instance after the other."""

    only_exhaustive = False
    only_deterministic = False
    grows = False

    def exhaustive(self, d: int, settings: Settings) -> bool:
        """Never: a sample will do."""
        return False

    def own_masks(self, d: int, settings: Settings) -> NDArray[np.bool_]:
        """None: the looks' masks are enough."""
        return np.zeros((0, d), dtype=bool)

    def detect(
        self,
        look: Look,
        samples: Sequence[Sample],
        settings: Settings,
        clock: Clock,
        report: Report,
    ) -> list[Detected]:
        """What is found in each instance, see `Detector.detect`."""
        found = []
        for number, sample in enumerate(samples):

            def step(stage: str, share: float, done: int = number) -> None:
                report(stage, (done + share) / len(samples))

            found.append(self.detect_one(look.design, sample, settings, clock, step))
        report("detect", 1.0)
        return found

    def detect_one(self, design: Design, sample: Sample, settings: Settings, clock: Clock, report: Report) -> Detected:
        """What is found in one instance.

        Args:
            design: the look's distinct masks.
            sample: the answers to them.
            settings: of the run.
            clock: for the stages that it goes through.
            report: takes a stage and the share of it done in this instance; what it raises stops the run.
        """
        raise NotImplementedError
