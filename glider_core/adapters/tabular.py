"""Any model of table rows as instances: a feature per column; off, a column has what is usual in other rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from glider_core.adapters.answers import Scale, saturates
from glider_core.adapters.identity import model_identity
from glider_core.adapters.nearby import SIGMA, checked_sigma
from glider_core.adapters.predictors import observed, predictor_of
from glider_core.adapters.rows import Background
from glider_core.adapters.table_instance import OFF_STATES, OffState, TableInstance
from glider_core.cases import Case
from glider_core.errors import GliderError, InvalidInput
from glider_core.provenance import fingerprint

MARGINAL_ROWS = 25  # other rows that an answer is averaged over
_LOOKED_AT = 200  # rows of the background that tell what the model's answers are


class TabularModel:
    """A model of table rows, which makes instances; what `gl.tabular` returns.

    It can also be given to `gl.detect_global`, with rows as a data frame.
    """

    def __init__(
        self,
        model: Any,
        background: Background,
        *,
        title: str,
        groups: Mapping[str, Sequence[Any]],
        classes: Sequence[Any] | None,
        usual: Mapping[str, Any],
        rows: int,
        sigma: float,
        seed: int,
        identity: str | None,
        model_id: str,
    ) -> None:
        self.id, self.title, self.background = model_id, title, background
        self._predictor, self._usual = predictor_of(model), dict(usual)
        self._rows, self._sigma, self._seed = rows, sigma, seed
        self.features = _features(background.columns, groups)
        self._numpy = _wants_arrays(model, background)
        looked = self.raw_answers(background.table.head(_LOOKED_AT))
        self.outputs = observed(self._predictor, looked, classes)
        self.saturates = saturates(self.outputs, looked)
        known = identity or model_identity(model)
        parts = model_identity(background.table) if known else None
        settings = [*self.outputs.classes, self.outputs.kind, repr(self.features), str(rows), str(seed)]
        settings += [] if sigma == SIGMA else [f"sigma {sigma!r}"]
        self.identity = None if parts is None or known is None else fingerprint("tabular", known, parts, *settings)

    @property
    def rows(self) -> pd.DataFrame:
        """The background, whose rows can be explained by their numbers."""
        return self.background.table

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the model's classes; empty where it answers with a number."""
        return self.outputs.classes

    def raw_answers(self, table: pd.DataFrame) -> Any:
        """What the model itself returns for rows of the background's columns.

        Raises:
            InvalidInput: it raises, so that the rows are not what it reads.
        """
        try:
            return self._predictor.ask(self.taken(table))
        except GliderError:
            raise
        except Exception as error:  # of any library
            raise InvalidInput(
                f"The model raised {type(error).__name__} when asked about {len(table)} rows: {str(error)[:300]} "
                "The background must have the columns that it was trained on, and no target."
            ) from error

    def taken(self, table: pd.DataFrame) -> Any:
        """Rows as the model takes them."""
        return table.to_numpy() if self._numpy and self.background.is_frame else self.background.as_taken(table)

    def ask(self, table: pd.DataFrame) -> Any:
        """The same without a word for errors, as it is asked in a run."""
        return self._predictor.ask(self.taken(table))

    def instance(
        self,
        raw: Any = 0,
        /,
        *,
        off_state: OffState | None = None,
        target: Any = None,
        against: Any = None,
        scale: Scale | None = None,
    ) -> TableInstance:
        """A row as an instance.

        Args:
            raw: its number in the background, or a value for each column: a mapping, a series, a frame of one row.
            off_state: what a column has that is off; by default as `gl.tabular` was told.
            target: the explained class; by default the second of two, else the likeliest one of this row.
            against: the class that it is held against; by default all others.
            scale: "log-odds" or "probability".

        Raises:
            InvalidInput: no such row or class, a value that its column cannot hold, or the model takes no missing ones.
        """
        row, known, plain = self.background.row(raw)
        told = {"off_state": off_state, "target": target, "against": against, "scale": scale}
        state = off_state or self._usual.get("off_state") or "typical"
        if state not in OFF_STATES:
            raise InvalidInput(f"Got off state {state!r:.40}; choose {', '.join(OFF_STATES)}.")
        known_class = target is not None or self._usual.get("target") is not None or len(self.classes) <= 2
        first = None if known_class else self.raw_answers(row)
        answer, options = self.outputs.chosen(first, told, self._usual, saturated=self.saturates)
        case = Case(domain="function", model=self.id, raw=plain, options=options, identity=self.identity)
        assumed = self.saturates and not answer.is_said

        def with_off(off: str, *, fixed: bool) -> TableInstance:
            return TableInstance(self, row, known, answer, off, case, assumed=assumed, rows=self._rows,
                                 seed=self._seed, sigma=self._sigma, fixed=fixed)  # fmt: skip

        other: OffState = "typical" if state != "typical" else "marginal"
        return with_off(state, fixed=False).beside(lambda: with_off(other, fixed=True))

    def instances(self, rows: Any) -> list[TableInstance]:
        """Rows as instances, in order; a data frame or a list of what `instance` takes."""
        if isinstance(rows, pd.DataFrame):
            return [self.instance(rows.iloc[[number]]) for number in range(len(rows))]
        return [self.instance(raw) for raw in rows]


def tabular(
    model: Any,
    background: Any,
    *,
    off_state: OffState = "typical",
    target: Any = None,
    against: Any = None,
    scale: Scale | None = None,
    classes: Sequence[Any] | None = None,
    columns: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[Any]] | None = None,
    rows: int = MARGINAL_ROWS,
    sigma: float = SIGMA,
    seed: int = 0,
    title: str | None = None,
    identity: str | None = None,
    model_id: str = "function/tabular",
) -> TabularModel:
    """A model of table rows, ready to make an instance of any row: `gl.explain(gl.tabular(model, X).instance(3))`.

    Args:
        model: anything with `predict_proba`, `decision_function` or `predict` (scikit-learn, also whole pipelines,
            LightGBM, XGBoost, CatBoost, statsmodels), a PyTorch module, a function from rows to (n,) or (n, classes).
        background: rows of the columns that the model was trained on, without the target: a data frame, or an array.
        off_state: what a column has that is off: "typical", the middle or the most frequent value; "marginal", those of
            `rows` other rows, whose answers are averaged, with the noise of the choice measured; "nearby", values near
            the row's own, the mean over `rows` draws (of columns that are no numbers: other rows' values); "missing".
        target: the class to explain; by default the second of two, else each row's likeliest.
        against: the class that it is held against; by default all others.
        scale: "log-odds" or "probability"; by default log-odds, and probability where some are exactly 0 or 1.
        classes: names for the columns of the answer.
        columns: names for the columns of an array.
        groups: columns that are switched together, by a name for each group; other columns are features of their own.
        rows: how many others "marginal" and "nearby" average over.
        sigma: deviation of "nearby", in standard deviations of each column, at which the normal is cut as well.
        seed: of which ones.
        title: for people.
        identity: of the model, where it cannot be told from its parameters; results are kept only with one.
        model_id: what results are said to be of.

    Raises:
        InvalidInput: no model or no table; the model does not read these rows; no such class or column; rows or sigma
            out of range.
    """
    usual = {"off_state": off_state, "target": target, "against": against, "scale": scale}
    if not 1 <= int(rows) <= 1000:
        raise InvalidInput(f"rows: got {rows}; average over 1 to 1000.")
    made = TabularModel(
        model, background if isinstance(background, Background) else Background(background, columns),
        title=title or f"{type(model).__name__} on your table", groups=groups or {}, classes=classes, usual=usual,
        rows=int(rows), sigma=checked_sigma(sigma), seed=seed, identity=identity, model_id=model_id,
    )  # fmt: skip
    made.instance(0)  # whatever does not fit says so now
    return made


def _features(columns: list[Any], groups: Mapping[str, Sequence[Any]]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Names of the features and each one's columns, in the order of the columns."""
    of: dict[Any, str] = {}
    for name, members in groups.items():
        for member in [members] if isinstance(members, str) else members:
            if member not in columns or member in of:
                raise InvalidInput(
                    f"The group {name[:60]!r} names the column {str(member)[:60]!r}, which is "
                    f"{'in another group, too' if member in of else 'not in the background'}."
                )
            of[member] = name
    features: dict[tuple[bool, str], list[Any]] = {}
    for column in columns:
        features.setdefault((column in of, of.get(column, str(column))), []).append(column)
    return tuple((name, tuple(members)) for (_, name), members in features.items())


def _wants_arrays(model: Any, background: Background) -> bool:
    """Whether an estimator was fitted on an array, so that names of columns would only make it warn."""
    fitted = hasattr(model, "n_features_in_") and not hasattr(model, "feature_names_in_")
    numeric = all(dtype.kind in "iufb" for dtype in background.table.dtypes)
    return background.is_frame and fitted and numeric and type(model).__module__.startswith("sklearn.")
