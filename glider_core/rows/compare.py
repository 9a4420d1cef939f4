"""Two global runs side by side: which sets rise, fall, come and go."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, cast

from glider_core.errors import InvalidInput
from glider_core.rows.result import GlobalInteractions


@dataclass(frozen=True, slots=True)
class RankChange:
    """One set in two runs."""

    names: tuple[str, ...]
    ranks: tuple[int | None, int | None]  # from 1, among the sets of fields that both runs have; None: not found
    counts: tuple[int, int]  # rows
    shares: tuple[float, float]  # of the rows


def compare(first: GlobalInteractions, second: GlobalInteractions, *, k: int | None = 40) -> list[RankChange]:
    """The sets among the k most frequent of either run, by field names, the most frequent in either first.

    Where the runs have other fields, only sets of shared fields are compared, and ranks are counted among them.

    Args:
        first: a run.
        second: another one, of another model or of other rows.
        k: how many of each; None for all.

    Raises:
        InvalidInput: the runs share less than two fields, so that no set can be in both.
    """
    shared = set(first.names) & set(second.names)
    if len(shared) < 2:
        raise InvalidInput(
            f"The two runs share {len(shared)} fields; a set has at least two, so there is nothing to compare. "
            "Take runs over the same table."
        )
    tops = [
        [interaction for interaction in run.interactions if shared.issuperset(interaction.names)]
        for run in (first, second)
    ]
    ranked = [
        {frozenset(interaction.names): (rank, interaction) for rank, interaction in enumerate(top, 1)} for top in tops
    ]
    sets = dict.fromkeys(
        frozenset(interaction.names)
        for pair in itertools.zip_longest(*(top[:k] for top in tops))
        for interaction in pair
        if interaction
    )
    changes = []
    for fields in sets:
        entries = [ranks.get(fields) for ranks in ranked]
        names = next(entry[1].names for entry in entries if entry is not None)
        changes.append(
            RankChange(
                names,
                cast(Any, tuple(entry[0] if entry else None for entry in entries)),
                cast(Any, tuple(entry[1].count if entry else 0 for entry in entries)),
                cast(Any, tuple(entry[1].share if entry else 0.0 for entry in entries)),
            )
        )
    return changes
