"""A click log with known truth: Avazu-like fields, and planted pairs and triples that make people click.

Every field has ids of falling frequency, like real logs. The logit of a click is a level, an effect of each id, and for
each planted set an effect of the combination of ids: for about four in ten combinations none, for the others 1 to 2
logits up or down. So a planted set matters in some rows and not in others, and no single field of it tells which.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Field and number of ids.
FIELDS = {
    "hour": 24,
    "banner_pos": 4,
    "site_id": 800,
    "site_category": 20,
    "app_id": 600,
    "app_category": 16,
    "device_model": 1500,
    "device_type": 5,
    "device_conn_type": 4,
    "C1": 6,
    "C14": 120,
    "C16": 5,
    "C18": 4,
    "C19": 7,
    "C21": 6,
}
PLANTED = (
    ("site_category", "device_type"),
    ("hour", "app_category"),
    ("banner_pos", "C14"),
    ("device_conn_type", "C16", "C18"),
    ("C1", "C19", "C21"),
)
TARGET = "click"
LEVEL = -1.6  # logits; about a fifth clicks
MATTERS = 0.5  # logits of a combination's effect from which it matters in a row
_TRUTH_SEED = 2020  # of the effects: every log of every size has the same truth


@dataclass(frozen=True, slots=True)
class Log:
    """A simulated log with its truth."""

    table: pd.DataFrame  # the fields and the target
    logits: NDArray[np.float64]  # (n,) of the true probabilities
    effects: NDArray[np.float64]  # (n, planted sets) logits that each set adds in each row


def simulate(n: int, seed: int) -> Log:
    """A log of n rows; the truth behind it is always the same, the rows depend on the seed."""
    truth = np.random.default_rng(_TRUTH_SEED)
    rng = np.random.default_rng(seed)
    ids, logit = {}, np.full(n, LEVEL)
    for name, size in FIELDS.items():
        # Ids by frequency: the r-th has about 1 / (r + 3) of the first one's share.
        share = 1 / (np.arange(size) + 3.0)
        ids[name] = rng.choice(size, size=n, p=share / share.sum())
        logit += (truth.normal(size=size) * 0.25)[ids[name]]
    effects = np.empty((n, len(PLANTED)))
    for number, fields in enumerate(PLANTED):
        shape = tuple(FIELDS[name] for name in fields)
        sign = truth.choice([0.0, 1.0, -1.0], p=[0.4, 0.3, 0.3], size=shape)
        effects[:, number] = (sign * truth.uniform(1, 2, size=shape))[tuple(ids[name] for name in fields)]
    logit += effects.sum(axis=1)
    table = pd.DataFrame({name: _labels(name)[values] for name, values in ids.items()})
    table[TARGET] = (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    return Log(table, logit, effects)


def planted_in(effects: NDArray[np.float64], names: tuple[str, ...]) -> list[tuple[int, ...]]:
    """The planted sets that matter in a row with these effects (planted sets,), as sorted positions in `names`."""
    return [
        tuple(sorted(names.index(name) for name in fields))
        for fields, effect in zip(PLANTED, effects, strict=True)
        if abs(effect) >= MATTERS
    ]


def row_effects(row: dict[str, str]) -> NDArray[np.float64]:
    """(planted sets,) logits that each set adds in a row of this simulator."""
    truth = np.random.default_rng(_TRUTH_SEED)
    numbers = {name: int(np.flatnonzero(_labels(name) == row[name])[0]) for name in FIELDS}
    for size in FIELDS.values():
        truth.normal(size=size)
    found = []
    for fields in PLANTED:
        shape = tuple(FIELDS[name] for name in fields)
        sign = truth.choice([0.0, 1.0, -1.0], p=[0.4, 0.3, 0.3], size=shape)
        found.append((sign * truth.uniform(1, 2, size=shape))[tuple(numbers[name] for name in fields)])
    return np.array(found)


def _labels(name: str) -> NDArray[np.str_]:
    """Ids as they look in a log: hours as numbers, others as short codes that tell nothing."""
    if name == "hour":
        return np.array([f"{hour:02d}" for hour in range(FIELDS[name])])
    salt = sum(map(ord, name))
    return np.array([f"{((i + 1) * 2654435761 + salt * 40503) % 2**20:05x}" for i in range(FIELDS[name])])
