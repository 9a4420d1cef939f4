"""A batch: many inputs of one model, from lines of text, a table, records, files, rows or nodes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from glider_core.domains import domain_of
from glider_core.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

MOST = 2000  # inputs of one batch
MOST_GIVEN, MOST_ASKED = 200_000, 5000  # inputs to choose from: of a table, and by what the model says of each
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


def of_table(
    table: pd.DataFrame, column: str | None = None, label: str | None = None, *, most: int = MOST
) -> list[Input]:
    """The inputs of a table: the texts of a column, or, without one, whole rows; with their true labels, if any.

    Args:
        table: read as `read_table` does.
        column: of the texts.
        label: column of the true labels.
        most: inputs.

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
        return checked(given, most)
    fields = table.drop(columns=[] if label is None else [label])
    rows: Sequence[Mapping[Any, Any]] = fields.to_dict("records")
    return checked([
        Input(raw={str(name): _plain(value) for name, value in row.items()}, title=f"Row {number}", label=told)
        for number, (row, told) in enumerate(zip(rows, labels, strict=True))
    ], most)  # fmt: skip


def usual_columns(names: Sequence[str]) -> tuple[str | None, str | None]:
    """Of a table's columns the one that most likely holds texts, and the one that holds true labels."""
    by_name = {name.strip().casefold(): name for name in map(str, names)}
    label = next((by_name[name] for name in LABELS if name in by_name), None)
    text = next((by_name[name] for name in TEXTS if name in by_name and by_name[name] != label), None)
    return text, label


def rows_of(
    model: Any,
    how: str = "uncertain",
    n: int = 30,
    *,
    where: Mapping[str, str] | None = None,
    part: NDArray[np.bool_] | None = None,
    found: Sequence[str] = (),
    seed: int = 0,
) -> list[Input]:
    """Example rows of a recommender, chosen by what it answers.

    Args:
        model: with `rows`, `answers` and `predict_rows`.
        how: one of `ROW_ORDERS`.
        n: how many at most.
        where: the part of a field that rows must lie in, by its name in `row_slices` or a value, by field.
        part: (rows,), True for those that may be chosen; None: all.
        found: names of fields that a stored run found to act together; only rows with that set.
        seed: of a random choice.

    Raises:
        InvalidInput: no row is like that; wrong answers are asked for where true labels are not known.
    """
    rows, truth = model.rows, model.answers
    keep = np.ones(len(rows), dtype=bool) if part is None else part.copy()
    for name, value in (where or {}).items():
        keep &= part_of(rows, name, value)
    if found:
        with_set = sets_found(model)
        known = next((numbers for names, numbers in with_set.items() if set(names) == set(found)), None)
        if known is None:
            told = "; ".join(" × ".join(names) for names in with_set) or "none is stored for this model"
            raise InvalidInput(f"No set {' × '.join(found):.80} was found in these rows; there are: {told:.300}.")
        keep &= np.isin(np.arange(len(rows)), known)
    answers = np.asarray(model.predict_rows(rows))
    yes = None if truth is None else [bool(value) for value in truth]
    places = in_order(how, answers, yes, seed=seed)
    return _some([
        Input(raw=row, title=f"Row {row}", label=None if truth is None else ("no", "yes")[int(truth[row])])
        for row in [int(place) for place in places if keep[place]][:n]
    ])  # fmt: skip


def in_order(
    how: str, answers: NDArray[np.floating[Any]], yes: Sequence[bool | None] | None, *, seed: int = 0
) -> NDArray[np.intp]:
    """Places of answers in an order; of the wrong ones only those that are.

    Args:
        how: one of `ROW_ORDERS`.
        answers: (n,) logits of yes.
        yes: for each whether yes is true; None where it is not known, or none is.
        seed: of a random order.

    Raises:
        InvalidInput: there is no such order; wrong answers are asked for where true labels are not known.
    """
    if how not in ROW_ORDERS:
        raise InvalidInput(f"Inputs cannot be chosen as {how!r:.40}; there are {', '.join(ROW_ORDERS)}.")
    known = [] if yes is None else [said for said in yes if said is not None]
    if how == "wrong" and not known:
        raise InvalidInput("Which answers are wrong cannot be told: these inputs come without true labels.")
    score = {
        "uncertain": np.abs(answers),
        "highest": -answers,
        "lowest": answers,
        "wrong": -np.abs(answers),
        "random": np.random.default_rng(seed).random(len(answers)),
        "first": np.arange(len(answers)),
    }[how]
    order = np.argsort(score, kind="stable")
    if how != "wrong" or yes is None:
        return order
    return np.array([place for place in order if yes[place] not in (None, bool(answers[place] >= 0))], dtype=np.intp)


def part_of(table: pd.DataFrame, name: str, part: str) -> NDArray[np.bool_]:
    """Rows (n,) whose field lies in a part: one of `row_slices`, or a value.

    Raises:
        InvalidInput: there is no such field, or no such part of it.
    """
    from glider_core.rows.slices import row_slices

    if name not in table.columns:
        raise InvalidInput(
            f"The rows have no field {name!r:.80}; there are {', '.join(map(str, table.columns))[:300]}."
        )
    parts = row_slices(cast("pd.Series", table[name]))
    if part in parts:
        return parts[part]
    same = np.array([_text(cell) == part for cell in table[name]], dtype=bool)
    if not same.any():
        raise InvalidInput(f"No row has {part!r:.60} as {name}; there are, for example, {', '.join(list(parts)[:8])}.")
    return same


def sets_found(model: Any) -> dict[tuple[str, ...], tuple[int, ...]]:
    """Rows of each of the most frequent sets, by the sets' names; nothing where no run over these rows is stored."""
    from glider_core import prepared

    try:
        stored = prepared.stored_run(model.id)
    except InvalidInput:
        return {}
    return (
        {found.names: found.rows for found in stored.interactions[:20]} if stored.fingerprint == model.identity else {}
    )


def known_label(model: Any, raw: Any) -> str | None:
    """The true label of an input that comes with its model; None: it is not known."""
    answers = getattr(model, "answers", None)
    if answers is None or type(raw) is not int or not 0 <= raw < len(answers):
        return None
    return ("no", "yes")[int(answers[raw])]


def chosen(model: Any, inputs: Sequence[Input], how: str, n: int | None = None, *, seed: int = 0) -> list[Input]:
    """Some of many inputs, by what the model answers to each as it is.

    Args:
        model: whose answers are told by their sign, as those of texts and rows are.
        inputs: to choose from.
        how: one of `ROW_ORDERS`.
        n: how many at most; None: all that are like that.
        seed: of a random order.

    Raises:
        InvalidInput: none is like that, there is no such order, or an input cannot be read.
    """
    from glider_core.engine.asking import ask
    from glider_core.store.summary import is_yes

    answers = np.zeros(len(inputs))
    if how not in ("random", "first"):
        if len(inputs) > MOST_ASKED:
            raise InvalidInput(
                f"There are {len(inputs):,} inputs; what the model says is asked of at most {MOST_ASKED:,}. Choose at "
                "random, in order, or only those with a value."
            )
        for place, each in enumerate(inputs):
            instance = model.instance(each.raw)
            answers[place] = ask(instance, np.ones((1, len(instance.names)), dtype=bool))[0]
    yes = [None if each.label is None else is_yes(each.label) for each in inputs]
    return _some([inputs[place] for place in in_order(how, answers, yes, seed=seed)][:n])


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
    return _some([Input(raw=graph.nodes[place]) for place in places])


def _some(inputs: Sequence[Input]) -> list[Input]:
    """Those that were chosen, unless there are none.

    Raises:
        InvalidInput: there are none, or too many.
    """
    if not inputs:
        raise InvalidInput("None is like that; ask for others.")
    return checked(inputs)


def checked(inputs: Sequence[Input], most: int = MOST) -> list[Input]:
    """The inputs, neither none nor too many.

    Raises:
        InvalidInput: they are.
    """
    if not inputs:
        raise InvalidInput("There is no input in it; give a line each, a column of a table, or records.")
    if len(inputs) > most:
        raise InvalidInput(
            f"There are {len(inputs):,} inputs; at most {most:,} can be taken. Choose fewer, or split them."
        )
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
