"""Which rows a global run explains, and which of its sets are listed: choices as values; no Streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

import glider_core as gl
from glider_core.rows.slices import row_slices

ALL_ORDERS = "all"
ORDERS = (ALL_ORDERS, "2", "3", "4+")
SIGNIFICANCE_LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSlice:
    """The rows of a table with certain values of one field; all rows where no value is named."""

    field: str | None = None
    values: tuple[str, ...] = ()  # names of `row_slices`

    def within(self, table: pd.DataFrame, names: Sequence[str]) -> RowSlice:
        """The part of this slice that a table has: its field among `names`, and the values that occur in it."""
        if self.field is None or self.field not in names:
            return RowSlice()
        occurring = row_slices(cast(pd.Series, table[self.field]))
        return RowSlice(field=self.field, values=tuple(value for value in self.values if value in occurring))

    def apply(self, table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
        """The rows of the slice, and what to call them; the name is empty where they are all rows."""
        if self.field is None or not self.values:
            return table, ""
        parts = row_slices(cast(pd.Series, table[self.field]))
        inside = np.any([parts[value] for value in self.values], axis=0)
        if inside.all():
            return table, ""
        return cast(pd.DataFrame, table.loc[inside]), f"{self.field}: {' or '.join(self.values)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFilter:
    """Which interactions of a run are listed and drawn."""

    order: str = ALL_ORDERS  # one of ORDERS
    fields: tuple[str, ...] = ()  # a set must have one of them; empty: any
    significant: bool = False  # at SIGNIFICANCE_LEVEL, all sets considered
    no_subsets: bool = False  # leave out a set that a more frequent one contains

    def apply(self, run: gl.GlobalInteractions) -> list[gl.GlobalInteraction]:
        """The run's interactions that pass, most frequent first."""
        candidates = run.prune(len(run.interactions)) if self.no_subsets else run.interactions
        return [interaction for interaction in candidates if self._passes(interaction)]

    def _passes(self, interaction: gl.GlobalInteraction) -> bool:
        return (
            (self.order == ALL_ORDERS or min(interaction.order, 4) == int(self.order[0]))
            and (not self.fields or not set(self.fields).isdisjoint(interaction.names))
            and (not self.significant or interaction.p_adjusted < SIGNIFICANCE_LEVEL)
        )


def orders_of(run: gl.GlobalInteractions) -> tuple[str, ...]:
    """The choices among ORDERS that differ for this run."""
    return ORDERS[: 1 + min(max(len(run.orders), 1), 3)]
