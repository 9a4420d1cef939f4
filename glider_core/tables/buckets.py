"""How a field is read for crosses: each category by its number, dense values in quantile buckets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.tables.values import DENSE_FROM, MISSING, is_numeric, numbers, positions, texts

_SAMPLE = 200_000  # values of a dense field that its quantiles are taken from


@dataclass(slots=True)
class CrossField:
    """A field's values by number, or the inner edges of its buckets."""

    values: pd.Index | None = None
    edges: NDArray[np.float64] | None = None

    def codes(self, column: Any) -> NDArray[np.int64]:
        """(n,): -1 for an unseen value, 0 for a missing number."""
        if self.edges is not None:
            values = numbers(column)
            return np.where(np.isnan(values), 0, np.searchsorted(self.edges, values, side="right") + 1)
        assert self.values is not None
        return positions(column, self.values)

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        if self.edges is not None:
            return {"edges": self.edges.tolist()}
        return {"values": list(self.values)}  # type: ignore[arg-type]

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> CrossField:
        """What `to_dict` gave; files of version 0.3 call a missing value "" and not as fields do."""
        if "edges" in stored:
            return CrossField(edges=np.array(stored["edges"], dtype=np.float64))
        return CrossField(values=pd.Index([value or MISSING for value in stored["values"]], dtype=object))


def learn(
    read: Callable[[], Iterator[pd.DataFrame]], names: Sequence[str], buckets: int, dense: Sequence[str] | None
) -> tuple[int, dict[str, CrossField]]:
    """How many rows there are, and every field's categories or quantile buckets.

    Args:
        read: yields the table's parts, anew each time.
        names: of the fields.
        buckets: of a dense field, at most.
        dense: names of the dense fields; None: numbers with more than `DENSE_FROM` distinct values in all rows.
    """
    is_dense = _guess_dense(read, names) if dense is None else set(dense)
    n, rng = 0, np.random.default_rng(0)
    values: dict[str, pd.Index] = {name: pd.Index([], dtype=object) for name in names if name not in is_dense}
    samples: dict[str, NDArray[np.float64]] = {name: np.zeros(0) for name in names if name in is_dense}
    for part in read():
        for name in names:
            column: Any = part[name]
            if name in values:
                values[name] = values[name].append(pd.Index(texts(column).unique()).difference(values[name]))
            else:
                found = numbers(column)
                samples[name] = _sampled(samples[name], found[np.isfinite(found)], n, rng)
        n += len(part)
    fields = {name: CrossField(values=index) for name, index in values.items()}
    for name, sample in samples.items():
        edges = np.quantile(sample, np.arange(1, buckets) / buckets) if len(sample) else np.zeros(0)
        fields[name] = CrossField(edges=np.unique(edges))
    return n, {name: fields[name] for name in names}


def _guess_dense(read: Callable[[], Iterator[pd.DataFrame]], names: Sequence[str]) -> set[str]:
    """The fields that hold numbers in every part, and more than `DENSE_FROM` of them in all."""
    distinct: dict[str, set[float]] = {name: set() for name in names}
    for part in read():
        for name in list(distinct):
            column: Any = part[name]
            if not is_numeric(column) and bool(column.notna().any()):
                del distinct[name]
            elif len(distinct[name]) <= DENSE_FROM:
                distinct[name].update(pd.unique(numbers(column.dropna())).tolist())
        if not distinct:
            break
    return {name for name, values in distinct.items() if len(values) > DENSE_FROM}


def _sampled(
    sample: NDArray[np.float64], new: NDArray[np.float64], seen: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """About `_SAMPLE` of all values so far, each as likely as any other."""
    if len(sample) + len(new) <= _SAMPLE:
        return np.concatenate([sample, new])
    share = len(new) / max(seen + len(new), 1)
    from_new = min(len(new), max(1, round(_SAMPLE * share)))
    from_old = min(len(sample), _SAMPLE - from_new)
    return np.concatenate([rng.choice(sample, from_old, replace=False), rng.choice(new, from_new, replace=False)])
