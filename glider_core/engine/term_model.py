"""Weighted least squares on the features and a few terms: fit, tests, and what each set is worth on unseen masks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
import scipy.special
from numpy.typing import NDArray

from glider_core.engine.design import Design
from glider_core.engine.interaction_sets import Features
from glider_core.engine.merging import PART_ENOUGH, Groups, by_features, made_up, merge
from glider_core.engine.terms import Term, columns

_DEPENDENT = 1e-8  # share of a column's squared length below which what is left of it is rounding
_FULL_LEVERAGE = 1.0 - 1e-6


@dataclass(frozen=True, slots=True)
class Tested:
    """What tells a term from noise, all others in the model."""

    ratio: NDArray[np.float64]  # (terms,) |coefficient| over its standard error
    # (terms,) the same as a deviate of the standard normal: few masks tell of a large set, and the ratio's tails are
    # then those of Student's t with few degrees of freedom.
    t: NDArray[np.float64]
    drop: NDArray[np.float64]  # (terms,) by how much the residual's square would grow without it


class TermModel:
    """A model of one instance's answers that is changed term by term.

    Args:
        design: masks and weights.
        answers: (n,) one for each distinct mask of the design, centred and scaled by whoever likes to.
        noise: variance of an answer that does not repeat itself, where it was measured; else errors are estimated from
            residuals, robustly (HC3, MacKinnon and White 1985), since lack of fit is not spread evenly.
        rounding: a deviation of the answers below this is rounding, and there is nothing to fit.
    """

    def __init__(
        self, design: Design, answers: NDArray[np.float64], *, noise: float | None = None, rounding: float = 0.0
    ) -> None:
        self.design = design
        self.noise = noise
        level = float(design.weights @ answers) / float(design.weights.sum())
        weighted = design.root * (answers - level)
        self.total = float(weighted @ weighted)
        self.target = design.beyond_features(weighted)
        if self.total <= rounding**2 * float(design.weights.sum()):
            self.total, self.target = 0.0, np.zeros_like(self.target)
        # What is left of it by rounding alone is nothing.
        if float(self.target @ self.target) <= 1e-24 * self.total:
            self.target = np.zeros_like(self.target)
        self.terms: list[Term] = []
        self.state = 0  # a number for each choice of terms that it had
        self._states = itertools.count()
        self._columns = np.zeros((design.n, 0))
        self._refit()

    @property
    def freedom(self) -> int:
        """Degrees of freedom left."""
        return max(self.design.n - self.design.basis.shape[1] - len(self.terms), 1)

    def _refit(self) -> None:
        self.state, self._tested = next(self._states), None
        self.sets: Groups = by_features(self.terms)  # the places of each set's terms
        self.span, self._r = np.linalg.qr(self._columns) if self.terms else (self._columns, np.zeros((0, 0)))
        self._moment = self.span.T @ self.target
        self.residual = self.target - self.span @ self._moment
        self.rss = float(self.residual @ self.residual)

    def add(self, term: Term) -> None:
        """One more term, last."""
        self.insert(len(self.terms), term)

    def extend(self, terms: Sequence[Term]) -> None:
        """More terms, last."""
        free = self.design.beyond_features(self.design.weighted(terms).T)
        self.terms += terms
        self._columns = np.hstack([self._columns, free])
        self._refit()

    def insert(self, place: int, term: Term) -> None:
        """One more term."""
        free = self.design.beyond_features(self.design.weighted([term])[0])
        self.terms.insert(place, term)
        self._columns = np.insert(self._columns, place, free, axis=1)
        self._refit()

    def replace(self, places: Sequence[int], terms: Sequence[Term]) -> TermModel:
        """A model of the same answers with these terms, last, in place of those."""
        model = self._with([place for place in range(len(self.terms)) if place not in places])
        model.extend(terms)
        return model

    def remove(self, place: int) -> Term:
        """One term less."""
        self._columns = np.delete(self._columns, place, axis=1)
        term = self.terms.pop(place)
        self._refit()
        return term

    def move(self, place: int, find: Callable[[Term], Term]) -> bool:
        """Take a term out, and put what `find` then makes of it in its place.

        Returns:
            Whether that is another term.
        """
        before, term = copy(self), self.remove(place)
        better = find(term)
        if better != term:
            self.insert(place, better)
            return True
        self.terms.insert(place, term)
        before.terms = self.terms
        self.become(before)
        return False

    def become(self, other: TermModel) -> None:
        """Have the terms of another model of the same answers, and all that was worked out for them."""
        for name in ("terms", "state", "sets", "span", "residual", "rss", "_r", "_moment", "_columns", "_tested"):
            setattr(self, name, getattr(other, name))

    def merge(self) -> None:
        """Take terms that stand for one set as that set, until they change."""

        def explains(places: Sequence[int]) -> float:
            return float(((_span(self._columns[:, list(places)]).T @ self.target) ** 2).sum())

        self.sets = merge(self.terms, self.design.d, self.design.n, explains)

    def drops(self, terms: Sequence[Term]) -> NDArray[np.float64]:
        """By how much the residual's square would fall with each of these terms added."""
        weighted, lengths = self.design.measured(terms)
        inside = weighted @ self.span
        left = lengths[:, 1] - np.einsum("ij,ij->i", inside, inside)
        possible = left > _DEPENDENT * np.maximum(lengths[:, 0], 1e-300)
        return np.where(possible, (weighted @ self.residual) ** 2 / np.where(possible, left, 1.0), 0.0)

    def tested(self) -> Tested:
        """Every term's test, all at once."""
        if self._tested is None:
            self._tested = self._test()
        return self._tested

    def _test(self) -> Tested:
        if not self.terms:
            return Tested(np.zeros(0), np.zeros(0), np.zeros(0))
        size = np.abs(np.diag(self._r))
        dependent = size <= 1e-6 * np.sqrt((self._columns**2).sum(axis=0).max())
        if dependent.any():  # a term that the features and the terms before it make up says nothing of its own
            ratio, t, drop = np.zeros((3, len(self.terms)))
            others = self._with(np.flatnonzero(~dependent).tolist()).tested()
            ratio[~dependent], t[~dependent], drop[~dependent] = others.ratio, others.t, others.drop
            return Tested(ratio, t, drop)
        inverse = np.linalg.inv(self._r)
        coefficients = inverse @ self._moment
        drop = coefficients**2 / np.maximum((inverse**2).sum(axis=1), 1e-300)
        if self.noise is not None:
            spread = self.design.weights * self.noise
        else:
            spread = (self.residual / (1.0 - self._leverage(self.span))) ** 2
        influence = self.span @ inverse.T  # of every answer on every coefficient
        variance = spread @ influence**2
        exact = variance <= 1e-20 * coefficients**2
        ratio = np.where(exact, np.inf, np.abs(coefficients) / np.sqrt(np.where(exact, 1.0, variance)))
        ratio[coefficients == 0] = 0.0
        if self.noise is not None:
            return Tested(ratio, ratio, drop)
        # How many masks a coefficient's error is spread over, were every answer's error alike.
        part = influence**2 * self.design.weights[:, None]
        masks = part.sum(axis=0) ** 2 / np.maximum((part**2).sum(axis=0), 1e-300)
        # Twice the degrees of freedom that so many equal masks have: HC3 makes its errors too large where masks weigh
        # much. That noise alone passes nothing, `glider reproduce negative-controls` measures.
        tail = scipy.special.stdtr(np.maximum(2.0 * (masks - 1.0), 1.0), -ratio)
        return Tested(ratio, -scipy.special.ndtri(tail), drop)

    def _with(self, places: list[int]) -> TermModel:
        model = copy(self)
        model.terms = [self.terms[place] for place in places]
        model._columns = self._columns[:, places]
        model._refit()
        return model

    def _leverage(self, span: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.minimum(self.design.leverage + (span * span).sum(axis=1), _FULL_LEVERAGE)

    def forward(self) -> list[tuple[Features, float]]:
        """The sets in greedy forward order: first the one that explains most, then what explains most beyond it.

        A set that only joins others, which share no feature and explain more, says how these act on each other, and
        comes after all that say something of new features. A part of a set that explains about as much by itself comes
        before it: it is the simpler thing to say.

        Returns:
            Each set with the share of the answers' variation that it takes off those above it, on these masks.
        """
        places = dict(self.sets)
        order: list[tuple[Features, float]] = []
        residual, left = self.target, self._columns
        while places:
            drops: dict[Features, float] = {}
            spans: dict[Features, NDArray[np.float64]] = {}
            for features, own in places.items():
                spans[features] = _span(left[:, own])
                drops[features] = float(((spans[features].T @ residual) ** 2).sum())
            worth = drops | {features: share * self.total for features, share in order}
            joins = {features for features in drops if _joins(features, worth)}
            if len(joins) < len(drops):
                drops = {features: drop for features, drop in drops.items() if features not in joins}
            best = max(drops, key=lambda features: round(drops[features] / (1e-9 * self.total or 1.0)))
            while parts := [f for f in drops if set(f) < set(best) and drops[f] >= PART_ENOUGH * drops[best]]:
                best = max(parts, key=drops.__getitem__)
            best_span = spans[best]
            order.append((best, drops[best] / self.total if self.total else 0.0))
            residual = residual - best_span @ (best_span.T @ residual)
            left = left - best_span @ (best_span.T @ left)
            del places[best]
        return order

    def unseen_r2(self, sets: Sequence[Features]) -> list[float]:
        """R2 on masks that were not fitted, of the features alone and with the first k of these sets, k = 0, 1, ...

        Every mask is predicted by the model fitted without it, which least squares tells from its leverage (the PRESS
        of Allen 1974). Where the design holds every mask there is no unseen one, and this is the share explained.
        """
        if not self.total:
            return [1.0] * (len(sets) + 1)
        span, scores = np.zeros((self.design.n, 0)), []
        for k in range(len(sets) + 1):
            if k:
                own = self.sets[sets[k - 1]]
                free = self._columns[:, own] - span @ (span.T @ self._columns[:, own])
                span = np.hstack([span, _span(free)])
            error = self.target - span @ (span.T @ self.target)
            if not self.design.exhaustive:
                error = error / (1.0 - self._leverage(span))
            scores.append(1.0 - float(error @ error) / self.total)
        return scores

    def prediction(self, answers: NDArray[np.float64], masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What the model, fitted to these answers (n,) of the design's masks, says of other masks (m, d)."""
        design = self.design
        inputs = np.hstack([np.ones((design.n, 1)), design.on, columns(self.terms, design.masks)])
        weighted = inputs * design.weights[:, None]
        gram = weighted.T @ inputs
        # Where masks leave something open, the smallest coefficients that fit.
        gram[np.diag_indices(len(gram))] += 1e-9 * np.trace(gram)
        level = float(np.average(answers, weights=design.weights))
        fitted = np.linalg.solve(gram, weighted.T @ (answers - level))
        return level + np.hstack([np.ones((len(masks), 1)), masks, columns(self.terms, masks)]) @ fitted


def _joins(features: Features, worth: Mapping[Features, float]) -> bool:
    """Whether sets without a feature in common, one of which is worth more, make up these features."""
    parts = [part for part in worth if set(part) < set(features)]
    if not any(worth[part] > worth[features] for part in parts):
        return False
    return made_up(features, parts)


def _span(block: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal directions of a few columns (n, k), those that are rounding left out."""
    q, r = np.linalg.qr(block)
    size = np.abs(np.diag(r))
    return q[:, size > 1e-9]
