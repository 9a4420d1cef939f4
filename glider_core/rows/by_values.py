"""From a set of fields to its values: which of their combinations carry it, by the effects measured row by row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from glider_core.errors import InvalidInput
from glider_core.rows.result import GlobalInteraction
from glider_core.rows.slices import row_slices


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Rows that have the same values of a set's fields, and in which the set was found."""

    values: tuple[str, ...]  # as `row_slices` names them, parallel to the set's names
    count: int  # of these rows
    effect: float  # logits: the mean joint effect in them
    low: float  # the least and the greatest of them
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A pair of fields over its values."""

    values: tuple[tuple[str, ...], tuple[str, ...]]
    effects: tuple[tuple[float | None, ...], ...]  # mean joint effect; None where the set was found in no row
    counts: tuple[tuple[int, ...], ...]


def combinations(found: GlobalInteraction, rows: pd.DataFrame) -> list[Combination]:
    """The combinations of values in which a set was found, those first that carry most of it.

    Numbers of which there are many are taken in four ranges.

    Args:
        found: with its effects row by row.
        rows: of the run; the set's `rows` count them from 0.

    Raises:
        InvalidInput: the run keeps no effects by row, or these are not its rows.
    """
    if not found.effects:
        raise InvalidInput("This run was saved without effects by row; run it again to see which values carry a set.")
    if (found.rows and found.rows[-1] >= len(rows)) or not set(found.names) <= set(rows.columns):
        raise InvalidInput(f"The run was made of other rows than these {len(rows):,}; give the rows it explains.")
    positions = list(found.rows)
    named = [_named(cast(pd.Series, rows[name]), positions) for name in found.names]
    groups: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for values, effect in zip(zip(*named, strict=True), found.effects, strict=True):
        groups[values].append(effect)
    listed = [
        Combination(
            values=values, count=len(effects), effect=float(np.mean(effects)), low=min(effects), high=max(effects)
        )
        for values, effects in groups.items()
    ]
    return sorted(listed, key=lambda each: (-abs(each.effect * each.count), each.values))


def grid(found: Sequence[Combination], most: int = 8) -> Grid:
    """The combinations of a pair as a table of value by value, of the values that carry most.

    Args:
        found: of a set of two fields.
        most: values of each field.
    """
    chosen = []
    for side in (0, 1):
        weight: dict[str, float] = defaultdict(float)
        for each in found:
            weight[each.values[side]] += abs(each.effect) * each.count
        heaviest = sorted(weight, key=lambda value: (-weight[value], value))[:most]
        chosen.append(tuple(sorted(heaviest, key=_in_order)))
    cells = {each.values: each for each in found}
    lines = [[cells.get((first, second)) for second in chosen[1]] for first in chosen[0]]
    return Grid(
        values=(chosen[0], chosen[1]),
        effects=tuple(tuple(None if cell is None else cell.effect for cell in line) for line in lines),
        counts=tuple(tuple(0 if cell is None else cell.count for cell in line) for line in lines),
    )


def _named(column: pd.Series, positions: Sequence[int]) -> list[str]:
    """The name of the part of its column that each of these rows belongs to."""
    names = np.full(len(column), "(other)", dtype=object)
    for name, inside in row_slices(column).items():
        names[inside] = name
    return [str(names[position]) for position in positions]


def _in_order(value: str) -> tuple[int, float, str]:
    """Numbers and ranges by their size, before words."""
    try:
        return 0, float(value.split(" ")[0]), value
    except ValueError:
        return 1, 0.0, value
