"""Sign and size of an interaction, measured on the black box itself in many contexts of the other features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from glider_core.engine.asking import Questions
from glider_core.engine.exhaustive import all_masks
from glider_core.engine.interaction_sets import Features
from glider_core.engine.masks import chances, distinct

MAX_FACTORIAL_ORDER = 6  # of the sets whose 2^k on/off combinations are shown
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Effect:
    """What some features do together, in the answers' unit, signed.

    The joint effect is f(all on) - f(none on) less what each adds alone to none: the sum of all interactions of two
    features or more inside the set. It is averaged over contexts: settings of the other features, drawn as masks are.
    """

    mean: float
    interval: tuple[float, float] | None  # of 95 %: of the mean over contexts, draws and noise; None: one context only
    same_sign: float | None  # share of contexts in which it has the mean's sign
    at_input: float  # in the one context of the instance itself, all other features on
    adds: float  # of the mean, what the given parts do not account for
    answers: tuple[float, ...] | None  # at the input, see `check_masks`; None above order 6


def check_masks(d: int, features: Features) -> NDArray[np.bool_]:
    """All 2^k on/off combinations of some features, every other feature on: row c has features[j] on by bit j of c."""
    order = len(features)
    masks = np.ones((2**order, d), dtype=bool)
    masks[:, features] = (np.arange(2**order)[:, None] >> np.arange(order)) & 1 == 1
    return masks


def joint_coefficients(features: Features, parts: Sequence[Features]) -> dict[Features, int]:
    """The joint effect of some features, less that of some of its subsets, as a sum of answers.

    What several parts share is taken off once (inclusion and exclusion).

    Returns:
        How often the answer counts at which of the features only the key's are on.
    """
    total = _joint(features)
    for subset, sign in _union(list(parts)):
        for key, count in _joint(subset).items():
            total[key] = total.get(key, 0) - sign * count
    return {key: count for key, count in total.items() if count}


def _joint(features: Features) -> dict[Features, int]:
    if len(features) < 2:
        return {}
    return {features: 1, (): len(features) - 1} | {(feature,): -1 for feature in features}


def _union(parts: list[Features]) -> list[tuple[Features, int]]:
    """Subsets with signs, whose joint effects add up to all interactions inside at least one of the parts."""
    if not parts:
        return []
    first, rest = parts[0], parts[1:]
    overlaps = {tuple(sorted(set(first) & set(part))) for part in rest}
    inside = _maximal([overlap for overlap in overlaps if len(overlap) > 1])
    return [(first, 1), *_union(rest), *[(subset, -sign) for subset, sign in _union(inside)]]


def _maximal(sets: Sequence[Features]) -> list[Features]:
    return sorted(s for s in set(sets) if not any(set(s) < set(other) for other in sets))


def effects(
    questions: Questions,
    sets: Sequence[Features],
    *,
    contexts: int,
    seed: int,
    everything_asked: bool = False,
    noise: float | None = None,
    report: Callable[[float], None] = lambda share: None,
) -> list[Effect]:
    """The effect of each set.

    Where what is off is drawn at random, every context has a draw of its own, and answers at the input are means of as
    many draws, so that nothing is said that only one draw says.

    Args:
        questions: to the black box; they are added to.
        sets: of features; those inside another of them are its parts.
        contexts: in how many a joint effect is measured; fewer where there are no more.
        seed: of the contexts. Fewer contexts of one seed are the first of more.
        everything_asked: whether all masks were asked, so that all contexts cost nothing.
        noise: variance of an answer that does not repeat itself.
        report: called with the share done; may raise to stop.
    """
    if not sets:
        return []
    d = len(questions.instance.names)
    stochastic = questions.instance.stochastic
    draws = contexts if stochastic else 1
    plan = partial(_Wanted.of, sets=sets, d=d, contexts=contexts, seed=seed)
    wanted = [plan(features, all_contexts=not stochastic, everything_asked=everything_asked) for features in sets]
    # One batch for each draw, of all sets' questions.
    blocks: list[list[NDArray[np.bool_]]] = [[] for _ in range(draws)]
    for want in wanted:
        for draw in range(draws):
            blocks[draw].append(want.corner)
            blocks[draw].append(want.masks[draw::draws].reshape(-1, d))
    answered = []
    for draw, block in enumerate(blocks):
        asked, which = distinct(np.concatenate(block))
        answers = questions.redrawn(draw)(asked, lambda share, done=draw: report((done + share) / draws))[which]
        answered.append(np.split(answers, np.cumsum([len(part) for part in block])[:-1]))
    results = []
    for number, want in enumerate(wanted):
        corner = np.mean([answers[2 * number] for answers in answered], axis=0)
        values = np.empty(want.masks.shape[:2])
        for draw, answers in enumerate(answered):
            values[draw::draws] = answers[2 * number + 1].reshape(-1, len(want.whole))
        results.append(want.effect(corner, values, noise))
    return results


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The questions about one set: answers at the input, and in each context."""

    features: Features
    corner: NDArray[np.bool_]  # (2^k, d), or of large sets (k + 2, d): none on, each alone, all
    masks: NDArray[np.bool_]  # (contexts, patterns, d)
    weights: NDArray[np.float64]  # (contexts,) that sum to 1
    whole: NDArray[np.float64]  # (patterns,) how often each counts in the joint effect
    beyond: NDArray[np.float64]  # (patterns,) the same beyond the parts
    complete: bool  # whether these are all contexts there are

    @classmethod
    def of(
        cls,
        features: Features,
        *,
        sets: Sequence[Features],
        d: int,
        contexts: int,
        seed: int,
        all_contexts: bool,
        everything_asked: bool,
    ) -> _Wanted:
        parts = _maximal([other for other in sets if set(other) < set(features)])
        whole, beyond = _joint(features), joint_coefficients(features, parts)
        patterns = sorted({*whole, *beyond})
        others = [feature for feature in range(d) if feature not in features]
        complete = all_contexts and len(others) < 60 and (everything_asked or 2 ** len(others) <= contexts)
        if complete:
            chosen = all_masks(len(others))
            chance = chances(chosen)
        else:
            rng = np.random.default_rng(seed)
            # Keys for every feature, so that all sets of a run meet the same contexts and share questions.
            keys = rng.random((contexts, d + 1))
            ranks = keys[:, others].argsort(axis=1).argsort(axis=1)
            chosen = ranks >= np.floor(keys[:, -1:] * (len(others) + 1))
            chance = np.ones(contexts)
            if all_contexts:
                chosen, which = distinct(chosen)
                chance = np.bincount(which).astype(np.float64)
        masks = np.zeros((len(chosen), len(patterns), d), dtype=bool)
        masks[:, :, others] = chosen[:, None]
        for place, pattern in enumerate(patterns):
            masks[:, place, list(pattern)] = True
        corner = check_masks(d, features) if len(features) <= MAX_FACTORIAL_ORDER else _few(d, features)
        in_whole, in_beyond = (np.array([terms.get(p, 0) for p in patterns], float) for terms in (whole, beyond))
        return cls(features, corner, masks, chance / chance.sum(), in_whole, in_beyond, complete)

    def effect(self, corner: NDArray[np.float64], values: NDArray[np.float64], noise: float | None) -> Effect:
        """Of answers at the input, and (contexts, patterns) in the contexts."""
        joint = values @ self.whole
        mean = float(self.weights @ joint)
        order = len(self.features)
        factorial = order <= MAX_FACTORIAL_ORDER
        alone = corner[1 << np.arange(order)] if factorial else corner[1:-1]
        return Effect(
            mean=mean,
            interval=self._interval(joint, mean, noise),
            same_sign=min(1.0, float(self.weights @ (joint * mean > 0))) if mean else None,
            at_input=float(corner[-1] - corner[0] - (alone - corner[0]).sum()),
            adds=float(self.weights @ (values @ self.beyond)),
            answers=tuple(corner.tolist()) if factorial else None,
        )

    def _interval(self, joint: NDArray[np.float64], mean: float, noise: float | None) -> tuple[float, float] | None:
        if self.complete:
            # Only noise leaves anything open; a normal tail, since its variance comes from twenty pairs of answers.
            variance = (noise or 0.0) * float((self.weights**2).sum() * (self.whole**2).sum())
            half = float(stdtrit(20, (1 + CONFIDENCE) / 2)) * variance**0.5
        else:
            if len(joint) < 2:
                return None
            # A context that was drawn twice is one measurement with twice the weight.
            weight = float((self.weights**2).sum())
            spread = float(self.weights @ (joint - mean) ** 2) / max(1.0 - weight, 1e-12)
            half = float(stdtrit(max(1.0 / weight - 1.0, 1.0), (1 + CONFIDENCE) / 2)) * (spread * weight) ** 0.5
        return mean - half, mean + half


def _few(d: int, features: Features) -> NDArray[np.bool_]:
    order = len(features)
    masks = np.ones((order + 2, d), dtype=bool)
    masks[:, features] = np.concatenate(
        [np.zeros((1, order), bool), np.eye(order, dtype=bool), np.ones((1, order), bool)]
    )
    return masks
