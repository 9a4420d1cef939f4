"""ArchDetect: pairs by their joint effects with all others on and with all others off (Tsang et al., NeurIPS 2020).

It asks d^2 + d + 2 questions of its own, and nothing is fitted to find a pair; answers must repeat themselves. Pairs
that overlap are joined from the strongest down, as in the paper; which sets count, the usual masks tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.choosing import choose
from glider_core.engine.clock import Clock
from glider_core.engine.design import Design
from glider_core.engine.detectors.base import N_CANDIDATES, Detected, Report, Sample
from glider_core.engine.detectors.grow import Grow
from glider_core.engine.interaction_sets import Features
from glider_core.errors import InvalidInput
from glider_core.results import Candidate
from glider_core.settings import Settings

_PAIRS = 60  # that are given to the linear model, and joined
_ROUNDING = 1e-5  # share of the answers' spread below which a joint effect is none


class ArchDetect(Grow):
    """Pairs without any fit, joined where they overlap."""

    name = "ArchDetect"
    title = "ArchDetect"
    note = (
        "Pairs, joined where they overlap: ArchDetect switches every two features with all others on, then with all "
        "others off. For models that give one answer to one question."
    )
    only_deterministic = True

    def own_masks(self, d: int, settings: Settings) -> NDArray[np.bool_]:
        """All, with none, each and every two of the features switched: first from all on, then from all off.

        Raises:
            InvalidInput: they are more than the settings let it ask.
        """
        flips = corner_flips(d)
        if 2 * len(flips) > settings.n_masks:
            raise InvalidInput(
                f"The instance has {d} features; ArchDetect asks {2 * len(flips):,} questions about them, and the "
                f"settings allow {settings.n_masks:,}. Choose Grow, which needs fewer, or allow more."
            )
        return np.concatenate([~flips, flips])

    def detect_one(self, design: Design, sample: Sample, settings: Settings, clock: Clock, report: Report) -> Detected:
        """The pairs by both squared joint effects, and those sets that a linear model needs."""
        most = min(settings.max_order or self.max_order, self.max_order)
        with clock("detect"):
            report("detect", 0.0)
            model = sample.model(design)
            ranking = arch_ranking(sample.own, design.d, rounding=sample.rounding, max_order=most) if model.rss else []
            choose(model, [c.features for c in ranking], max_terms=settings.max_interactions)
            return Detected(model, tuple(ranking))


DETECTOR = ArchDetect()


def corner_flips(d: int) -> NDArray[np.bool_]:
    """(1 + d + d (d - 1) / 2, d): none, each, and every two of d features, pairs in the order of `combinations`."""
    first, second = np.triu_indices(d, 1)
    pairs = np.zeros((len(first), d), dtype=bool)
    rows = np.arange(len(first))
    pairs[rows, first] = pairs[rows, second] = True
    return np.concatenate([np.zeros((1, d), dtype=bool), np.eye(d, dtype=bool), pairs])


def arch_ranking(
    answers: NDArray[np.float64], d: int, *, rounding: float = 0.0, max_order: int = 10
) -> list[Candidate]:
    """Pairs and what they join to, by the mean over the set's pairs of both corners' squared joint effects.

    Args:
        answers: (d^2 + d + 2,) to `corner_flips` from all on, then from all off.
        d: features.
        rounding: a joint effect below this is none.
        max_order: of joined sets.
    """
    first, second = np.triu_indices(d, 1)
    strengths = np.zeros(len(first))
    for corner in np.split(answers, 2):
        alone, both = corner[1 : d + 1], corner[d + 1 :]
        joint = corner[0] - alone[first] - alone[second] + both
        joint[np.abs(joint) <= max(4.0 * rounding, _ROUNDING * float(np.ptp(answers)))] = 0.0
        strengths += joint**2 / 2.0
    by_pair = np.zeros((d, d))
    by_pair[first, second] = strengths
    order = [place for place in np.argsort(-strengths, kind="stable")[:_PAIRS] if strengths[place] > 0]
    pairs = [(int(first[place]), int(second[place])) for place in order]
    # Of sets as strong as each other the largest comes first: it says what its pairs say together.
    sets = {*pairs, *_joined(pairs, max_order), *_cliques(pairs, max_order)}
    ranking = [
        Candidate(features=features, strength=float(np.mean([by_pair[pair] for pair in combinations(features, 2)])))
        for features in sets
    ]
    return sorted(ranking, key=lambda c: (-c.strength, -len(c.features), c.features))[:N_CANDIDATES]


def _joined(pairs: Sequence[Features], max_order: int) -> set[Features]:
    """What the strongest k pairs make, for every k, where those with a feature in common become one set."""
    parts: list[frozenset[int]] = []
    seen: set[Features] = set()
    for pair in pairs:
        touched = [part for part in parts if part & set(pair)]
        whole = frozenset(pair).union(*touched)
        parts = [part for part in parts if part not in touched] + [whole]
        if len(whole) <= max_order:
            seen.add(tuple(sorted(whole)))
    return seen


def _cliques(pairs: Sequence[Features], max_order: int) -> set[Features]:
    """Sets every two features of which are among the pairs: each pair, with more while they are joined to all of it."""
    rank = {frozenset(pair): place for place, pair in enumerate(pairs)}
    features = sorted({feature for pair in pairs for feature in pair})
    seen: set[Features] = set()
    for pair in pairs:
        whole = set(pair)
        while len(whole) < max_order:
            more = {
                f: max(rank[frozenset((f, other))] for other in whole)
                for f in features
                if f not in whole and all(frozenset((f, other)) in rank for other in whole)
            }
            if not more:
                break
            whole.add(min(more, key=lambda f: (more[f], f)))
            seen.add(tuple(sorted(whole)))
    return seen
