"""`glider explain MODEL --batch FILE`: all inputs of a file into a case book, which the app opens."""

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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says of a batch."""

    model: str
    file: Path  # or a folder of files, such as photos
    store: str | None
    book: str
    column: str | None
    label: str | None
    off_state: str | None


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
    inputs = inputs_of(asked)
    book = Store(asked.store).book(asked.book)
    name, began, refused, known = f"{asked.file.name}, {time.strftime('%Y-%m-%d %H:%M')}", time.monotonic(), 0, 0
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


def inputs_of(asked: Asked) -> list[Input]:
    """The inputs in a file or folder.

    Raises:
        InvalidInput: it cannot be read, or holds none.
    """
    from glider_core.batches import Input, checked, of_table, pasted, usual_columns
    from glider_core.cli.text import decoded
    from glider_core.domains import domain_of
    from glider_core.tables.read import read_table

    path, domain = asked.file, domain_of(asked.model)
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
        return checked([Input(raw=domain.read(str(file)), title=file.name) for file in files])
    if path.suffix.lower() not in TABLES:
        return pasted(asked.model, decoded(file_content(path)))
    table = read_table(path, least_rows=1, least_columns=1).table
    text, label = usual_columns(list(map(str, table.columns)))
    column = asked.column or (None if domain.name == "recommender" else text or str(table.columns[0]))
    return of_table(table, column, asked.label or (label if label != column else None))


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
