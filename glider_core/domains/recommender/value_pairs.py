"""A pair of fields over its values: what the two add together for each value of one with each of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.domains.recommender.model import RecommenderModel
from glider_core.domains.recommender.payload import RowPayload
from glider_core.errors import InvalidInput
from glider_core.tables.fields import Field
from glider_core.tables.values import is_missing

MOST = 8  # values of a field


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePairs:
    """Joint effects of two fields, by their values."""

    fields: tuple[str, str]
    values: tuple[tuple[str, ...], tuple[str, ...]]  # as people read them
    effects: NDArray[np.float64]  # (values of the first, of the second), logits, signed
    here: tuple[int, int]  # the row's own values


def value_pairs(model: RecommenderModel, raw: Any, first: str, second: str, *, most: int = MOST) -> ValuePairs:
    """What two fields of a row add jointly beyond what they add one by one, for each value of one with each of the
    other; all other fields as they are in the row.

    A categorical field takes its most frequent values in the model's rows, a dense one quantiles of them; the row's own
    values are always among them.

    Args:
        model: is asked four times for each pair of values.
        raw: the row, as for `model.instance`.
        first: name of a field.
        second: of another.
        most: values of each.

    Raises:
        InvalidInput: there are no such two fields, or no such row.
    """
    fields = {field.name: field for field in model.fields}
    if first == second or not {first, second} <= set(fields):
        raise InvalidInput(f"Got the fields {first!r:.40} and {second!r:.40}; give two of {', '.join(fields)[:200]}.")
    row = model.values(raw)
    chosen = [_values(fields[name], model.rows, row[name], most) for name in (first, second)]
    instances = model.instances([row | {first: a, second: b} for a in chosen[0] for b in chosen[1]])
    positions = [list(fields).index(name) for name in (first, second)]
    masks = np.ones((4, len(fields)), dtype=bool)
    masks[1, positions[1]] = masks[2, positions[0]] = False
    masks[3, positions] = False
    answers = np.array([instance.predict(masks) for instance in instances])
    effects = answers[:, 0] - answers[:, 1] - answers[:, 2] + answers[:, 3]
    shape = (len(chosen[0]), len(chosen[1]))
    payloads = [cast(RowPayload, instance.payload) for instance in instances]
    shown = [[payload.values[place] for payload in payloads] for place in positions]
    return ValuePairs(
        fields=(first, second),
        values=(tuple(shown[0][:: shape[1]]), tuple(shown[1][: shape[1]])),
        effects=effects.reshape(shape),
        here=(chosen[0].index(row[first]), chosen[1].index(row[second])),
    )


def _values(field: Field, rows: pd.DataFrame, own: Any, most: int) -> list[Any]:
    """The field's values to ask about, its own among them, in their order."""
    column = cast(pd.Series, rows[field.name]).dropna()
    if field.kind == "dense":
        read: Any = pd.to_numeric(column, errors="coerce")
        numbers = read.to_numpy(dtype=np.float64)
        numbers = numbers[~np.isnan(numbers)]
        ranks = np.linspace(0.02, 0.98, most)
        taken: list[Any] = sorted({float(value) for value in np.quantile(numbers, ranks, method="nearest")})
        if not is_missing(own) and own not in taken:
            taken[int(np.argmin([abs(value - own) for value in taken]))] = own
            return sorted(taken)
    else:
        counted = column.value_counts()
        taken = sorted(counted.index, key=lambda value: (-counted[value], str(value)))[:most]
    return taken if own in taken else [*taken[: most - 1], own]
