"""Counting sets over rows, chunk after chunk; memory grows with the number of different sets, not with that of rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from glider_core.cases import Case
from glider_core.engine.interaction_sets import Features
from glider_core.errors import InvalidInput
from glider_core.provenance import versions
from glider_core.rows.chunk import ChunkSets
from glider_core.rows.result import GlobalInteraction, GlobalInteractions
from glider_core.rows.significance import n_sets, p_value

KEPT_ROWS = 1000  # row numbers remembered per set


class Tally:
    """Counts per set; sums are kept as they come, chunk after chunk, so that they are the same in every run.

    Args:
        case: of the run.
        label: what the rows are, for people.
    """

    def __init__(self, case: Case, label: str = "") -> None:
        self._case, self._label = case, label
        self._names: tuple[str, ...] | None = None
        self._explained = ""
        self.n_rows = 0
        self._sets: dict[Features, _Sums] = {}

    def add(self, chunk: ChunkSets) -> None:
        """Count the sets of the next rows.

        Raises:
            InvalidInput: they have other features than the rows before.
        """
        if self._names is None:
            self._names, self._explained = chunk.names, chunk.explained
        if chunk.names != self._names:
            raise InvalidInput("Rows have different features; interactions cannot be counted over them.")
        for row in chunk.rows:
            for features, strength, effect in row:
                sums = self._sets.setdefault(features, _Sums())
                sums.count += 1
                sums.strength += strength
                sums.effect += effect
                if len(sums.rows) < KEPT_ROWS:
                    sums.rows.append(self.n_rows)
                    sums.effects.append(round(effect, 4))
            self.n_rows += 1

    def result(self, seconds: float) -> GlobalInteractions:
        """What has been counted so far, in so many seconds of work."""
        names = self._names or ()
        ranked = sorted(self._sets.items(), key=lambda item: (-item[1].count, len(item[0]), item[0]))
        n_kept = sum(sums.count for _, sums in ranked)
        orders: dict[int, int] = defaultdict(int)
        for features, sums in ranked:
            orders[len(features)] += sums.count
        per_row = n_kept / max(self.n_rows, 1)
        interactions = []
        for features, sums in ranked:
            p = p_value(sums.count, len(names), self.n_rows, per_row)
            interactions.append(
                GlobalInteraction(
                    features=features,
                    names=tuple(names[i] for i in features),
                    count=sums.count,
                    share=sums.count / self.n_rows,
                    mean_strength=sums.strength / sums.count,
                    mean_effect=sums.effect / sums.count,
                    p_value=p,
                    p_adjusted=min(1.0, p * n_sets(len(names))),
                    rows=tuple(sums.rows),
                    effects=tuple(sums.effects),
                )
            )
        return GlobalInteractions(
            names=names,
            model_id=self._case.model,
            fingerprint=self._case.identity,
            explained=self._explained,
            n_rows=self.n_rows,
            interactions=tuple(interactions),
            per_row=per_row,
            orders=tuple(orders.get(order, 0) for order in range(2, max(orders, default=1) + 1)),
            settings=self._case.settings,
            seconds=seconds,
            versions=versions(),
            label=self._label,
        )


@dataclass(slots=True)
class _Sums:
    count: int = 0
    strength: float = 0.0
    effect: float = 0.0
    rows: list[int] = field(default_factory=list)
    effects: list[float] = field(default_factory=list)
