"""Choosing: which of the sets that a detector names a linear model needs; the gates are those of Grow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from glider_core.engine.grow import MIN_DROP, passes, weed
from glider_core.engine.interaction_sets import Features
from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import KINDS, Term, log_choices

_FAILURES = 4  # candidates in a row that do not pass, which end the search
_MASKS_PER_TERM = 8


def choose(
    model: TermModel,
    sets: Sequence[Features],
    *,
    max_terms: int,
    step: Callable[[float], None] = lambda share: None,
) -> None:
    """Add to the model, in place, what it needs of these sets, in any kind; then take out what others made needless.

    Each time the term that explains most beyond those that are there, less what the best of all sets of its order would
    explain of noise.

    Args:
        model: of one instance's answers.
        sets: of two features and more.
        max_terms: at most; fewer masks allow fewer.
        step: called with about the share done before each term; may raise to stop.
    """
    design = model.design
    room = (design.n - design.basis.shape[1]) // (1 if design.exhaustive else _MASKS_PER_TERM)
    terms = [Term(s, kind) for s in sets for kind in (KINDS if len(s) > 2 else ("all",))]
    prices = np.array([2.0 * log_choices(design.d, len(term.features)) for term in terms])
    open_, failures = np.ones(len(terms), dtype=bool), 0
    most = max(0, min(max_terms, room))
    while open_.any() and len(model.terms) < most and failures < _FAILURES:
        step(len(model.terms) / most)
        places = np.flatnonzero(open_)
        drops = model.drops([terms[place] for place in places])
        scores = drops - prices[places] * model.rss / model.freedom
        best = int(scores.argmax())
        if drops[best] < MIN_DROP * model.total or scores[best] <= 0:
            break
        open_[places[best]] = False
        model.add(terms[places[best]])
        if passes(model)[-1]:
            failures = 0
        else:
            model.remove(len(model.terms) - 1)
            failures += 1
    weed(model)
