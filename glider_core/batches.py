"""A batch: many inputs of one model, from lines of text, a table, records, files, rows or nodes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glider_core.domains import domain_of
from glider_core.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

MOST = 2000  # inputs of one batch
LABELS = ("label", "class", "target", "y", "truth", "sentiment")  # names of a column that holds true labels
TEXTS = ("text", "sentence", "review", "sequence", "raw", "input", "content")
ROW_ORDERS = {
    "uncertain": "nearest to 50 %",
    "highest": "highest answers",
    "lowest": "lowest answers",
    "wrong": "wrong answers, the surest first",
    "random": "at random",
    "first": "in order",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of a batch."""

    raw: Any  # what the model's `instance` takes
    title: str = ""  # where it has one of its own
    label: str | None = None  # the true one, where it is known


def pasted(model_id: str, text: str) -> list[Input]:
    """The inputs of a pasted text: its records for DNA, else a line each, empty ones left out.

    Raises:
        InvalidInput: there is none, or there are too many.
    """
    domain = domain_of(model_id)
    text = text.removeprefix("\ufeff")
    if domain.several is not None and text.lstrip().startswith((">", "@", ";")):
        return checked([Input(raw=raw, title=title) for title, raw in domain.several(text)])
    return checked([Input(raw=domain.read(line.strip())) for line in text.splitlines() if line.strip()])


def of_table(table: pd.DataFrame, column: str | None = None, label: str | None = None) -> list[Input]:
    """The inputs of a table: the texts of a column, or, without one, whole rows; with their true labels, if any.

    Raises:
        InvalidInput: there is no such column, no text in it, or there are too many.
    """
    for name in (column, label):
        if name is not None and name not in table.columns:
            raise InvalidInput(
                f"The table has no column {name!r:.80}; it has {', '.join(map(str, table.columns))[:300]}."
            )
    labels = [None] * len(table) if label is None else [_text(value) for value in table[label]]
    if column is not None:
        texts = [_text(value) for value in table[column]]
        given = [Input(raw=raw, label=told) for raw, told in zip(texts, labels, strict=True) if raw]
        return checked(given)
    fields = table.drop(columns=[] if label is None else [label])
    rows: Sequence[Mapping[Any, Any]] = fields.to_dict("records")
    return checked([
        Input(raw={str(name): _plain(value) for name, value in row.items()}, title=f"Row {number}", label=told)
        for number, (row, told) in enumerate(zip(rows, labels, strict=True))
    ])  # fmt: skip


def usual_columns(names: Sequence[str]) -> tuple[str | None, str | None]:
    """Of a table's columns the one that most likely holds texts, and the one that holds true labels."""
    by_name = {name.strip().casefold(): name for name in map(str, names)}
    label = next((by_name[name] for name in LABELS if name in by_name), None)
    text = next((by_name[name] for name in TEXTS if name in by_name and by_name[name] != label), None)
    return text, label


def rows_of(
    model: Any, how: str = "uncertain", n: int = 30, *, where: Mapping[str, str] | None = None, seed: int = 0
) -> list[Input]:
    """Example rows of a recommender, chosen by what it answers.

    Args:
        model: with `rows`, `target` and `predict_rows`.
        how: one of `ROW_ORDERS`.
        n: how many at most.
        where: values that fields must have, as texts.
        seed: of a random choice.

    Raises:
        InvalidInput: no row is like that; wrong answers are asked for where true labels are not known.
    """
    if how not in ROW_ORDERS:
        raise InvalidInput(f"Rows cannot be chosen as {how!r:.40}; there are {', '.join(ROW_ORDERS)}.")
    rows = model.rows
    truth = rows[model.target] if model.target in rows.columns else None
    keep = np.ones(len(rows), dtype=bool)
    for name, value in (where or {}).items():
        if name not in rows.columns:
            raise InvalidInput(f"The rows have no field {name!r:.80}.")
        keep &= np.array([_text(cell) == value for cell in rows[name]], dtype=bool)
    answers = model.predict_rows(rows)
    if how == "wrong":
        if truth is None:
            raise InvalidInput("Which answers are wrong cannot be told: these rows come without their true labels.")
        from glider_core.store.summary import is_yes

        yes = np.array([is_yes(_text(value)) for value in truth], dtype=object)
        keep &= np.array(
            [said is not None and said != (answer >= 0) for said, answer in zip(yes, answers, strict=True)]
        )
    score = {
        "uncertain": np.abs(answers),
        "highest": -answers,
        "lowest": answers,
        "wrong": -np.abs(answers),
        "random": np.random.default_rng(seed).random(len(rows)),
        "first": np.arange(len(rows)),
    }[how]
    chosen = [int(row) for row in np.argsort(score, kind="stable") if keep[row]][:n]
    return checked([
        Input(raw=row, title=f"Row {row}", label=None if truth is None else _text(truth.iloc[row]))
        for row in chosen
    ])  # fmt: skip


def nodes_of(
    model: Any, of_class: str | None = None, n: int = 30, *, wrong: bool = False, seed: int = 0
) -> list[Input]:
    """Nodes of a graph, at random.

    Args:
        model: with `graph` and `predict_nodes`.
        of_class: only those of this true class.
        n: how many at most.
        wrong: only those of which the model says another class.
        seed: of the choice.

    Raises:
        InvalidInput: no node is like that, or there is no such class.
    """
    graph = model.graph
    if of_class is not None and of_class not in graph.classes:
        raise InvalidInput(f"There is no class {of_class!r:.60}; choose one of {', '.join(graph.classes)[:300]}.")
    labels = np.asarray(graph.labels)
    keep = np.ones(len(labels), dtype=bool)
    if of_class is not None:
        keep &= labels == graph.classes.index(of_class)
    if wrong:
        keep &= (labels >= 0) & (model.predict_nodes().argmax(axis=1) != labels)
    places = np.random.default_rng(seed).permutation(np.flatnonzero(keep))[:n]
    return checked([Input(raw=graph.nodes[place]) for place in places])


def checked(inputs: Sequence[Input]) -> list[Input]:
    """The inputs, neither none nor too many.

    Raises:
        InvalidInput: they are.
    """
    if not inputs:
        raise InvalidInput("There is no input in it; give a line each, a column of a table, or records.")
    if len(inputs) > MOST:
        raise InvalidInput(f"There are {len(inputs):,} inputs; at most {MOST:,} make a batch. Split them.")
    return list(inputs)


def _text(value: Any) -> str:
    """A cell as text; nothing where it is missing, a whole number without a fraction."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if str(value) in ("<NA>", "NaT") else str(value).strip()


def _plain(value: Any) -> Any:
    """A cell as JSON has it."""
    if hasattr(value, "item"):
        value = value.item()
    missing = value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("<NA>", "NaT")
    if missing:
        return None
    return value if isinstance(value, str | bool | int | float) else str(value)
