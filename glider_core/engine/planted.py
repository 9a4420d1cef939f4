"""Planted truth: random on/off functions whose interactions are known, and how well a detector ranks them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.instance import FunctionInstance
from glider_core.engine.interaction_sets import Features
from glider_core.results import Candidate, Interaction


def planted_instance(
    d: int, seed: int, *, orders: Sequence[int] = (2, 2, 3)
) -> tuple[FunctionInstance, list[Features]]:
    """A sum of random main effects and of one product for each order asked for, on disjoint random features.

    Main effects are standard normal; a product's coefficient is 1 to 3 in size, of either sign.

    Returns:
        The instance, and its planted sets.
    """
    rng = np.random.default_rng(seed)
    features = rng.permutation(d)[: sum(orders)]
    planted = [tuple(sorted(part.tolist())) for part in np.split(features, np.cumsum(orders)[:-1])]
    main = rng.normal(size=d)
    sizes = rng.uniform(1, 3, len(planted)) * rng.choice([-1, 1], len(planted))

    def black_box(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        answers = masks @ main
        for size, members in zip(sizes, planted, strict=True):
            answers = answers + size * masks[:, members].all(axis=1)
        return answers

    return FunctionInstance([f"x{i}" for i in range(d)], black_box), planted


FAMILIES = ("products", "deep", "parity", "any", "nested", "noisy or")
OUTSIDE = ("majorities", "tanh", "relu")  # families that no few terms make up


def planted_family(name: str, d: int, seed: int, *, noise: float = 0.0) -> tuple[FunctionInstance, list[Features]]:
    """A random function of a family, on random features among d, all of which have main effects.

    "products": of two, two and three features; "deep": of five, two and two; "parity": of two and of three; "any": one
    of four, and the largest of four; "nested": two pairs that share a feature, inside a set of four; "noisy or": the
    log-odds of one of three products causing something; "majorities": of three and of five; "tanh": of a sum of four;
    "relu": small random networks on three and on four features.

    Args:
        name: of `FAMILIES` or `OUTSIDE`.
        d: features, at least ten.
        seed: of everything drawn.
        noise: deviation of what is added to each mask's answer, in deviations of the answers; the same for equal masks.

    Returns:
        The instance, its `explained` the family's name, and the planted sets.
    """
    rng = np.random.default_rng([seed, d, (FAMILIES + OUTSIDE).index(name)])
    order = rng.permutation(d).tolist()
    main = rng.normal(size=d) * (1.0 if name == "products" else (20 / d) ** 0.5)
    sizes = rng.uniform(1, 3, 3) * rng.choice([-1, 1], 3)
    places = _PLACES[name]
    sets = [tuple(sorted(order[place] for place in part)) for part in places]
    joint = _joint_function(name, sets, sizes, rng)

    def black_box(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        return masks @ main * (0.3 if name == "noisy or" else 1.0) + joint(masks)

    if noise:
        probe = rng.random((2000, d)) < rng.random((2000, 1))
        deviation = noise * float(black_box(probe).std())
        key = int(rng.integers(2**32))
        noisy = _with_noise(black_box, deviation, key)
        return FunctionInstance([f"x{i}" for i in range(d)], noisy, explained=name), sets
    return FunctionInstance([f"x{i}" for i in range(d)], black_box, explained=name), sets


_PLACES: dict[str, list[tuple[int, ...]]] = {
    "products": [(0, 1), (2, 3), (4, 5, 6)],
    "deep": [(0, 1, 2, 3, 4), (5, 6), (7, 8)],
    "parity": [(0, 1), (2, 3, 4)],
    "any": [(0, 1, 2, 3), (4, 5, 6, 7)],
    "nested": [(0, 1), (1, 2), (0, 1, 2, 3)],
    "noisy or": [(0, 1), (2, 3), (4, 5, 6)],
    "majorities": [(0, 1, 2), (3, 4, 5, 6, 7)],
    "tanh": [(0, 1, 2, 3)],
    "relu": [(0, 1, 2), (3, 4, 5, 6)],
}
Answer = Callable[[NDArray[np.bool_]], NDArray[np.float64]]


def _joint_function(
    name: str, sets: Sequence[Features], sizes: NDArray[np.float64], rng: np.random.Generator
) -> Answer:
    parts = [list(features) for features in sets]
    if name == "parity":
        return lambda m: _sum(
            size * (2.0 * (m[:, part].sum(1) % 2) - 1.0) for size, part in zip(sizes, parts, strict=False)
        )
    if name == "any":
        values = rng.uniform(0.5, 1.5, 4)
        return lambda m: sizes[0] * m[:, parts[0]].any(1) + sizes[1] * (m[:, parts[1]] * values).max(1)
    if name == "noisy or":
        causes = rng.uniform(0.4, 0.8, len(parts))

        def log_odds(m: NDArray[np.bool_]) -> NDArray[np.float64]:
            none = 0.9 * np.prod([1 - c * m[:, part].all(1) for c, part in zip(causes, parts, strict=True)], axis=0)
            return np.log((1 - none) / none)

        return log_odds
    if name == "majorities":
        return lambda m: 2.0 * (m[:, parts[0]].sum(1) >= 2) + 2.0 * (m[:, parts[1]].sum(1) >= 3)
    if name == "tanh":
        weights = rng.uniform(0.8, 1.6, 4) * rng.choice([-1, 1], 4)
        return lambda m: 3.0 * np.tanh(m[:, parts[0]] @ weights)
    if name == "relu":
        networks = [(rng.normal(size=(len(part), 4)), rng.normal(size=4), rng.normal(size=4) * 1.5) for part in parts]
        return lambda m: _sum(
            np.maximum(m[:, part] @ inner + bias, 0.0) @ outer
            for part, (inner, bias, outer) in zip(parts, networks, strict=True)
        )
    sizes = sizes * ([1.5, 1.0, 1.0] if name == "deep" else 1.0)
    return lambda m: _sum(size * m[:, part].all(1) for size, part in zip(sizes, parts, strict=True))


def _sum(parts: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.sum(list(parts), axis=0)


def _with_noise(black_box: Answer, deviation: float, key: int) -> Answer:
    def answer(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        packed = np.packbits(masks, axis=1)
        noise = [np.random.default_rng([key, *row.tolist()]).normal() for row in packed]
        return black_box(masks) + deviation * np.array(noise)

    return answer


def r_precision(ranking: Sequence[Candidate | Interaction], planted: Sequence[Features]) -> float:
    """The share of the planted sets among as many sets at the top of the ranking."""
    top = {candidate.features for candidate in ranking[: len(planted)]}
    return len(top & set(planted)) / len(planted)


Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def table9() -> dict[str, tuple[Function, Features]]:
    """F1 to F4 of the paper's Table 9 on ten features in [-1, 1], (n, 10) to (n,), each with its interaction."""
    return {
        "F1": (lambda x: 10 * x[:, 0] * x[:, 1] + x[:, 2:].sum(1), (0, 1)),
        "F2": (lambda x: x[:, 0] * x[:, 1] + x[:, 2:].sum(1), (0, 1)),
        "F3": (lambda x: np.exp(np.abs(x[:, 0] + x[:, 1])) + x[:, 2:].sum(1), (0, 1)),
        "F4": (lambda x: 10 * x[:, 0] * x[:, 1] * x[:, 2] + x[:, 3:].sum(1), (0, 1, 2)),
    }


def on_off(function: Function, x: NDArray[np.float64]) -> Callable[[NDArray[np.bool_]], NDArray[np.float64]]:
    """The function of masks (n, d) that has a feature's value from the instance x (d,) where it is on, else 0."""
    return lambda masks: function(masks * x)
