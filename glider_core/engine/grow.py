"""Grow: product terms added to a linear model one by one, each found by a scan of pairs and hill climbing.

A set that matters shows in its pairs or in a term that is there already, so nothing larger is ever enumerated (the idea
of FAST, Lou et al. 2013, and of reading the hierarchical interactions of boosted trees, ProxySPEX, Butler et al. 2025).
What is added has to pass a robust test against all sets of its order, so nothing needs to be held out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glider_core.engine.exhaustive import best_terms, decompositions
from glider_core.engine.interaction_sets import Features
from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import KINDS, Kind, Term, factor, log_choices, t_threshold

MIN_DROP = 1e-4  # share of the answers' variation that a term must explain, all others there
MAX_TERMS = 20
MAX_ORDER = 10
_FAILURES = 4  # candidates in a row that did not pass, which end the search
_STARTS = 2  # pairs that are climbed from, for every term that is added
_LOOKED_AT = 12  # neighbours whose worth is worked out in full, of the many that are scored roughly
_ROUNDS = 1  # in which the terms that are there find better places
_ENOUGH = 1e-9  # share of variation left that is rounding
_MASKS_PER_TERM = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a model may grow."""

    max_terms: int = MAX_TERMS
    max_order: int = MAX_ORDER


def grow(
    model: TermModel,
    limits: Limits,
    *,
    step: Callable[[float], None] = lambda share: None,
) -> None:
    """Add to the model, in place, the terms that its answers need.

    Args:
        model: of one instance's answers, without terms.
        limits: on their number and order; fewer masks allow fewer.
        step: called with about the share done before each term; may raise to stop.
    """
    _Search(model, limits).run(step)


def passes(model: TermModel) -> list[bool]:
    """Of each term whether it explains enough, and more than noise would, all others there."""
    tested = model.tested()
    exact = model.design.exhaustive and model.noise is None  # nothing is left to chance
    return [
        drop >= MIN_DROP * model.total and (exact or t >= t_threshold(model.design.d, len(term.features)))
        for term, t, drop in zip(model.terms, tested.t, tested.drop, strict=True)
    ]


def weed(model: TermModel) -> None:
    """Take out, one by one, the terms that the others made needless."""
    while model.terms:
        needed = passes(model)
        if all(needed):
            return
        drop = model.tested().drop
        model.remove(min((i for i, ok in enumerate(needed) if not ok), key=lambda i: drop[i]))


class _Search:
    def __init__(self, model: TermModel, limits: Limits) -> None:
        self.model, self.design = model, model.design
        d = self.design.d
        self.max_order = min(limits.max_order, d)
        room = (self.design.n - self.design.basis.shape[1]) // (1 if self.design.exhaustive else _MASKS_PER_TERM)
        self.max_terms = max(0, min(limits.max_terms, room))
        self._tried: set[Term] = set()  # that did not pass, with the terms that are there now

    def run(self, step: Callable[[float], None]) -> None:
        model, failures = self.model, 0
        seen = {frozenset(model.terms)}  # a term that pushes another out, and is pushed out by it, would go on for ever
        while len(model.terms) < self.max_terms and failures < _FAILURES and model.rss > _ENOUGH * model.total:
            step(len(model.terms) / self.max_terms)
            term = self._candidate()
            if term is None:
                break
            model.add(term)
            if not passes(model)[-1]:
                model.remove(len(model.terms) - 1)
                self._tried.add(term)
                failures += 1
                continue
            failures = 0
            self._tried.clear()
            weed(self.model)
            self._climb_again(set(term.features))
            weed(self.model)
            if frozenset(model.terms) in seen:
                break
            seen.add(frozenset(model.terms))
        self._climb_again(None)
        weed(self.model)
        if self.design.exhaustive and model.noise is None:
            self._take_shorter()

    # -- what is worth a try

    def _candidate(self) -> Term | None:
        """The best new term that a climb from the strongest pairs, or a step from a term that is there, comes to."""
        present = set(self.model.terms)
        if self.design.exhaustive:
            return next((t for t in best_terms(self.model, self.max_order) if t not in present | self._tried), None)
        best: tuple[float, Term] | None = None
        for pair in self._pairs(present):
            term, score = self._climb(Term(pair, "all"), present)
            if term not in self._tried and (best is None or score > best[0]):
                best = score, term
        reached = [step for term in self.model.terms for step in self._steps(term, whole=False)]
        score, neighbour = self._best_of(reached, present | self._tried)
        if neighbour is not None and (best is None or score > best[0]):
            best = score, neighbour
        if best is None or best[0] <= 0:
            return None
        return best[1]

    def _pairs(self, present: set[Term]) -> list[Features]:
        """The pairs of features that explain most, both on, beyond what is there."""
        design, d = self.design, self.design.d
        moments = (design.on * (design.root * self.model.residual)[:, None]).T @ design.on
        variances = design.pair_variances
        rough = np.where(variances > 1e-9, moments**2 / np.maximum(variances, 1e-9), 0.0)
        rough[np.tril_indices(d)] = -1.0
        known = {term.features for term in (*present, *self._tried)}
        number = min(rough.size, 2 * _LOOKED_AT + len(known))
        strongest = np.argpartition(-rough, number - 1, axis=None)[:number]
        pairs = [(int(place // d), int(place % d)) for place in strongest if rough.flat[place] > 0]
        pairs = [pair for pair in pairs if pair not in known]
        if not pairs:
            return []
        drops = self.model.drops([Term(pair, "all") for pair in pairs])
        best = sorted(range(len(pairs)), key=lambda place: (-drops[place], pairs[place]))
        return [pairs[place] for place in best[:_STARTS] if drops[place] > 0]

    # -- climbing

    def _climb(self, term: Term, present: set[Term]) -> tuple[Term, float]:
        """Step to the best neighbour while that explains more than the choice among larger sets makes likely."""
        score = float(self.model.drops([term])[0]) - self._price(len(term.features))
        while True:
            best, neighbour = self._best_neighbour(term, present, whole=False)
            if neighbour is None or best <= score + 1e-12 * self.model.total:
                best, neighbour = self._best_neighbour(term, present, whole=True)
                if neighbour is None or best <= score + 1e-12 * self.model.total:
                    return term, score
            term, score = neighbour, best

    def _price(self, order: int) -> float:
        """What the best of all sets of this order would explain of noise."""
        return 2.0 * log_choices(self.design.d, order) * self.model.rss / self.model.freedom

    def _best_neighbour(self, term: Term, present: set[Term], *, whole: bool) -> tuple[float, Term | None]:
        """The best term a step away, by what it explains less its order's price.

        Args:
            term: where to step from.
            present: terms that are not to be reached.
            whole: whether to exchange features as well, or only to add one, leave one out, or unite with other terms.
        """
        return self._best_of(self._steps(term, whole=whole), present)

    def _steps(self, term: Term, *, whole: bool) -> list[tuple[float, Term]]:
        """The terms a step away, each with a rough score; infinite where it is not known."""
        kinds: Sequence[Kind] = KINDS if len(term.features) == 2 else (term.kind,)
        steps: list[tuple[float, Term]] = []
        for kind in kinds:
            steps += self._reached(Term(term.features, kind), whole)
        return steps + [(np.inf, union) for union in self._unions(term, kinds)]

    def _best_of(self, steps: list[tuple[float, Term]], left_out: set[Term]) -> tuple[float, Term | None]:
        """The best of the most promising steps, by what it explains less its order's price."""
        shortlist: list[Term] = []
        taken = set(left_out)
        certain = 0
        for score, neighbour in sorted(steps, key=lambda step: -step[0]):
            if neighbour not in taken:
                taken.add(neighbour)
                shortlist.append(neighbour)
                certain += score < np.inf
                if certain == _LOOKED_AT:
                    break
        if not shortlist:
            return -np.inf, None
        prices = np.array([self._price(len(neighbour.features)) for neighbour in shortlist])
        scores = self.model.drops(shortlist) - prices
        best = int(scores.argmax())
        return float(scores[best]), shortlist[best]

    def _reached(self, term: Term, whole: bool) -> list[tuple[float, Term]]:
        """The most promising terms that one feature more, less or exchanged makes, each with a rough score."""
        design, order = self.design, len(term.features)
        free = np.ones(design.d, dtype=bool)
        free[list(term.features)] = False
        found: list[tuple[float, Term]] = []
        bases: list[Features] = [term.features] if order < self.max_order else []
        parts: list[Features] = []
        if order > 2:
            parts = [tuple(f for f in term.features if f != out) for out in term.features]
        elif whole and term.kind == "all":
            parts = [(f,) for f in term.features]
        if whole:
            bases += parts
        residual = design.root * self.model.residual
        if bases and free.any():
            on = factor(term.kind, design.on)
            stems = np.stack([Term(base, term.kind).column(design.features) for base in bases])
            moments = (stems * residual) @ on
            means = (stems * design.weights) @ on
            squares = np.full_like(means, design.weights.sum()) if term.kind == "odd" else means  # of zeros and ones
            variances = squares - means**2 / design.weights.sum()
            scores = np.where(variances > 1e-9, moments**2 / np.maximum(variances, 1e-9), 0.0)
            scores[:, ~free] = -1.0
            prices = np.array([self._price(len(base) + 1) for base in bases])
            worth = (scores - prices[:, None]).ravel()
            number = min(_LOOKED_AT, worth.size)
            for place in np.argpartition(-worth, number - 1)[:number].tolist():
                row, feature = divmod(place, design.d)
                if scores[row, feature] > 0:
                    found.append((float(worth[place]), Term(tuple(sorted((*bases[row], feature))), term.kind)))
        if order > 2:
            found += [(np.inf, Term(part, term.kind)) for part in parts]
        return found

    def _unions(self, term: Term, kinds: Sequence[Kind]) -> list[Term]:
        unions = {tuple(sorted({*term.features, *other.features})) for other in self.model.terms}
        larger = [u for u in sorted(unions) if len(term.features) < len(u) <= self.max_order]
        return [Term(union, kind) for union in larger for kind in kinds]

    def _take_shorter(self) -> None:
        """Where the answers are the sum of no more terms of one kind than were found, these make them up."""
        for terms in decompositions(self.model):
            fits = len(terms) <= min(len(self.model.terms), self.max_terms)
            if terms and fits and all(len(term.features) <= self.max_order for term in terms):
                while self.model.terms:
                    self.model.remove(0)
                for term in terms:
                    self.model.add(term)
                weed(self.model)
                return

    def _best_place(self, term: Term) -> Term:
        present = set(self.model.terms)
        if self.design.exhaustive:
            return next((t for t in best_terms(self.model, self.max_order) if t not in present), term)
        return self._climb(term, present)[0]

    def _climb_again(self, near: set[int] | None) -> None:
        """Let each earlier term that shares a feature with `near` (None: every term) find its best place anew."""
        for _ in range(_ROUNDS):
            changed = False
            for place in range(len(self.model.terms)):
                term = self.model.terms[place]
                if near is not None and not near & set(term.features):
                    continue
                self.model.remove(place)
                better = self._best_place(term)
                self.model.insert(place, better)
                changed |= better != term
            if not changed:
                return
