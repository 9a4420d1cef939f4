"""A recommender on a table: loaded from its folder, or trained on a visitor's own table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.domains.base import Progress
from glider_core.domains.recommender.instance import RowInstance
from glider_core.errors import InvalidInput, ModelUnavailable
from glider_core.provenance import fingerprint
from glider_core.recommenders import simulator
from glider_core.recommenders.baselines import beside
from glider_core.recommenders.dataset import Dataset, split, with_crosses, with_knots
from glider_core.recommenders.fitting import Fit, fit, logits
from glider_core.recommenders.network import EMBEDDING, AutoInt, Recommender
from glider_core.recommenders.recipes import NARROW, narrow_for
from glider_core.shipped import ASSETS
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.crosses import FeatureCrosses
from glider_core.tables.dates import with_date_parts
from glider_core.tables.fields import Field, Rows, as_read, encode, with_readings
from glider_core.tables.read import check_table
from glider_core.tables.values import MISSING, Kind, is_missing, numbers, text, with_text_names
from glider_core.weights import load_weights

KNOTS = NARROW.knots  # of a dense field of an own table
EXAMPLES = 1000  # test rows of an own table that come with its model
RawRow = int | Mapping[str, Any] | str


class RecommenderModel:
    """A trained recommender with the fields it reads, the crosses of them that it also reads, and rows to explain."""

    def __init__(
        self,
        model_id: str,
        title: str,
        fields: tuple[Field, ...],
        network: Recommender,
        target: str,
        rows: pd.DataFrame,
        crosses: FeatureCrosses | None = None,
        planted: Callable[[Mapping[str, str]], Sequence[Sequence[str]]] | None = None,
        planted_sets: Sequence[Sequence[str]] = (),
        answers: Sequence[int] | None = None,
    ) -> None:
        self.id, self.title, self.fields, self.target = model_id, title, fields, target
        self.rows = rows.reset_index(drop=True)  # examples, held out from training
        # What really happened in these rows, 0 or 1 each; None where it is not known.
        self.answers = None if answers is None else np.asarray(answers, dtype=np.int64)
        self.crosses = crosses
        self._planted = planted  # of a row's values, the sets of fields that a simulator planted and that matter in it
        self.planted_sets = tuple(map(tuple, planted_sets))  # all that a simulator planted, in whatever row
        names = [field.name for field in fields]
        sets = crosses.sets_ if crosses else []
        self._crossed = [tuple(names.index(name) for name in fields) for fields in sets]
        self._network = network.eval()
        parts = [value.numpy().tobytes() for value in network.state_dict().values()]
        shown = (target, self.rows.to_csv(index=False))
        learned = () if crosses is None else crosses.learned()
        described = json.dumps([asdict(field) for field in fields])
        self.identity: str | None = fingerprint(
            type(network).__name__, *parts, described, *shown, *map(str, sets), *learned
        )

    def instance(self, raw: RawRow, /) -> RowInstance:
        """A row as an instance: the number of an example row, or values by field name (also as JSON text).

        Raises:
            InvalidInput: no such row, or a field without a value.
        """
        return self.instances([raw])[0]

    def instances(self, table: pd.DataFrame | Sequence[RawRow], /) -> list[RowInstance]:
        """Many rows at once, encoded together.

        Raises:
            InvalidInput: as for `instance`; or a field's column is not there.
        """
        if isinstance(table, pd.DataFrame):
            raws: Sequence[Any] = [None] * len(table)
            table = as_read(table, self.fields)
            rows = self._encode(table)
            shown = cast(pd.DataFrame, table[[field.name for field in self.fields]]).to_dict("records")
        else:
            raws = [self._parsed(raw) for raw in table]
            shown = [self._values(raw) for raw in raws]
            # Each value in a column of its own type, as pandas would else convert whole columns.
            columns = {f.name: pd.Series([row[f.name] for row in shown], dtype=object) for f in self.fields}
            rows = self._encode(pd.DataFrame(columns))
        return [
            RowInstance(
                self._shown(row),
                Rows(rows.ids[number : number + 1], rows.dense[number : number + 1]),
                self.fields,
                self._network,
                self.identity,
                crosses=self._crossed,
                model_id=self.id,
                target=self.target,
                raw=raw,
                planted=self._planted_in(row),
                truth=None if self.answers is None or not isinstance(raw, int) else bool(self.answers[raw]),
            )
            for number, (raw, row) in enumerate(zip(raws, shown, strict=True))
        ]

    def values(self, raw: RawRow, /) -> dict[str, Any]:
        """A row's values by field, read as in the table that the model has learned from.

        Raises:
            InvalidInput: as for `instance`.
        """
        return self._values(self._parsed(raw))

    @property
    def network(self) -> Recommender:
        """What it has learned."""
        return self._network

    def predict_rows(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """Logits (n,) of the table's rows.

        Raises:
            InvalidInput: a field's column is not there.
        """
        return logits(self._network, self._encode(table))

    def _planted_in(self, row: Mapping[Any, Any]) -> tuple[tuple[int, ...], ...] | None:
        if self._planted is None:
            return None
        names = [field.name for field in self.fields]
        planted = self._planted(self._shown(row))
        return tuple(tuple(sorted(names.index(name) for name in fields)) for fields in planted)

    def _shown(self, row: Mapping[Any, Any]) -> dict[str, str]:
        """The row's values as people read them."""
        return {field.name: _words(row[field.name], field.kind) for field in self.fields}

    def _encode(self, table: pd.DataFrame) -> Rows:
        table = as_read(table, self.fields)
        rows = encode(table, self.fields)
        return rows if self.crosses is None else with_crosses(rows, self.crosses, table)

    def _parsed(self, raw: Any) -> int | dict[str, Any]:
        """The row's number, or its values by field, as plain JSON values."""
        if isinstance(raw, str):
            try:
                raw = json.loads(raw)
            except (ValueError, RecursionError):
                raise InvalidInput("The row is neither a number nor JSON with a value for each field.") from None
        if isinstance(raw, (int, np.integer)) and not isinstance(raw, bool):
            if not 0 <= raw < len(self.rows):
                raise InvalidInput(
                    f"There is no row {_short(int(raw))}; the examples are rows 0 to {len(self.rows) - 1}."
                )
            return int(raw)
        if not isinstance(raw, Mapping):
            raise InvalidInput("The row is neither a number nor a table of field names and values.")
        columns = {field.name: field.name if field.name in raw else _date_column(field) for field in self.fields}
        lacking = [name for name, column in columns.items() if column not in raw]
        if lacking:
            raise InvalidInput(f"The row has no value for {', '.join(lacking[:5])[:200]}.")
        return {column: _plain(str(column), raw[column]) for column in columns.values()}

    def _values(self, raw: int | dict[str, Any]) -> dict[Any, Any]:
        """A row's values by field, read as in the table that the model has learned from."""
        if not isinstance(raw, dict):
            return {field.name: self.rows[field.name].iloc[raw] for field in self.fields}
        values = {
            field.name: field.value(raw[field.name]) if field.name in raw else field.from_date(raw[_date_column(field)])
            for field in self.fields
        }
        for field in self.fields:
            if field.kind == "dense" and _is_no_number(values[field.name]):
                raise InvalidInput(
                    f"The row's {field.name[:60]!r} is {values[field.name]!r:.60}, which is no number as its table "
                    "writes them; give a number, or nothing where it is missing."
                )
        return values


def _plain(name: str, value: Any) -> Any:
    """A value of a row as JSON has it."""
    if isinstance(value, np.generic):
        value = value.item()
    if is_missing(value):
        return None
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise InvalidInput(f"The row's {name[:60]!r} is a number of more than {_MAX_BITS} bits.")
    if isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (Mapping, list, tuple, set, np.ndarray)):
        raise InvalidInput(f"The row's {name[:60]!r} is a {type(value).__name__}; give a text or a number.")
    return text(value)


def _date_column(field: Field) -> str:
    """The column of the date that a field is a part of; its own where it is none."""
    return field.name if field.date is None else field.date[0]


def _is_no_number(value: Any) -> bool:
    return (
        isinstance(value, str) and bool(value.strip()) and bool(np.isnan(numbers(pd.Series([value], dtype=object)))[0])
    )


def _words(value: Any, kind: Kind) -> str:
    if is_missing(value):
        return MISSING
    return f"{value:g}" if kind == "dense" and isinstance(value, float) else text(value)


def _short(number: int) -> str:
    return str(number) if abs(number) < 10**15 else "of so large a number"


_MAX_BITS = 1000  # of a whole number: all that a float can hold


def load(model_id: str, *, path: Path | None = None, on_progress: Progress | None = None) -> RecommenderModel:
    """The model as it ships, or the one in the folder `path`.

    Raises:
        ModelUnavailable: files are missing or damaged.
    """
    folder = path or ASSETS / model_id
    try:
        stored = json.loads((folder / "fields.json").read_text(encoding="utf-8"))
        fields = tuple(map(Field.from_dict, stored["fields"]))
        rows = pd.read_csv(folder / "rows.csv", dtype={f.name: str for f in fields if f.kind == "categorical"})
        network, title, target = AutoInt(fields), str(stored["title"]), str(stored["target"])
        told = folder / "answers.json"
        answers = [int(answer) for answer in json.loads(told.read_text(encoding="utf-8"))] if told.is_file() else None
        if answers is not None and (len(answers) != len(rows) or not set(answers) <= {0, 1}):
            raise ValueError("answers that are not those of the rows")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(
            f"The fields or rows in {'/'.join(folder.parts[-3:])} cannot be read ({type(error).__name__}); "
            "restore them or train the model anew."
        ) from None
    state = network.state_dict()
    learned = {name: value for name, value in state.items() if value.is_floating_point()}
    weights, _ = load_weights(
        folder / "weights.safetensors", {name: tuple(value.shape) for name, value in learned.items()}
    )
    network.load_state_dict({**state, **weights})
    if model_id != "recommender/simulated":
        return RecommenderModel(model_id, title, fields, network, target, rows, answers=answers)
    truth: dict[str, Any] = {"planted": simulator.planted_in, "planted_sets": simulator.PLANTED}
    return RecommenderModel(model_id, title, fields, network, target, rows, answers=answers, **truth)


def train_own(
    table: pd.DataFrame,
    target: str,
    positive: str,
    kinds: Mapping[str, Kind],
    *,
    seed: int = 0,
    assumptions: Assumptions | None = None,
    baselines: bool = False,
    on_progress: Callable[[str, float], None] | None = None,
) -> tuple[RecommenderModel, Fit]:
    """AutoInt trained on a visitor's table, a tenth of the rows held out to measure on.

    Args:
        table: as read; parts of its dates ("when: hour") may be fields too.
        target: the column to predict.
        positive: the value of it that counts as 1, one of `positive_values`.
        kinds: how each field is read; columns that are not named are left out.
        seed: of the split, the weights and the batches.
        assumptions: of the reader of the table, so that rows which come alone are read as in it.
        baselines: whether logistic regression and boosted trees are measured beside, on the same rows.
        on_progress: called with "train" and the share done; may raise to stop.

    Raises:
        InvalidInput: the table cannot be learned from.
    """
    dataset = own_dataset(table, target, positive, kinds, seed=seed)
    recipe = replace(narrow_for(len(dataset.tables["train"])), embedding=EMBEDDING)
    # Whether numbers bend or jump, validation rows tell.
    ways = [dataset]
    if any(field.kind == "dense" for field in dataset.fields):
        ways.append(with_knots(dataset, KNOTS, steps=True))
    results = []
    for done, way in enumerate(ways):

        def tell(share: float, done: int = done) -> None:
            if on_progress is not None:
                on_progress("train", (done + share) / len(ways))

        results.append(fit(partial(own_network, way), way.parts, seed=seed, on_progress=tell, **recipe.options()))
    best = min(range(len(ways)), key=lambda number: results[number].validation.logloss)
    dataset, result = ways[best], results[best]
    if baselines:
        result = replace(result, beside=beside(dataset, logits(result.network, dataset.parts["test"][0]), seed=seed))
    return own_model(dataset, result.network, assumptions), result


def own_network(dataset: Dataset) -> AutoInt:
    """An AutoInt for a visitor's table, untrained."""
    return AutoInt(dataset.fields, **NARROW.sizes())


def own_dataset(
    table: pd.DataFrame, target: str, positive: str, kinds: Mapping[str, Kind], *, seed: int = 0, steps: bool = False
) -> Dataset:
    """A visitor's table dealt into parts; the same arguments as of `train_own` give the same parts.

    Numbers may bend, or with `steps` jump, where a small tree of each splits.

    Raises:
        InvalidInput: the table cannot be learned from.
    """
    table = with_date_parts(with_text_names(table))
    check_table(table)
    return with_knots(split(table, target, positive, kinds, seed=seed), KNOTS, steps=steps)


def own_model(dataset: Dataset, network: AutoInt, assumptions: Assumptions | None = None) -> RecommenderModel:
    """A network that was trained on a visitor's table, with rows of its test part to explain."""
    rows = dataset.tables["test"].head(EXAMPLES)
    fields = dataset.fields if assumptions is None else with_readings(dataset.fields, assumptions)
    answers = dataset.parts["test"][1][: len(rows)].astype(int).tolist()
    return RecommenderModel(
        "recommender/own", "AutoInt on your table", fields, network, dataset.target, rows, answers=answers
    )
