"""A row of a table as an instance of any model: a feature per column, or per group of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.adapters.answers import Answer
from glider_core.adapters.nearby import SIGMA, nearby_note, nearby_rows
from glider_core.adapters.rows import typical, words
from glider_core.cases import Case
from glider_core.domains.function.payload import FunctionPayload
from glider_core.engine.instance import Instance
from glider_core.errors import InvalidInput

if TYPE_CHECKING:
    from glider_core.adapters.tabular import TabularModel

OffState = Literal["typical", "marginal", "nearby", "missing"]
_OFF = {
    "typical": "Off, a column has a typical value: the middle one of numbers, else the most frequent.",
    "marginal": "Off, a column has the values of {rows} other rows, over whose answers the mean is taken.",
    "missing": "Off, a column is missing.",
}
OFF_STATES: dict[str, str] = {
    "typical": "a typical value (the median, or the most frequent)",
    "marginal": "those of other rows, averaged",
    "nearby": "near the row's own, averaged",
    "missing": "missing",
}
_PER_BATCH = 20_000  # rows asked at once


class TableInstance(Instance):
    """One row, whose columns can be switched off.

    Args:
        model: that answers.
        row: (1, columns).
        known: whether each column has met its value.
        answer: which number is explained.
        off_state: what a column has that is off.
        case: what was asked.
        assumed: whether the scale was chosen because probabilities are 0 or 1 here and there.
        rows: how many others are averaged over, where they are.
        seed: of which ones.
        draw: 0, or the number of another draw of them.
        sigma: of near values, standard deviations of their column.
        fixed: whether these rows stay the same, so that answers carry no noise.
    """

    def __init__(
        self,
        model: TabularModel,
        row: pd.DataFrame,
        known: Sequence[bool],
        answer: Answer,
        off_state: str,
        case: Case,
        *,
        assumed: bool,
        rows: int,
        seed: int,
        draw: int = 0,
        sigma: float = SIGMA,
        fixed: bool = False,
    ) -> None:
        columns, table = model.background.columns, model.background.table
        by_column = dict(zip(columns, known, strict=True))
        if off_state == "nearby":
            notes = [nearby_note(row, table, sigma=sigma, rows=rows)]
        else:
            notes = [_OFF[off_state].format(rows=min(rows, len(table)))]
        self._pool, self._others = _pool(row, table, off_state, rows=rows, seed=seed, draw=draw, sigma=sigma)
        if off_state == "typical" and (same := [name for name, group in model.features if self._is_typical(group)]):
            more = f" and {len(same) - 5} more" if len(same) > 5 else ""
            notes.append(
                f"The row has the typical value already of {', '.join(same[:5])}{more}: off, nothing changes there."
            )
        if assumed:
            notes.append("The model's probabilities are exactly 0 or 1 here and there, so effects are in probability.")
        super().__init__(
            [name for name, _ in model.features],
            explained=answer.name,
            payload=FunctionPayload(
                values=tuple(", ".join(words(row[c].iloc[0]) for c in group) for _, group in model.features),
                known=tuple(all(by_column[c] for c in group) for _, group in model.features),
                notes=tuple(notes),
                unit=answer.unit,
            ),
            case=case,
        )
        self._model, self._row, self._answer, self._off = model, row, answer, off_state
        self._known, self._assumed, self._rows, self._seed, self._sigma = known, assumed, rows, seed, sigma
        self.scale, self.resolution = answer.known_scale, answer.resolution
        averaged = off_state in ("marginal", "nearby")
        self.stochastic = averaged and not fixed and (rows < len(table) or off_state == "nearby")
        self._feature_of = np.array([n for c in columns for n, (_, g) in enumerate(model.features) if c in g])
        self.batch = max(1, _PER_BATCH // self._others) if averaged else 2000
        if off_state == "missing":
            self._check_missing()

    def redrawn(self, draw: int, /) -> Instance:
        """The same row with other rows to average over; draw 0 is this instance's own."""
        if draw == 0 or not self.stochastic:
            return self
        return TableInstance(self._model, self._row, self._known, self._answer, self._off, self._case,
                             assumed=self._assumed, rows=self._rows, seed=self._seed, draw=draw,
                             sigma=self._sigma)  # fmt: skip

    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """The explained number (n,) of the row with masked columns (n, d) off."""
        answers = self._answer(self._model.ask(self.rows(masks)))
        return answers.reshape(len(masks), self._others).mean(axis=1)

    def rows(self, masks: NDArray[np.bool_]) -> pd.DataFrame:
        """The rows that masks (n, d) make, those of one mask below each other; types as in the background."""
        on = np.repeat(masks[:, self._feature_of], self._others, axis=0)  # (n * others, columns)
        other = np.tile(np.arange(1, self._others + 1), len(masks))
        pool = self._pool
        taken = {name: pool[name].array.take(np.where(on[:, i], 0, other)) for i, name in enumerate(pool.columns)}
        return pd.DataFrame(taken, columns=pool.columns)

    def _is_typical(self, columns: Sequence[object]) -> bool:
        """Whether off changes nothing in these columns."""
        return all(words(self._pool[c].iloc[0]) == words(self._pool[c].iloc[1]) for c in columns)

    def _check_missing(self) -> None:
        words = "This model takes no missing values; choose the off state 'typical' or 'marginal'."
        try:
            answers = self.predict(np.zeros((1, len(self.names)), dtype=bool))
        except Exception as error:  # each library has its own
            raise InvalidInput(f"{words} It raised {type(error).__name__}: {str(error)[:160]}") from None
        if not np.isfinite(answers).all():
            raise InvalidInput(f"{words} It answered {answers[0]}.")


def _pool(
    row: pd.DataFrame, table: pd.DataFrame, off_state: str, *, rows: int, seed: int, draw: int, sigma: float
) -> tuple[pd.DataFrame, int]:
    """The row itself, and below it those whose values stand in for what is off; how many these are."""
    draw_seed = seed if draw == 0 else int(np.random.SeedSequence([seed, draw]).generate_state(1)[0])
    if off_state == "typical":
        others = pd.DataFrame(
            {name: pd.Series([typical(table[name])], dtype=table[name].dtype) for name in table.columns},
            columns=table.columns,
        )
    elif off_state == "marginal":
        chosen = np.random.default_rng([draw_seed, 25]).permutation(len(table))[:rows]
        others = table.iloc[np.sort(chosen)]
    elif off_state == "nearby":
        others = nearby_rows(row, table, sigma=sigma, rows=rows, seed=seed, draw_seed=draw_seed)
    else:
        exact = {name: "float64" for name, dtype in table.dtypes.items()
                 if isinstance(dtype, np.dtype) and dtype.kind in "iub"}  # fmt: skip
        row = row.astype(exact)
        others = pd.DataFrame({name: pd.Series([None], dtype=row[name].dtype) for name in table.columns},
                              columns=table.columns)  # fmt: skip
    parts = {name: _joined(row[name], others[name]) for name in table.columns}
    return pd.DataFrame(parts, columns=table.columns), len(others)


def _joined(value: Any, others: Any) -> Any:
    """Both below each other; the type stays what it is."""
    if value.dtype == object:
        joined = np.empty(1 + len(others), dtype=object)
        joined[0], joined[1:] = value.iloc[0], others.to_numpy()
        return pd.Series(joined, dtype=object)
    return pd.concat([value, others], ignore_index=True).astype(value.dtype)
