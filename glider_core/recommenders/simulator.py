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

TARGET = "click"
LEVEL = -1.6  # logits; about a fifth clicks
MATTERS = 0.5  # logits from which a planted set matters in a row


@dataclass(frozen=True, slots=True)
class LogDesign:
    """What is behind every log of one kind, whatever its size and seed."""

    fields: tuple[tuple[str, int], ...]  # a field and its number of ids
    planted: tuple[tuple[str, ...], ...]
    spread: float = 1.2  # logits, the deviation of a planted set's effect over rows
    shared: float = 0.0  # share of its variance that is a product of traits of its ids, so that it can be guessed
    seed: int = 2020  # of the effects

    @property
    def sizes(self) -> dict[str, int]:
        """Ids of each field."""
        return dict(self.fields)


# Few combinations of ids in each planted set: a network learns them well from a million rows.
CLICKS = LogDesign(
    fields=(
        ("hour", 24),
        ("banner_pos", 4),
        ("site_id", 800),
        ("site_category", 16),
        ("app_id", 600),
        ("app_category", 8),
        ("device_model", 1500),
        ("device_type", 5),
        ("device_conn_type", 4),
        ("C1", 4),
        ("C14", 40),
        ("C16", 4),
        ("C18", 4),
        ("C19", 5),
        ("C21", 4),
    ),
    planted=(
        ("site_category", "device_type"),
        ("hour", "app_category"),
        ("banner_pos", "C14"),
        ("device_conn_type", "C16", "C18"),
        ("C1", "C19", "C21"),
    ),
)
# Thousands of ids, ten thousand combinations and more in the planted pairs, most of them rare. What the ids' traits
# tell of a combination, networks learn; what is its own, they hardly do before they begin to learn the rows by heart.
SPARSE = LogDesign(
    fields=(
        ("device_id", 30_000),
        ("app_id", 1000),
        ("device_model", 1000),
        ("C14", 500),
        ("hour", 24),
        ("site_category", 20),
        ("app_category", 16),
        ("device_type", 6),
        ("banner_pos", 8),
        ("C21", 30),
        ("device_conn_type", 6),
        ("C18", 8),
        ("C19", 8),
    ),
    planted=(
        ("app_id", "hour"),
        ("device_model", "app_category"),
        ("C14", "site_category"),
        ("device_type", "banner_pos", "C21"),
        ("device_conn_type", "C18", "C19"),
    ),
    spread=0.9,
    shared=0.6,
)
FIELDS, PLANTED = CLICKS.sizes, CLICKS.planted


@dataclass(frozen=True, slots=True)
class Log:
    """A simulated log with its truth."""

    table: pd.DataFrame  # the fields and the target
    logits: NDArray[np.float64]  # (n,) of the true probabilities


@dataclass(frozen=True, slots=True)
class Truth:
    """A design's parameters."""

    shares: dict[str, NDArray[np.float64]]  # of each field's ids
    own: dict[str, NDArray[np.float64]]  # logits that each id adds
    planted: tuple[NDArray[np.float64], ...]  # per planted set, logits that each combination of ids adds


@cache
def truth(design: LogDesign = CLICKS) -> Truth:
    """The simulator's parameters."""
    rng = np.random.default_rng(design.seed)
    # Ids by frequency: the r-th has about 1 / (r + 3) of the first one's share.
    falling = {name: 1 / (np.arange(size) + 3.0) for name, size in design.fields}
    shares = {name: share / share.sum() for name, share in falling.items()}
    own = {name: rng.normal(size=size) * 0.25 for name, size in design.fields}
    planted = tuple(_pure(rng, [shares[name] for name in fields], design) for fields in design.planted)
    return Truth(shares, own, planted)


def _pure(rng: np.random.Generator, shares: list[NDArray[np.float64]], design: LogDesign) -> NDArray[np.float64]:
    """Random effects of combinations, of mean zero along each axis and deviation `design.spread` over rows."""
    sizes = [len(share) for share in shares]
    table = rng.choice([-1.0, 1.0], size=sizes) * rng.uniform(0.5, 1.5, size=sizes)
    weight = np.ones(())
    for axis, share in enumerate(shares):
        table = table - np.expand_dims(np.average(table, axis=axis, weights=share), axis)
        weight = np.multiply.outer(weight, share)
    table /= np.sqrt((table**2 * weight).sum())
    if design.shared:
        product = np.ones(())
        for size, share in zip(sizes, shares, strict=True):
            trait = rng.choice([-1.0, 1.0], size=size) * rng.uniform(0.5, 1.5, size=size)
            product = np.multiply.outer(product, trait - trait @ share)
        product /= np.sqrt((product**2 * weight).sum())
        table = np.sqrt(1 - design.shared) * table + np.sqrt(design.shared) * product
    return table * design.spread


def simulate(n: int, seed: int, design: LogDesign = CLICKS) -> Log:
    """A log of n rows; the truth behind a design is always the same, the rows depend on the seed."""
    rng, known = np.random.default_rng(seed), truth(design)
    ids = {name: rng.choice(size, size=n, p=known.shares[name]) for name, size in design.fields}
    logit = np.full(n, LEVEL) + sum(known.own[name][values] for name, values in ids.items())
    for fields, table in zip(design.planted, known.planted, strict=True):
        logit = logit + table[tuple(ids[name] for name in fields)]
    log = pd.DataFrame(
        {name: _labels(name, size)[values] for (name, size), values in zip(design.fields, ids.values(), strict=True)}
    )
    log[TARGET] = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    return Log(log, np.asarray(logit))


def planted_in(row: Mapping[str, str], design: LogDesign = CLICKS) -> list[tuple[str, ...]]:
    """The planted sets that matter in a row: those that change its logit by `MATTERS` or more.

    A set with a value that no simulated log holds does not matter.
    """
    numbers = {name: np.flatnonzero(_labels(name, size) == row[name]) for name, size in design.fields}
    return [
        fields
        for fields, table in zip(design.planted, truth(design).planted, strict=True)
        if all(len(numbers[name]) for name in fields)
        and abs(table[tuple(int(numbers[name][0]) for name in fields)]) >= MATTERS
    ]


@cache
def _labels(name: str, size: int) -> NDArray[np.str_]:
    """Ids as they look in a log: hours as numbers, others as short codes that tell nothing."""
    if name == "hour":
        return np.array([f"{hour:02d}" for hour in range(size)])
    salt = sum(map(ord, name))
    return np.array([f"{((i + 1) * 2654435761 + salt * 40503) % 2**20:05x}" for i in range(size)])
