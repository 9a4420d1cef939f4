"""The judgement: which of the detected sets are findings, what each is worth, and how much they explain together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import hypot, isfinite

from glider_core.engine.detectors.base import Detected
from glider_core.engine.interaction_sets import Features
from glider_core.results import Verdict, shares_of, verdict_of
from glider_core.settings import Settings

_TIED = 2.0  # standard errors within which two gains are one


@dataclass(frozen=True, slots=True)
class Finding:
    """A set that passes the gates."""

    features: Features
    gain: float  # R2 on unseen masks that it adds to those above it
    tied: bool  # whether its gain may as well be that of the finding above
    t: float | None  # of its strongest term; None where nothing is left to chance


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a detector's model is worth."""

    findings: tuple[Finding, ...]  # in forward order
    scores: tuple[float, ...]  # R2 on unseen masks with the first k findings, k = 0, 1, ...
    grown: float  # the same of all that was detected, also what is too small to be a finding
    spread: float  # weighted deviation of the answers, in their unit

    def verdict(self, resolution: float) -> Verdict:
        """In a word; see `verdict_of`."""
        return verdict_of(shares_of(self.scores), self.spread, resolution)


def judge(detected: Detected, settings: Settings, resolution: float) -> Judgement:
    """Put the detected sets in forward order, and keep those that add `settings.min_gain`, or that such a one needs.

    Args:
        detected: in one instance.
        settings: of the run.
        resolution: a spread of the answers, in their unit, below which a model hardly reacts and has no findings.
    """
    model = detected.model
    sets = [features for features, _ in model.forward()]
    scores = model.unseen_r2(sets)
    grown = scores[-1]
    spread = float((model.total / model.design.weights.sum()) ** 0.5)
    sets, scores = _that_add(detected, sets, scores, settings.min_gain)
    n = 0 if spread < resolution else min(len(sets), settings.max_interactions)
    gains = [after - before for before, after in pairwise(scores)]
    tested = model.tested().t
    t = {features: float(tested[places].max()) for features, places in model.sets.items()}
    errors = [0.0 if _certain(detected) else _gain_error(detected, gain, grown) for gain in gains]
    findings = tuple(
        Finding(
            features,
            gains[k],
            k > 0 and gains[k - 1] - gains[k] < _TIED * hypot(errors[k - 1], errors[k]),
            t[features] if isfinite(t[features]) and not _certain(detected) else None,
        )
        for k, features in enumerate(sets[:n])
    )
    return Judgement(findings, tuple(scores[: n + 1]), grown, spread)


def _that_add(
    detected: Detected, sets: list[Features], scores: list[float], least: float
) -> tuple[list[Features], list[float]]:
    """The sets down to the last that adds so much, and their scores; those that add less, if none below needs them.

    A set that joins others stands below all that say something of new features, however little these add.
    """
    adds = [after - before >= least for before, after in pairwise(scores)]
    n = max((k + 1 for k, enough in enumerate(adds) if enough), default=0)
    sets, scores = sets[:n], scores[: n + 1]
    some = [features for features, enough in zip(sets, adds, strict=False) if enough]
    if len(some) < n:
        of_some = detected.model.unseen_r2(some)
        if all(after - before >= least for before, after in pairwise(of_some)) and of_some[-1] >= scores[-1] - least:
            return some, of_some
    return sets, scores


def _gain_error(detected: Detected, gain: float, score: float) -> float:
    """Standard error of a gain in R2: that of a coefficient's square, which falls with the masks and with the fit."""
    weights = detected.model.design.weights
    masks = float(weights.sum() ** 2 / (weights**2).sum())
    return 2.0 * (max(gain, 0.0) * max(1.0 - score, 0.0) / masks) ** 0.5


def _certain(detected: Detected) -> bool:
    return detected.model.design.exhaustive and detected.model.noise is None
