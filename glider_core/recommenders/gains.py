"""What crosses gain: variants of a recommender against the one that reads the fields alone, over seeds."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from glider_core.recommenders.comparison import Trial, Variant

DEVIATIONS = 2.0  # of the difference, that a gain must exceed to count


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one variant gains over `base`, over the seeds that both have."""

    target: str
    variant: Variant
    seeds: int
    auc: tuple[float, float]  # mean of base, mean of the variant
    logloss: tuple[float, float]
    auc_gain: float  # higher is better
    logloss_gain: float  # how much lower the logloss is: higher is better
    auc_deviation: float | None  # standard deviation of the difference of two single trainings; None: one seed
    logloss_deviation: float | None
    growth: float  # share of parameters more than base

    @property
    def exceeds(self) -> bool | None:
        """Whether both gains are larger than `DEVIATIONS` deviations; None where these are not known."""
        if self.auc_deviation is None or self.logloss_deviation is None:
            return None
        return (
            self.auc_gain > DEVIATIONS * self.auc_deviation and self.logloss_gain > DEVIATIONS * self.logloss_deviation
        )


def gains(trials: Iterable[Trial]) -> list[Gain]:
    """Every variant but `base`, by target, against the `base` of the same seeds."""
    by_variant: dict[tuple[str, Variant], dict[int, Trial]] = {}
    for trial in trials:
        by_variant.setdefault((trial.target, trial.variant), {})[trial.seed] = trial
    rows = []
    for (target, variant), trials_of in by_variant.items():
        base = by_variant.get((target, "base"), {})
        seeds = sorted(set(base) & set(trials_of))
        if variant == "base" or not seeds:
            continue
        auc = [(base[s].auc, trials_of[s].auc) for s in seeds]
        logloss = [(base[s].logloss, trials_of[s].logloss) for s in seeds]
        means = [tuple(map(statistics.fmean, zip(*pairs, strict=True))) for pairs in (auc, logloss)]
        rows.append(
            Gain(
                target=target,
                variant=variant,
                seeds=len(seeds),
                auc=(means[0][0], means[0][1]),
                logloss=(means[1][0], means[1][1]),
                auc_gain=means[0][1] - means[0][0],
                logloss_gain=means[1][0] - means[1][1],
                auc_deviation=_deviation(auc),
                logloss_deviation=_deviation(logloss),
                growth=trials_of[seeds[0]].parameters / base[seeds[0]].parameters - 1,
            )
        )
    return rows


def _deviation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Standard deviation of the difference between one training of each kind, from the spread of both over seeds."""
    if len(pairs) < 2:
        return None
    return sum(statistics.variance(values) for values in zip(*pairs, strict=True)) ** 0.5
