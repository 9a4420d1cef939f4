"""`glider explain MODEL --batch FILE`: inputs of a file, or rows or nodes that a model came with, into a case book."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from glider_core.cli.text import Progress, file_content

if TYPE_CHECKING:
    from glider_core.batches import Input
    from glider_core.domains.base import Domain
    from glider_core.settings import Settings

TABLES = (".csv", ".tsv", ".parquet", ".xlsx", ".xls", ".xlsb", ".ods", ".gz", ".zip", ".bz2", ".xz")
_AT_A_TIME = 32
USUAL = 30  # rows or nodes of a model's own


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of many inputs are explained."""

    how: str | None = None  # one of `batches.ROW_ORDERS`
    limit: int | None = None
    where: tuple[tuple[str, str], ...] = ()  # fields and values
    with_set: tuple[str, ...] = ()
    of_class: str | None = None

    @staticmethod
    def of(
        how: str | None, limit: int | None, where: Sequence[str] | None, with_set: str | None, of_class: str | None
    ) -> Choice | None:
        """As the command line says it; None: nothing is said."""
        if how is None and limit is None and not where and with_set is None and of_class is None:
            return None
        pairs = [told.partition("=") for told in where or ()]
        if wrong := [name for name, equal, _ in pairs if not equal or not name]:
            raise typer.BadParameter(f"--where wants FIELD=VALUE; got {wrong[0]!r:.60}.")
        names = tuple(name.strip() for name in (with_set or "").split(",") if name.strip())
        return Choice(how, limit, tuple((name, value) for name, _, value in pairs), names, of_class)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says of a batch."""

    model: str
    file: Path | None  # or a folder of files, such as photos; None: what the model came with
    store: str | None
    book: str
    column: str | None
    label: str | None
    off_state: str | None
    choice: Choice


def run(asked: Asked, settings_for: Callable[[Domain], Settings]) -> None:
    """Explain all inputs and keep each as soon as it is there; what the book holds already is not explained again.

    Raises:
        GliderError: the file, the model or the store cannot be used.
    """
    from glider_core.domains import domain_of
    from glider_core.engine.explain import explain_many
    from glider_core.errors import InvalidInput
    from glider_core.models import load_model
    from glider_core.store import Store

    loaded = load_model(asked.model)
    domain = domain_of(asked.model)
    settings = settings_for(domain)
    options = {} if asked.off_state is None else {"off_state": known_off_state(domain, asked.model, asked.off_state)}
    inputs = own_inputs(loaded, asked) if asked.file is None else inputs_of(asked, asked.file, loaded)
    book = Store(asked.store).book(asked.book)
    name, began, refused, known = (
        f"{asked.model if asked.file is None else asked.file.name}, {time.strftime('%Y-%m-%d %H:%M')}",
        time.monotonic(),
        0,
        0,
    )
    progress = Progress("of the inputs")
    for start in range(0, len(inputs), _AT_A_TIME):
        some: list[tuple[Input, Any]] = []
        for each in inputs[start : start + _AT_A_TIME]:
            try:
                instance = loaded.instance(each.raw, **options)
            except InvalidInput as error:
                typer.echo(f"{each.title or str(each.raw)[:60]}: {error}", err=True)
                refused += 1
                continue
            if book.find(instance.case(settings).fingerprint) is not None:
                known += 1
            else:
                some.append((each, instance))

        def keep(place: int, explanation: Any, some: Sequence[tuple[Input, Any]] = some) -> None:
            book.add(explanation, title=some[place][0].title, label=some[place][0].label, batch=name)

        explain_many([instance for _, instance in some], settings, on_result=keep)
        progress("batch", min(start + _AT_A_TIME, len(inputs)) / len(inputs))
    progress.end()
    done = len(inputs) - refused - known
    typer.echo(
        f"{done} explained in {time.monotonic() - began:.1f} s"
        + (f", {known} were in the book already" if known else "")
        + (f", {refused} could not be read" if refused else "")
        + f". Book {asked.book!r} has {book.count()[0]} cases; open it on the page Cases of the app."
    )
    if refused:
        raise typer.Exit(2)


def own_inputs(model: Any, asked: Asked) -> list[Input]:
    """Rows or nodes that the model came with, as chosen.

    Raises:
        InvalidInput: it came with none, or none is like that.
    """
    from glider_core.batches import nodes_of, rows_of
    from glider_core.errors import InvalidInput

    choice, n = asked.choice, asked.choice.limit or USUAL
    kind = asked.model.partition("/")[0]
    for of, told in (("recommender", choice.where or choice.with_set), ("graph", choice.of_class)):
        if told and kind != of:
            raise InvalidInput("--where and --with-set are of rows, --of-class is of nodes; leave it out.")
    if kind == "recommender":
        return rows_of(model, choice.how or "uncertain", n, where=dict(choice.where), found=choice.with_set)
    if kind == "graph":
        if choice.how not in (None, "random", "wrong"):
            raise InvalidInput(f"Nodes are chosen as random or wrong; got {choice.how!r:.40}.")
        return nodes_of(model, choice.of_class, n, wrong=choice.how == "wrong")
    raise InvalidInput(f"{asked.model} comes with no rows or nodes to choose from; give --batch FILE.")


def inputs_of(asked: Asked, path: Path, model: Any) -> list[Input]:
    """The inputs in a file or folder, as chosen.

    Raises:
        InvalidInput: it cannot be read, holds none, or none is like that.
    """
    from glider_core.batches import MOST, checked, chosen
    from glider_core.errors import InvalidInput

    choice = asked.choice
    if choice.with_set or choice.of_class:
        raise InvalidInput("--with-set and --of-class are of what a model comes with; leave them out with --batch.")
    inputs = _read(asked, path)
    if choice.how is None:
        return checked(inputs[: choice.limit])
    if choice.how not in ("random", "first") and asked.model.partition("/")[0] not in ("sentiment", "recommender"):
        raise InvalidInput(f"Inputs of {asked.model} are chosen as random or first; got {choice.how!r:.40}.")
    return chosen(model, inputs, choice.how, choice.limit or MOST)


def _read(asked: Asked, path: Path) -> list[Input]:
    from glider_core.batches import MOST_GIVEN, Input, checked, of_table, part_of, pasted, usual_columns
    from glider_core.cli.text import decoded
    from glider_core.domains import domain_of
    from glider_core.errors import InvalidInput
    from glider_core.tables.read import read_table

    domain = domain_of(asked.model)
    if asked.choice.where and (path.is_dir() or path.suffix.lower() not in TABLES):
        raise InvalidInput(f"{path.name} is no table, which --where needs; leave it out.")
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
        return checked([Input(raw=domain.read(str(file)), title=file.name) for file in files])
    if path.suffix.lower() not in TABLES:
        return pasted(asked.model, decoded(file_content(path)))
    table = read_table(path, least_rows=1, least_columns=1).table
    text, label = usual_columns(list(map(str, table.columns)))
    column = asked.column or (None if domain.name == "recommender" else text or str(table.columns[0]))
    for name, value in asked.choice.where:
        table = table.loc[part_of(table, name, value)]
    return of_table(table, column, asked.label or (label if label != column else None), most=MOST_GIVEN)


def known_off_state(domain: Domain, model: str, name: str) -> str:
    """The off state's name, if the model has it.

    Raises:
        InvalidInput: it has none of this name.
    """
    from glider_core.errors import InvalidInput

    known = domain.off_states_of(model)
    if name not in known:
        raise InvalidInput(
            f"{model} has no off state {name!r:.40}; choose one of {', '.join(known)}."
            if known
            else f"{model} has one off state only; leave --off-state out."
        )
    return name
