"""Glider's own detectors as they play: what the app would list, from exactly as many masks as every peer gets."""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np

from glider_core.engine.blas import one_blas_thread
from glider_core.engine.clock import Clock
from glider_core.engine.detectors import DETECTORS
from glider_core.engine.detectors.arch_detect import arch_ranking, corner_flips
from glider_core.engine.detectors.base import Sample
from glider_core.engine.exhaustive import MAX_FEATURES
from glider_core.engine.interaction_sets import Features
from glider_core.engine.judge import judge
from glider_core.engine.linear import r2
from glider_core.engine.plan import Plan
from glider_core.experiments.peers.game import Answers, Found, Game, Masks, Method, strongest_first
from glider_core.settings import Settings


def _detect(name: str, game: Game) -> Found:
    """A detector's findings in their order, then the rest of its ranking, and the model of its terms."""
    exhaustive = name == "Exact"
    settings = Settings.with_masks(game.budget, detector=name, kernel_width=0.25 if game.scheme == "LIME" else None)
    if exhaustive:
        plan = Plan.draw(game.d, settings, exhaustive=True)
    else:
        plan = Plan(settings, *game.draw(), False, game.seed, game.seed)
    look = plan.look(len(plan.masks))
    answers = game(look.distinct)
    sample = Sample(answers, None, game.questions.rounding(answers), np.zeros(0))
    with one_blas_thread():
        (detected,) = DETECTORS[name].detect(look, [sample], settings, Clock(), lambda stage, share: None)
        found = [finding.features for finding in judge(detected, settings, 0.0).findings]
    sets = list(dict.fromkeys([*found, *(candidate.features for candidate in detected.ranking)]))
    # What passed the gates stands above what did not, whatever its strength: places are its strengths here.
    ranking = [(features, float(len(sets) - place)) for place, features in enumerate(sets)]
    return Found(ranking=ranking, surrogate=partial(detected.model.prediction, answers))


def _too_many_masks(game: Game) -> str:
    if game.d > MAX_FEATURES or 2**game.d > game.budget:
        return "all masks are more than the calls"
    return "what is off is drawn anew" if game.questions.instance.stochastic else ""


def _archipelago(game: Game) -> Found:
    """ArchDetect's pairs and what they join to; ArchAttribute's effects of disjoint sets as a surrogate.

    The surrogate is f(none on) + the sum over sets that share no feature of f(this set on) - f(none on), where the set
    is on as a whole. How many of the strongest pairs are joined to sets, the calls left over decide.
    """
    d, flips = game.d, corner_flips(game.d)
    corners = np.concatenate([~flips, flips])
    own = game(corners)
    rounding = game.questions.rounding(own)
    candidates = arch_ranking(own, d, rounding=rounding)
    ranking = [(candidate.features, candidate.strength) for candidate in candidates]
    every_pair = _strengths(own, d)
    rest = game.budget - game.calls
    if rest < 2 * d:
        return Found(ranking=ranking, pairs=every_pair)
    pairs = [c.features for c in candidates if len(c.features) == 2]
    steps = [k for k in (0, 1, 2, 3, 5, 8, 12, 20) if k <= len(pairs)]
    divisions = [_islands(d, pairs[:k]) for k in steps]
    wanted = list(dict.fromkeys(part for division in divisions for part in division))[: rest // 2]
    on = np.zeros((len(wanted) + 1, d), dtype=bool)
    for row, part in enumerate(wanted):
        on[row, list(part)] = True
    answers = game(on)
    effects = dict(zip(wanted, answers[:-1] - answers[-1], strict=True))
    divisions = [division for division in divisions if all(part in effects for part in division)]
    masks = game.draw(rest - len(on))[0]
    truth, weights = game(masks), game.draw(rest - len(on))[1]

    def surrogate(division: list[Features], asked: Masks) -> Answers:
        return answers[-1] + sum(
            (effects[part] * asked[:, list(part)].all(axis=1) for part in division), np.zeros(len(asked))
        )

    best = max(divisions, key=lambda division: r2(truth, surrogate(division, masks), weights))
    return Found(ranking=ranking, pairs=every_pair, surrogate=partial(surrogate, best))


def _strengths(answers: Answers, d: int) -> list[tuple[Features, float]]:
    """ArchDetect's strength of every pair, as published: the mean of both corners' squared joint effects.

    In the app it is read off the strongest sixty only, which are joined.
    """
    first, second = np.triu_indices(d, 1)
    strength = np.zeros(len(first))
    for corner in np.split(answers, 2):
        alone, both = corner[1 : d + 1], corner[d + 1 :]
        strength += (corner[0] - alone[first] - alone[second] + both) ** 2 / 2.0
    return strongest_first(dict(zip(combinations(range(d), 2), strength.tolist(), strict=True)))


def _islands(d: int, pairs: list[Features]) -> list[Features]:
    """The features as sets that share none: those that a chain of pairs connects together."""
    island = list(range(d))
    for first, second in pairs:
        old, new = island[second], island[first]
        island = [new if number == old else number for number in island]
    return [tuple(f for f in range(d) if island[f] == number) for number in dict.fromkeys(island)]


def _needs_corners(game: Game) -> str:
    needed = 2 * (1 + game.d + len(list(combinations(range(game.d), 2))))
    if needed > game.budget:
        return f"asks {needed} masks"
    return "what is off is drawn anew" if game.questions.instance.stochastic else ""


OURS = (
    Method(name="Grow", find=partial(_detect, "Grow"), ours=True),
    Method(name="NID", find=partial(_detect, "NID"), ours=True),
    Method(name="GradientNID", find=partial(_detect, "GradientNID"), ours=True),
    Method(name="Spectrum", find=partial(_detect, "Spectrum"), ours=True),
    Method(name="Exact", find=partial(_detect, "Exact"), ours=True, impossible=_too_many_masks),
    Method(name="ArchDetect with ArchAttribute", find=_archipelago, ours=True, impossible=_needs_corners),
)
