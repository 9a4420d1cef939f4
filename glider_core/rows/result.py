"""What MADEX found in many rows: counts, mean effects and significance of each set; frozen, JSON both ways."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from glider_core import saved
from glider_core.engine.interaction_sets import drop_subsets
from glider_core.errors import InvalidInput
from glider_core.results import drawings_for_notebooks
from glider_core.rows.significance import (
    NULL_ORDER,
    check_order,
    n_sets,
    p_value,
    q_values,
    significance_threshold,
)
from glider_core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalInteraction:
    """A set of fields that MADEX found in one row or more."""

    features: tuple[int, ...]  # sorted positions in GlobalInteractions.names
    names: tuple[str, ...]  # parallel to features
    count: int  # rows in which it was kept
    share: float  # of all rows
    mean_strength: float  # of the detector, over the rows in which it was kept
    mean_effect: float  # logits, signed: the mean joint effect over these rows
    p_value: float  # of this count or more for one given set, if as many sets per row were drawn at random
    p_adjusted: float  # the same for any set at all (Bonferroni over the whole space)
    rows: tuple[int, ...]  # the first of the rows in which it was kept
    # Its joint effect in each of these rows, logits, signed, to four digits; empty in runs saved before they were kept.
    effects: tuple[float, ...] = ()

    @property
    def order(self) -> int:
        """How many fields it joins."""
        return len(self.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalInteractions:
    """What MADEX found in n rows, most frequent first."""

    names: tuple[str, ...]  # the fields
    model_id: str
    fingerprint: str | None  # of the model
    explained: str  # name of the explained output
    n_rows: int
    interactions: tuple[GlobalInteraction, ...]
    per_row: float  # sets kept per row, on average
    orders: tuple[int, ...]  # how many sets of order 2, 3, ... were kept over all rows
    settings: Settings
    seconds: float = field(compare=False)  # worked; a resumed run's own part
    versions: dict[str, str] = field(hash=False)
    null_order: int = NULL_ORDER  # the p-values' space: sets of at most so many fields
    # What the rows are, for people. Not part of what makes two runs equal: it is a name, not a finding.
    label: str = field(default="", compare=False)

    def top(self, k: int, *, drop_subsets: bool = False) -> tuple[tuple[str, ...], ...]:
        """The names of the k most frequent sets.

        Args:
            k: at most so many.
            drop_subsets: leave out a set that a more frequent one contains; the next ones move up.
        """
        return tuple(interaction.names for interaction in self.prune(k, subsets=drop_subsets))

    def prune(self, k: int, *, subsets: bool = True) -> tuple[GlobalInteraction, ...]:
        """As `top`, with everything known of each set.

        A set goes when a more frequent one contains it. In a run that counts as the paper does, a set also goes when a
        rarer one contains it, as in the authors' code: sets are taken from the top until k are left that are in none of
        the others taken.
        """
        if k < 0:
            raise InvalidInput(f"Got {k} sets to take from the top; give 0 or more.")
        if not subsets:
            return self.interactions[:k]
        if self.settings.counting == "paper":
            return self._largest(k)
        kept = drop_subsets((interaction.features for interaction in self.interactions), limit=k)
        return tuple(self.interactions[position] for position in kept)

    def _largest(self, k: int) -> tuple[GlobalInteraction, ...]:
        """The first k sets of the ranking that no set taken so far contains; all such sets where there are fewer."""
        bits = [sum(1 << feature for feature in each.features) for each in self.interactions]
        kept: dict[int, None] = {}  # places in the ranking
        for place, own in enumerate(bits):
            if len(kept) >= k:
                break
            if not any(own & bits[other] == own for other in kept):
                for other in [other for other in kept if own & bits[other] == bits[other]]:
                    del kept[other]
                kept[place] = None
        return tuple(self.interactions[place] for place in kept)

    def q_values(self) -> tuple[float, ...]:
        """Per set the expected share of chance findings among it and all sets above it (Benjamini and Hochberg 1995).

        They are milder than `p_adjusted`, which bounds the chance of even one chance finding. As there, all sets of at
        most `null_order` fields are tested; those that were never found have p = 1.
        """
        tests = max(n_sets(len(self.names), self.null_order), len(self.interactions))
        return q_values([interaction.p_value for interaction in self.interactions], tests)

    def threshold(self, alpha: float = 0.05) -> int:
        """The count above which a set is significant at level alpha, all sets considered."""
        return significance_threshold(
            len(self.names), self.n_rows, self.per_row, max_order=self.null_order, alpha=alpha
        )

    def with_null(self, max_order: int) -> GlobalInteractions:
        """The same run with its p-values against random sets of at most `max_order` fields.

        Raises:
            InvalidInput: max_order is not within 2..`MAX_NULL_ORDER`.
        """
        check_order(max_order)
        space = n_sets(len(self.names), max_order)
        judged = []
        for interaction in self.interactions:
            p = p_value(interaction.count, len(self.names), self.n_rows, self.per_row, max_order)
            judged.append(replace(interaction, p_value=p, p_adjusted=min(1.0, p * space)))
        return replace(self, interactions=tuple(judged), null_order=max_order)

    def plot(self) -> Any:
        """How often each set was found, as a figure of Plotly's, which notebooks show; needs the extra `app`."""
        return drawings_for_notebooks().figure_of_run(self)

    def _repr_html_(self) -> str | None:
        """What a notebook shows: sets against fields; None, its text alone, where that cannot be drawn."""
        try:
            return drawings_for_notebooks().of_run(self)
        except ImportError:
            return None

    def to_json(self) -> str:
        """All of it as JSON text; `from_json` gives an equal one back."""
        return saved.dump("global run", _RUN.dump_python(self, mode="json"))

    @staticmethod
    def from_json(text: str | bytes) -> GlobalInteractions:
        """A run saved by `to_json`, of this version or of 0.3.

        Raises:
            InvalidInput: the text is no JSON, not of a run, or its parts contradict each other.
        """
        run = saved.validate("global run", _RUN, saved.parse("global run", text)[1])
        check_order(run.null_order)
        _check_parts(run)
        return run

    def table(self) -> pd.DataFrame:
        """A row per set."""
        return pd.DataFrame(
            {
                "rank": range(1, len(self.interactions) + 1),
                "fields": [" × ".join(interaction.names) for interaction in self.interactions],
                "order": [interaction.order for interaction in self.interactions],
                "count": [interaction.count for interaction in self.interactions],
                "share": [interaction.share for interaction in self.interactions],
                "mean_strength": [interaction.mean_strength for interaction in self.interactions],
                "mean_effect": [interaction.mean_effect for interaction in self.interactions],
                "p_value": [interaction.p_value for interaction in self.interactions],
                "p_adjusted": [interaction.p_adjusted for interaction in self.interactions],
                "q_value": self.q_values(),
            }
        )


_RUN = TypeAdapter(GlobalInteractions)


def _check_parts(run: GlobalInteractions) -> None:
    """Refuse a run that someone edited or that was cut together: its parts must fit each other."""
    if run.n_rows < 1 or not 0 <= run.per_row < inf:
        raise InvalidInput(
            f"This saved global run tells of {run.n_rows} rows and {run.per_row} sets per row, which cannot be. "
            "Save it again."
        )
    for interaction in run.interactions:
        d = len(run.names)
        in_order = len(interaction.features) >= 2 and interaction.features == tuple(sorted(set(interaction.features)))
        named = all(0 <= i < d for i in interaction.features) and interaction.names == tuple(
            run.names[i] for i in interaction.features
        )
        counted = 0 < interaction.count <= run.n_rows and abs(interaction.share - interaction.count / run.n_rows) < 1e-6
        in_rows = all(0 <= row < run.n_rows for row in interaction.rows) and len(interaction.rows) <= interaction.count
        in_rows = in_rows and len(interaction.effects) in (0, len(interaction.rows))
        judged = 0 <= interaction.p_value <= 1 and 0 <= interaction.p_adjusted <= 1
        if not (in_order and named and counted and in_rows and judged):
            raise InvalidInput(
                f"This saved global run contradicts itself at the set {' × '.join(interaction.names):.80}: its fields "
                "are not those of the run, its count does not fit the rows, or a p-value is out of range. Save the run "
                "again."
            )
