"""Which sets of fields are worth a cross: by what their numbers gain beyond an additive model, out of fold.

Seconds, not trainings: each set is judged on training rows alone, by numbers that saw neither a row's answer nor a
model that did (`CrossNumbers`). Sets that hardly repeat, and those that say what a better one says, are dropped.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.recommenders.dataset import Dataset
from glider_core.tables.additive import Additive, learn_additive
from glider_core.tables.buckets import learn
from glider_core.tables.cross_numbers import CrossNumbers
from glider_core.tables.cross_tables import loss_of
from glider_core.tables.crosses import checked_sets, title_of
from glider_core.tables.values import texts

MOST_FIELDS = 25  # whose pairs are looked at; of more, those that say most by themselves
NEAR_KEY = 0.5  # distinct values or combinations by rows, from which a set names rows
ALIKE = 0.98  # correlation of two crosses' numbers, from which they say the same
LEVEL = 0.05  # chance that a useless set is tried at all, over all sets
_BUCKETS = 20  # of a dense field by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCandidate:
    """A set of fields, and what a cross of them gains over what they say one by one."""

    fields: tuple[str, ...]
    gain: float = 0.0  # mean logloss that is saved on training rows, out of fold
    t: float = 0.0  # the gain in its standard errors
    dropped: str = ""  # why it was not tried; empty where it was


@dataclass(frozen=True, slots=True)
class Scan:
    """Candidates in order of their gain, dropped ones last, with the numbers of those that can be tried."""

    candidates: tuple[CrossCandidate, ...]
    additive: Additive
    numbers: CrossNumbers | None  # None: no candidate is worth a try
    train: pd.DataFrame  # (n, candidates) the numbers of training rows, out of fold

    @property
    def tried(self) -> tuple[CrossCandidate, ...]:
        """The candidates that are worth a try."""
        return tuple(candidate for candidate in self.candidates if not candidate.dropped)

    def columns(self, sets: Sequence[Sequence[str]], table: pd.DataFrame | None = None) -> NDArray[np.float64]:
        """(n, sets) the numbers of a table's rows; None: of the training rows, out of fold."""
        titles = [title_of(fields) for fields in sets]
        assert self.numbers is not None
        found: Any = (self.train if table is None else self.numbers.only(sets).transform(table))[titles]
        return found.to_numpy(np.float64).reshape(-1, len(titles))


def scan(
    dataset: Dataset,
    sets: Sequence[Sequence[str]] | None = None,
    *,
    also: Sequence[Sequence[str]] = (),
    most: int = 30,
    seed: int = 0,
) -> Scan:
    """Judge sets of fields by training rows; none of them may be worth a try.

    Args:
        dataset: the rows; only those to train on are read.
        sets: of field names, such as those of a global run; None: all pairs of fields.
        also: sets beside these.
        most: sets that are kept to be tried; the others are dropped for their gain.
        seed: of the folds.

    Raises:
        InvalidInput: a set is none, or has a field that the table lacks.
    """
    train, answers = dataset.tables["train"], dataset.parts["train"][1]
    names = [field.name for field in dataset.fields]
    dense = [field.name for field in dataset.fields if field.kind == "dense"]
    _, fields = learn(lambda: iter([train]), names, _BUCKETS, dense)
    additive = learn_additive(fields, train, answers, seed=seed)
    wanted = _pairs(names, train, answers, dense) if sets is None else checked_sets(sets, 1, None)
    if also:
        known = {frozenset(own) for own in wanted}
        wanted = [*wanted, *(own for own in checked_sets(also, 1, None) if frozenset(own) not in known)]
    dropped = [
        CrossCandidate(fields=own, dropped=words)
        for own in wanted
        if (words := _repeats_little(own, train, dense)) != ""
    ]
    left = [own for own in wanted if own not in {candidate.fields for candidate in dropped}]
    if not left:
        return Scan(tuple(dropped), additive, None, pd.DataFrame(index=train.index))
    numbers = CrossNumbers(left, dense=dense, seed=seed)
    columns = numbers.learn(train, answers, additive=additive)
    base = additive.out_of_fold
    judged, saved = [], {}
    for own in left:
        rows = loss_of(base, answers) - loss_of(base + columns[title_of(own)].to_numpy(), answers)
        saved[own] = rows
        judged.append(CrossCandidate(fields=own, gain=float(rows.mean()), t=_deviations(rows)))
    judged.sort(key=lambda candidate: -candidate.t)
    # The best of many useless sets gains something by chance: each must exceed what the best of so many would.
    needed = NormalDist().inv_cdf(1 - LEVEL / len(judged))
    weak = [replace(c, dropped=f"gains {c.t:.1f} deviations; {needed:.1f} are noise") for c in judged if c.t <= needed]
    strong, nested = _without_nested([c for c in judged if c.t > needed], saved)
    tried, rest = _distinct(strong, columns, most)
    rest = sorted([*rest, *nested, *weak], key=lambda candidate: -candidate.t)
    if not tried:
        return Scan((*rest, *dropped), additive, None, columns)
    kept = [candidate.fields for candidate in tried]
    titles: Any = columns[[title_of(own) for own in kept]]
    return Scan((*tried, *rest, *dropped), additive, numbers.only(kept), titles)


def _pairs(
    names: Sequence[str], train: pd.DataFrame, answers: NDArray[np.float32], dense: Sequence[str]
) -> list[tuple[str, ...]]:
    if len(names) > MOST_FIELDS:
        _, fields = learn(lambda: iter([train]), names, _BUCKETS, dense)
        spread = {}
        for name, field in fields.items():
            _, codes = np.unique(field.codes(train[name]), return_inverse=True)
            rows, ones = np.bincount(codes), np.bincount(codes, weights=answers)
            rate = (ones + 20 * answers.mean()) / (rows + 20)
            spread[name] = float(np.sum(rows * (rate - answers.mean()) ** 2))
        best = set(sorted(names, key=lambda name: -spread[name])[:MOST_FIELDS])
        names = [name for name in names if name in best]
    return list(itertools.combinations(names, 2))


def _repeats_little(fields: Sequence[str], train: pd.DataFrame, dense: Sequence[str]) -> str:
    """Why a set's combinations cannot be learned; empty where they can."""
    table: Any = train
    own: Mapping[str, Any] = {name: texts(table[name]) for name in fields if name in train and name not in dense}
    for name, column in own.items():
        if column.nunique() > NEAR_KEY * len(train):
            return f"{name} is nearly a key: most rows have a value of their own"
    if len(own) == len(fields) and len(pd.DataFrame(own).drop_duplicates()) > NEAR_KEY * len(train):
        return "most rows have a combination of their own"
    return ""


def _deviations(saved: NDArray[np.float64]) -> float:
    return float(saved.mean() / max(saved.std() / len(saved) ** 0.5, 1e-12))


def _without_nested(
    judged: Sequence[CrossCandidate], saved: Mapping[tuple[str, ...], NDArray[np.float64]]
) -> tuple[list[CrossCandidate], list[CrossCandidate]]:
    """Of two nested sets the larger one is dropped, unless it gains more beyond noise; then the smaller one is."""
    words: dict[tuple[str, ...], str] = {}
    for small, large in itertools.permutations(judged, 2):
        if set(small.fields) < set(large.fields):
            if _deviations(saved[large.fields] - saved[small.fields]) > 2:
                words[small.fields] = f"part of {title_of(large.fields)}, which gains more"
            else:
                words[large.fields] = f"gains no more than {title_of(small.fields)}, which is part of it"
    left = [candidate for candidate in judged if candidate.fields not in words]
    return left, [replace(c, dropped=words[c.fields]) for c in judged if c.fields in words]


def _distinct(
    judged: Sequence[CrossCandidate], columns: pd.DataFrame, most: int
) -> tuple[list[CrossCandidate], list[CrossCandidate]]:
    """The candidates to be tried, and those that are dropped for a better one."""
    tried: list[CrossCandidate] = []
    rest: list[CrossCandidate] = []
    correlations = columns.corr()
    for candidate in judged:
        alike = next(
            (c for c in tried if abs(correlations.loc[title_of(c.fields), title_of(candidate.fields)]) > ALIKE), None
        )
        words = ""
        if alike is not None:
            words = f"says the same as {title_of(alike.fields)}"
        elif len(tried) >= most:
            words = f"gains less than {most} others"
        if words:
            rest.append(replace(candidate, dropped=words))
        else:
            tried.append(candidate)
    return tried, rest
