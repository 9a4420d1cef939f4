"""Grow: product terms added to a linear model one by one, each found by a scan of pairs and hill climbing.

A set that matters shows in its pairs or in a term that is there already, so nothing larger is ever enumerated (the idea
of FAST, Lou et al. 2013, and of reading the hierarchical interactions of boosted trees, ProxySPEX, Butler et al. 2025).
What is added has to pass a robust test against all sets of its order, so nothing needs to be held out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from glider_core.engine.climbing import Climber
from glider_core.engine.exhaustive import best_terms, decompositions
from glider_core.engine.interaction_sets import Features
from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import KINDS, Term, parts_of, t_threshold

MIN_DROP = 1e-4  # share of the answers' variation that a term must explain, all others there
MAX_TERMS = 20
MAX_ORDER = 10
_FAILURES = 4  # candidates in a row that did not pass, which end the search
_ENOUGH = 1e-9  # share of variation left that is rounding
_MASKS_PER_TERM = 8
_CROWDED = 3  # terms within one set, of which fewer may do
_TABLE = 5  # features of a set whose parts are all tried


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
        self.climber = Climber(model, self.max_order)
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
            self.climber.forget()
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
        self._take_sparser()

    def _candidate(self) -> Term | None:
        if self.design.exhaustive:
            known = self._tried.union(self.model.terms)
            return next((term for term in best_terms(self.model, self.max_order) if term not in known), None)
        return self.climber.candidate(self._tried)

    def _take_shorter(self) -> None:
        """Where the answers are the sum of no more terms of one kind than were found, these make them up."""
        for terms in decompositions(self.model):
            fits = len(terms) <= min(len(self.model.terms), self.max_terms)
            if terms and fits and all(len(term.features) <= self.max_order for term in terms):
                self.model.become(self.model.replace(range(len(self.model.terms)), terms))
                weed(self.model)
                return

    def _take_sparser(self) -> None:
        """Where fewer terms of one kind say all that those within a set say, these take their place.

        Of products that overlap and are of one size, a climb finds the set of all their features first.
        """
        model = self.model
        model.merge()
        for features, within in self._crowded():
            for kind in KINDS:
                trial = model.replace(within, [Term(part, kind) for part in parts_of(features)])
                weed(trial)
                if len(trial.terms) < len(model.terms) and trial.rss <= model.rss + MIN_DROP * model.total:
                    model.become(trial)
                    return self._take_sparser()

    def _crowded(self) -> Iterator[tuple[Features, list[int]]]:
        """Sets within which there are several others, each with the places of all terms there."""
        terms = self.model.terms
        for features in dict.fromkeys([*self.model.sets, *(term.features for term in terms)]):
            within = [place for place, term in enumerate(terms) if set(term.features) <= set(features)]
            several = len({terms[place].features for place in within}) > 1
            if several and len(within) >= _CROWDED and len(features) <= _TABLE:
                yield features, within

    def _best_place(self, term: Term) -> Term:
        present = set(self.model.terms)
        if self.design.exhaustive:
            return next((t for t in best_terms(self.model, self.max_order) if t not in present), term)
        return self.climber.climb(term)[0]

    def _climb_again(self, near: set[int] | None) -> None:
        """Let each term that shares a feature with `near` (None: every term) find its best place anew."""
        for place, term in enumerate(list(self.model.terms)):
            if near is None or near & set(term.features):
                self.model.move(place, self._best_place)
