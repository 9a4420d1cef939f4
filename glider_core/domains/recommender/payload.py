"""What the picture of a row needs: its values, how each field is read, and what a simulator knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from glider_core.payload import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPayload(Payload):
    """One row; all tuples are parallel to the fields."""

    domain: ClassVar[str] = "recommender"

    values: tuple[str, ...]  # as people read them
    known: tuple[bool, ...]  # whether the model has learned the value; else it reads "other"
    kinds: tuple[str, ...]  # "dense" or "categorical"
    # The sets of fields that a simulator planted and that matter in this row, as sorted positions; None: not simulated.
    planted: tuple[tuple[int, ...], ...] | None = None
    truth: bool | None = None  # what really happened in this row; None: not known

    def grouped(self, members: Sequence[Sequence[int]], names: Sequence[str]) -> RowPayload:
        """A group of fields is a field with all of their values; what was planted is of single fields."""
        return RowPayload(
            values=tuple(" · ".join(self.values[i] for i in inside) for inside in members),
            known=tuple(all(self.known[i] for i in inside) for inside in members),
            kinds=tuple(self.kinds[inside[0]] for inside in members),
            truth=self.truth,
        )

    def fits(self, d: int) -> bool:
        """A field is a feature."""
        sets = self.planted or ()
        return len(self.values) == len(self.known) == len(self.kinds) == d and all(0 <= i < d for s in sets for i in s)
