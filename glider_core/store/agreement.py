"""How far two reviewers agree beyond chance: Cohen's kappa (Cohen 1960), and where they do not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two reviewers over the cases that both have judged."""

    both: int  # cases that both judged
    same: int  # of them, with the same verdict
    kappa: float | None  # 1: always, 0: as by chance; None: too few, or both say one thing throughout
    differing: tuple[int, ...]  # numbers of the cases on which they differ

    @property
    def words(self) -> str:
        """The number with its meaning, by the bounds of Landis and Koch (1977)."""
        if not self.both:
            return "No case is judged by both yet."
        told = f"{self.same} of {self.both} verdicts are the same"
        if self.kappa is None:
            return f"{told}; kappa needs verdicts of two kinds."
        bounds = ((0.0, "slight"), (0.2, "fair"), (0.4, "moderate"), (0.6, "substantial"), (0.8, "almost perfect"))
        name = next((name for bound, name in reversed(bounds) if self.kappa > bound), "no better than chance")
        return f"{told}; Cohen's kappa {self.kappa:.2f} ({name})."


def agreement(first: Mapping[int, int], second: Mapping[int, int]) -> Agreement:
    """Compare two reviewers' verdicts.

    Args:
        first: verdicts 1..4 by case number.
        second: the other's.
    """
    cases: Sequence[int] = sorted(first.keys() & second.keys())
    one, other = [first[case] for case in cases], [second[case] for case in cases]
    kappa: float | None = None
    if len(set(one) | set(other)) > 1:
        from sklearn.metrics import cohen_kappa_score

        kappa = float(cohen_kappa_score(one, other))
        kappa = None if math.isnan(kappa) else kappa
    differing = tuple(case for case, a, b in zip(cases, one, other, strict=True) if a != b)
    return Agreement(both=len(cases), same=len(cases) - len(differing), kappa=kappa, differing=differing)
