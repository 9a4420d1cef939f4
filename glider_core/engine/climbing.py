"""Climbing: from the pairs that explain most, step by step to the term that explains most.

All steps from many terms are scored at once by one product of matrices; only the most promising are worked out in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.interaction_sets import Features
from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import KINDS, Kind, Term, log_choices

_STARTS = 2  # pairs that are climbed from, for every term that is added
_LOOKED_AT = 12  # neighbours whose worth is worked out in full, of the many that are scored roughly


class Climber:
    """Finds terms that a model lacks.

    Args:
        model: that others change; what was found is remembered for the state that it was found in.
        max_order: of terms.
    """

    def __init__(self, model: TermModel, max_order: int) -> None:
        self.model, self.design, self.max_order = model, model.design, max_order
        # Of the chance that some set of an order fits noise well, what noise itself does not change.
        self._choices = np.array([2.0 * log_choices(self.design.d, order) for order in range(self.design.d + 1)])
        self._best: dict[tuple[int, Term, bool], tuple[float, Term | None]] = {}

    def candidate(self, tried: Set[Term]) -> Term | None:
        """The best new term that a climb from the strongest pairs, or a step from a term that is there, comes to.

        Args:
            tried: terms that need not be found again.
        """
        present = set(self.model.terms)
        best: tuple[float, Term] | None = None
        for pair in self._pairs(present | tried):
            term, score = self.climb(Term(pair, "all"))
            if term not in tried and (best is None or score > best[0]):
                best = score, term
        score, neighbour = self._best_step(self.model.terms, present | tried, whole=False)
        if neighbour is not None and (best is None or score > best[0]):
            best = score, neighbour
        if best is None or best[0] <= 0:
            return None
        return best[1]

    def climb(self, term: Term) -> tuple[Term, float]:
        """Step to the best neighbour while that explains more than the choice among larger sets makes likely.

        Returns:
            Where that ends, and its worth.
        """
        score = float((self.model.drops([term]) - self._prices([term]))[0])
        while True:
            best, neighbour = self._best_neighbour(term, whole=False)
            if neighbour is None or best <= score + 1e-12 * self.model.total:
                best, neighbour = self._best_neighbour(term, whole=True)
                if neighbour is None or best <= score + 1e-12 * self.model.total:
                    return term, score
            term, score = neighbour, best

    def _pairs(self, known: Iterable[Term]) -> list[Features]:
        """The pairs of features that explain most, both on, beyond what is there."""
        design, d = self.design, self.design.d
        moments = (design.on * (design.root * self.model.residual)[:, None]).T @ design.on
        variances = design.pair_variances
        rough = np.where(variances > 1e-9, moments**2 / np.maximum(variances, 1e-9), 0.0)
        rough[np.tril_indices(d)] = -1.0
        sets = {term.features for term in known}
        number = min(rough.size, 2 * _LOOKED_AT + len(sets))
        strongest = np.argpartition(-rough, number - 1, axis=None)[:number]
        pairs = [divmod(place, d) for place in strongest[rough.ravel()[strongest] > 0].tolist()]
        pairs = [pair for pair in pairs if pair not in sets]
        if not pairs:
            return []
        drops = self.model.drops([Term(pair, "all") for pair in pairs])
        best = sorted(range(len(pairs)), key=lambda place: (-drops[place], pairs[place]))
        return [pairs[place] for place in best[:_STARTS] if drops[place] > 0]

    def _prices(self, terms: Sequence[Term], more: int = 0) -> NDArray[np.float64]:
        """What the best of all sets of each term's order, or of so many more, would explain of noise."""
        orders = [len(term.features) + more for term in terms]
        return self._choices[orders] * (self.model.rss / self.model.freedom)

    def _best_neighbour(self, term: Term, *, whole: bool) -> tuple[float, Term | None]:
        key = (self.model.state, term, whole)
        if key not in self._best:
            self._best[key] = self._best_step([term], set(self.model.terms), whole=whole)
        return self._best[key]

    def forget(self) -> None:
        """Drop what was remembered of states that will not come back."""
        self._best.clear()

    def _best_step(self, terms: Sequence[Term], left_out: Set[Term], *, whole: bool) -> tuple[float, Term | None]:
        """The best term a step away, by what it explains less its order's price.

        Args:
            terms: where to step from.
            left_out: terms that are not to be reached.
            whole: whether to exchange features as well, or only to add one, leave one out, or unite with other terms.
        """
        bases: list[tuple[Term, Features]] = []  # what one feature is added to, and features that are not to be added
        shortlist: dict[Term, None] = {}
        for term in terms:
            # For a pair the three kinds are the same, and it grows into any of them.
            for kind in KINDS if len(term.features) == 2 else (term.kind,):
                grown, smaller = self._around(term.features, kind, whole)
                bases += [(base, term.features) for base in grown]
                shortlist |= dict.fromkeys(smaller)
        for known in left_out & shortlist.keys():
            del shortlist[known]
        room = len(shortlist) + _LOOKED_AT
        for term in self._reached(bases, _LOOKED_AT + len(left_out)) if bases else ():
            if term not in left_out:
                shortlist.setdefault(term)
                if len(shortlist) == room:
                    break
        if not shortlist:
            return -np.inf, None
        found = list(shortlist)
        scores = self.model.drops(found) - self._prices(found)
        best = int(scores.argmax())
        return float(scores[best]), found[best]

    def _around(self, features: Features, kind: Kind, whole: bool) -> tuple[list[Term], list[Term]]:
        """The terms that a feature is to be added to, and terms to be worked out in any case: parts and unions."""
        order = len(features)
        grown = [Term(features, kind)] if order < self.max_order else []
        parts: list[Term] = []
        if order > 2:
            parts = [Term(features[:out] + features[out + 1 :], kind) for out in range(order)]
        elif whole and kind == "all":
            parts = [Term((feature,), kind) for feature in features]
        unions = {tuple(sorted({*features, *other.features})) for other in self.model.terms}
        larger = [Term(u, kind) for u in sorted(unions) if order < len(u) <= self.max_order]
        return grown + (parts if whole else []), (parts if order > 2 else []) + larger

    def _reached(self, bases: Sequence[tuple[Term, Features]], number: int) -> Iterator[Term]:
        """The terms that one more feature makes of these, the most promising first.

        Args:
            bases: each with the features that are not to be added.
            number: at most so many.
        """
        design, terms = self.design, [base for base, _ in bases]
        moments = design.grown_moments(terms, self.model.residual)
        variances = design.grown_variances(terms)
        scores = np.where(variances > 1e-9, moments**2 / np.maximum(variances, 1e-9), 0.0)
        for row, (_, taken) in zip(scores, bases, strict=True):
            row[list(taken)] = 0.0
        worth = scores - self._prices(terms, more=1)[:, None]
        worth = np.where(scores > 0, worth, -np.inf).ravel()
        number = min(number, worth.size)
        best = np.argpartition(-worth, number - 1)[:number]
        best = best[np.argsort(-worth[best], kind="stable")]
        for place in best[worth[best] > -np.inf].tolist():
            row, feature = divmod(place, design.d)
            base = terms[row]
            yield Term(tuple(sorted((*base.features, feature))), base.kind)
