"""A click log with known truth: Avazu-like fields, and planted pairs and triples that make people click.

Every field has ids of falling frequency, like real logs. The logit of a click is a level, an effect of each id, and
for each planted set an effect of the combination of ids. The latter is purely of the set: its mean over any one field
is zero, so that no part of the set tells anything of it. In some rows it is large, in others next to nothing: there
the set does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Field and number of ids.
FIELDS = {
    "hour": 24,
    "banner_pos": 4,
    "site_id": 800,
    "site_category": 16,
    "app_id": 600,
    "app_category": 8,
    "device_model": 1500,
    "device_type": 5,
    "device_conn_type": 4,
    "C1": 4,
    "C14": 40,
    "C16": 4,
    "C18": 4,
    "C19": 5,
    "C21": 4,
}
PLANTED: tuple[tuple[str, ...], ...] = (
    ("site_category", "device_type"),
    ("hour", "app_category"),
    ("banner_pos", "C14"),
    ("device_conn_type", "C16", "C18"),
    ("C1", "C19", "C21"),
)
TARGET = "click"
LEVEL = -1.6  # logits; about a fifth clicks
SPREAD = 1.2  # logits, the deviation of a planted set's effect over rows
MATTERS = 0.5  # logits from which a planted set matters in a row
_TRUTH_SEED = 2020  # of the effects: every log of every size has the same truth


@dataclass(frozen=True, slots=True)
class Log:
    """A simulated log with its truth."""

    table: pd.DataFrame  # the fields and the target
    logits: NDArray[np.float64]  # (n,) of the true probabilities


@dataclass(frozen=True, slots=True)
class Truth:
    """What is behind every log, whatever its size and seed."""

    shares: dict[str, NDArray[np.float64]]  # of each field's ids
    own: dict[str, NDArray[np.float64]]  # logits that each id adds
    planted: tuple[NDArray[np.float64], ...]  # per planted set, logits that each combination of ids adds


@cache
def truth() -> Truth:
    """The simulator's parameters."""
    rng = np.random.default_rng(_TRUTH_SEED)
    # Ids by frequency: the r-th has about 1 / (r + 3) of the first one's share.
    falling = {name: 1 / (np.arange(size) + 3.0) for name, size in FIELDS.items()}
    shares = {name: share / share.sum() for name, share in falling.items()}
    own = {name: rng.normal(size=size) * 0.25 for name, size in FIELDS.items()}
    planted = tuple(_pure(rng, [shares[name] for name in fields]) for fields in PLANTED)
    return Truth(shares, own, planted)


def _pure(rng: np.random.Generator, shares: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Random effects of combinations, of mean zero along each axis and deviation `SPREAD` over rows."""
    sizes = [len(share) for share in shares]
    table = rng.choice([-1.0, 1.0], size=sizes) * rng.uniform(0.5, 1.5, size=sizes)
    weight = np.ones(())
    for axis, share in enumerate(shares):
        table = table - np.expand_dims(np.average(table, axis=axis, weights=share), axis)
        weight = np.multiply.outer(weight, share)
    return table * SPREAD / np.sqrt((table**2 * weight).sum())


def simulate(n: int, seed: int) -> Log:
    """A log of n rows; the truth behind it is always the same, the rows depend on the seed."""
    rng, known = np.random.default_rng(seed), truth()
    ids = {name: rng.choice(size, size=n, p=known.shares[name]) for name, size in FIELDS.items()}
    logit = np.full(n, LEVEL) + sum(known.own[name][values] for name, values in ids.items())
    for fields, table in zip(PLANTED, known.planted, strict=True):
        logit = logit + table[tuple(ids[name] for name in fields)]
    log = pd.DataFrame({name: _labels(name)[values] for name, values in ids.items()})
    log[TARGET] = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    return Log(log, np.asarray(logit))


def planted_in(row: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The planted sets that matter in a row: those that change its logit by `MATTERS` or more."""
    numbers = {name: int(np.flatnonzero(_labels(name) == row[name])[0]) for name in FIELDS}
    return [
        fields
        for fields, table in zip(PLANTED, truth().planted, strict=True)
        if abs(table[tuple(numbers[name] for name in fields)]) >= MATTERS
    ]


def _labels(name: str) -> NDArray[np.str_]:
    """Ids as they look in a log: hours as numbers, others as short codes that tell nothing."""
    if name == "hour":
        return np.array([f"{hour:02d}" for hour in range(FIELDS[name])])
    salt = sum(map(ord, name))
    return np.array([f"{((i + 1) * 2654435761 + salt * 40503) % 2**20:05x}" for i in range(FIELDS[name])])
