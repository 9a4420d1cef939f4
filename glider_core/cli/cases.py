"""`glider report` and `glider store`: what was kept, as a file to read, and as a file to keep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glider_core.cli.text import readable_errors
from glider_core.output import check_distinct, check_writable, write_whole

if TYPE_CHECKING:
    from glider_core.reporting.page import Reported
    from glider_core.store import Ask

store = typer.Typer(name="store", no_args_is_help=True, help="Back up, restore and export the cases that are kept.")
Url = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="By default where the app keeps cases: GLIDER_DATABASE_URL."),
]
Book = Annotated[str, typer.Option("--book", metavar="NAME", help="The case book in it.")]


@store.command("backup")
def back_up(
    file: Annotated[Path, typer.Argument(help="A new file, which is itself a store.")], url: Url = None
) -> None:
    """Write the whole store into one file, while it is used."""
    with readable_errors():
        from glider_core.store import Store, backup

        typer.echo(f"{backup(Store(url).database, file):,} cases are in {file}.")


@store.command("restore")
def restore_from(
    file: Annotated[Path, typer.Argument(help="A file that `glider store backup` wrote.")], url: Url = None
) -> None:
    """Fill an empty store from a backup, SQLite or PostgreSQL whichever it came from."""
    with readable_errors():
        from glider_core.store import Store, restore

        typer.echo(f"{restore(Store(url).database, file):,} cases were restored.")


@store.command("list")
def list_books(url: Url = None) -> None:
    """Print the named books and how many cases each has."""
    with readable_errors():
        from glider_core.store import Store

        kept = Store(url)
        for name in kept.books():
            typer.echo(f"{name}: {kept.book(name).count()[0]:,} cases")


@store.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="FILE.csv for spreadsheets, FILE.json with whole explanations.")],
    url: Url = None,
    book: Book = "shell",
    search: Annotated[str, typer.Option(help="Only cases with these words.")] = "",
) -> None:
    """Write a case book as a table or as JSON."""
    with readable_errors():
        from glider_core.reporting import book_csv, book_json
        from glider_core.store import Ask, Store

        if file.suffix.lower() not in (".csv", ".json"):
            raise typer.BadParameter("The file is to end in .csv or .json.")
        check_writable(file)
        kept = Store(url).book(book)
        lines = kept.lines(Ask(search=search), limit=1_000_000)
        write_whole(file, book_csv(lines) if file.suffix.lower() == ".csv" else book_json(kept, lines))
        typer.echo(f"{len(lines):,} cases are in {file}.")


def write_report(
    out: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="The report.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="Saved explanations and runs over rows, as JSON; none: of a case book."),
    ] = None,
    url: Url = None,
    book: Book = "shell",
    search: Annotated[str, typer.Option(help="Only cases with these words.")] = "",
    tag: Annotated[str | None, typer.Option(help="Only cases with this tag.")] = None,
    title: Annotated[str, typer.Option(help="Of the report.")] = "Glider report",
    note: Annotated[str, typer.Option(help="What it is about, at its head.")] = "",
    address: Annotated[
        str, typer.Option(metavar="URL", help="Of an app, such as https://glider.example.org: cases link to it.")
    ] = "",
    compare: Annotated[bool, typer.Option("--compare", help="The first two stand side by side, on one scale.")] = False,
) -> None:
    """Write one HTML file, which opens offline and prints well, of explanations, runs or a case book."""
    with readable_errors():
        from glider_core.reporting import entries_of, report
        from glider_core.store import Ask, Store

        check_writable(out)
        if files:
            check_distinct(out=out, **{f"file {number}": path for number, path in enumerate(files, 1)})
            report([_saved(path) for path in files], out, title=title, intro=note, address=address, comparison=compare)
            return
        kept = Store(url).book(book)
        asked: Ask = Ask(search=search, tags=() if tag is None else (tag,), sort="created", descending=False)
        lines = kept.lines(asked, limit=501)
        report(
            entries_of(kept, lines),
            out,
            title=title,
            intro=note,
            address=address,
            comparison=compare,
            agreement=kept.agreements(),
        )


def _saved(path: Path) -> Reported:
    """What a file holds: an explanation, or a run over rows, sentences or sequences.

    Raises:
        InvalidInput: it holds none of them.
    """
    import json

    from glider_core.cli.text import file_content
    from glider_core.results import Explanation
    from glider_core.rows.content_run import ContentRun
    from glider_core.rows.result import GlobalInteractions

    content = file_content(path)
    try:
        kind = json.loads(content).get("glider")
    except (ValueError, AttributeError, RecursionError):
        kind = None
    kinds = {"global run": GlobalInteractions, "content run": ContentRun}
    return kinds.get(str(kind), Explanation).from_json(content)
