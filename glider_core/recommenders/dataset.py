"""Rows to learn from: a table split, its fields learned from the training rows alone, everything encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.provenance import fingerprint
from glider_core.tables.crosses import FeatureCrosses
from glider_core.tables.fields import Field, Rows, encode, learn_fields
from glider_core.tables.target import binary_target
from glider_core.tables.values import Kind, with_text_names

_LEAF = 20  # rows that a stretch between two knots has at least
_WORTH = (
    12.0  # chi-squared of a field's best split, below which it is chance: knots would let noise be learned by heart
)
SHARES = (0.8, 0.1)  # of the rows to train and to validate on; the rest measures


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table's rows, ready for training.

    The tables hold the fields as they came, for crosses are learned from values as people read them.
    """

    fields: tuple[Field, ...]
    target: str  # what the logit is of, such as "bought = yes"
    tables: Mapping[str, pd.DataFrame]  # train, validation, test
    parts: Mapping[str, tuple[Rows, NDArray[np.float32]]]  # the same, encoded, with their answers

    @property
    def fingerprint(self) -> str:
        """Identity of rows, fields and answers."""
        return fingerprint(
            *(array.tobytes() for rows, answers in self.parts.values() for array in (rows.ids, rows.dense, answers)),
            str(self.fields),
        )

    def crossed(self, crosses: FeatureCrosses) -> dict[str, tuple[Rows, NDArray[np.float32]]]:
        """The parts with the ids of these crosses behind those of the fields."""
        return {
            name: (with_crosses(rows, crosses, self.tables[name]), answers)
            for name, (rows, answers) in self.parts.items()
        }


def with_crosses(rows: Rows, crosses: FeatureCrosses, table: pd.DataFrame) -> Rows:
    """Encoded rows with the ids of their crosses behind those of their fields."""
    return Rows(np.concatenate([rows.ids, crosses.transform(table).to_numpy(np.int64)], axis=1), rows.dense)


def split(table: pd.DataFrame, target: str, positive: str, kinds: Mapping[str, Kind], *, seed: int = 0) -> Dataset:
    """A table's rows dealt at random: eight tenths to train, one to validate, one to test, each with both answers.

    Args:
        table: as read.
        target: the column to predict.
        positive: the value of it that counts as 1, one of `positive_values`.
        kinds: how each field is read; columns that are not named are left out.
        seed: of the split.

    Raises:
        InvalidInput: the table cannot be learned from.
    """
    table = with_text_names(table)
    if target not in table.columns:
        raise InvalidInput(f"The table has no column {target[:60]!r} to predict.")
    column: Any = table[target]
    answers = binary_target(column, positive)
    rng = np.random.default_rng(seed)
    dealt = _dealt(rng.permutation(len(table)))
    if any(len(np.unique(answers[numbers])) < 2 for numbers in dealt.values()):
        # So few of one kind that chance left a part without: each kind is dealt by itself.
        kinds_of_rows = [_dealt(rng.permutation(np.flatnonzero(answers == kind))) for kind in (0, 1)]
        dealt = {part: rng.permutation(np.concatenate([rows[part] for rows in kinds_of_rows])) for part in dealt}
    name = (
        target
        if positive == "1"
        else f"{target} {positive}"
        if positive.startswith("above")
        else f"{target} = {positive}"
    )
    return prepare(
        {part: table.iloc[numbers] for part, numbers in dealt.items()},
        {part: answers[numbers] for part, numbers in dealt.items()},
        {field: kind for field, kind in kinds.items() if field != target},
        name,
    )


def _dealt(order: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Rows in this order, as train, validation and test."""
    first, second = (int(share * len(order)) for share in (SHARES[0], sum(SHARES)))
    return {"train": order[:first], "validation": order[first:second], "test": order[second:]}


def prepare(
    tables: Mapping[str, pd.DataFrame],
    answers: Mapping[str, NDArray[np.float32]],
    kinds: Mapping[str, Kind],
    target: str,
) -> Dataset:
    """Tables that come as train, validation and test.

    Raises:
        InvalidInput: the fields cannot be learned, or all answers of a part are the same.
    """
    for part, values in answers.items():
        if not 0 < values.sum() < len(values):
            raise InvalidInput(f"The {len(values)} {part} rows all have the same answer; give more rows.")
    fields = learn_fields(tables["train"], kinds)
    names = [field.name for field in fields]
    return Dataset(
        fields,
        target,
        {part: _columns(table, names) for part, table in tables.items()},
        {part: (encode(table, fields), answers[part]) for part, table in tables.items()},
    )


def with_knots(dataset: Dataset, most: int, *, steps: bool = False) -> Dataset:
    """The same rows, with knots at which the curves of dense fields may bend: where a small tree of one field splits.

    Args:
        dataset: only its training rows are read.
        most: knots of a field; below 3 none is set.
        steps: whether they jump there instead.
    """
    from sklearn.tree import DecisionTreeClassifier

    rows, answers = dataset.parts["train"]
    fields, dense = [], iter(rows.dense.T)
    for field in dataset.fields:
        if field.kind == "dense" and most >= 3:
            values = next(dense)
            tree = DecisionTreeClassifier(max_leaf_nodes=most - 1, min_samples_leaf=_LEAF).fit(values[:, None], answers)
            knots = np.unique(np.array([values.min(), *_splits(tree.tree_), values.max()], np.float32))
            field = replace(field, knots=tuple(map(float, knots)) if len(knots) > 2 else (), steps=steps)
        fields.append(field)
    return replace(dataset, fields=tuple(fields))


def _splits(tree: Any) -> NDArray[np.float64]:
    """Where a tree splits; nowhere if already its first split is what chance would give."""
    if tree.node_count < 3:
        return np.zeros(0)
    left, right = tree.children_left[0], tree.children_right[0]
    rows, impurity = tree.weighted_n_node_samples, tree.impurity
    gained = impurity[0] * rows[0] - impurity[left] * rows[left] - impurity[right] * rows[right]
    return tree.threshold[tree.feature >= 0] if gained > _WORTH * impurity[0] else np.zeros(0)


def _columns(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    part: Any = table[list(names)]
    return part.reset_index(drop=True)
