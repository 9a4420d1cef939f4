"""`glider detect-global`: the interactions that come back in many rows."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from glider_core.cli.text import Progress, readable_errors
from glider_core.numerals import signed
from glider_core.output import check_distinct, check_writable, write_whole


class Counting(StrEnum):
    """What counts in a row."""

    GATES = "gates"
    PAPER = "paper"


_WORTHWHILE = 200  # rows from which on a second process is worth its start


def detect_global(
    model: Annotated[str, typer.Argument(help="Such as recommender/simulated or sentiment/lstm.")],
    rows: Annotated[
        Path | None,
        typer.Option(
            help="A table, of CSV or the like, Excel or Parquet; sentences or sequences, one a line. Ours by default."
        ),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the table, such as cp1252; guessed by default.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="What divides its columns; guessed by default.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Its decimal mark, . or ,; guessed by default.")] = None,
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", help="Whether a line of it names the columns.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook; by default the first with a table.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many rows.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write the whole result as JSON.")] = None,
    resume: Annotated[Path | None, typer.Option(help="A file to keep finished rows in, and to go on from.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a dask.distributed scheduler to work on.")] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="On this machine; by default one per core for 200 rows and more.")
    ] = None,
    counting: Annotated[
        Counting, typer.Option(help="What counts in a row: interactions that pass the gates, or NID's top 100 (paper).")
    ] = Counting.GATES,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    top: Annotated[int, typer.Option(min=0, help="Sets to print.")] = 20,
) -> None:
    """Find the interactions that come back in many rows (GLIDER's global detection)."""
    with readable_errors():
        from glider_core.domains import DOMAINS
        from glider_core.errors import InvalidInput
        from glider_core.models import load_model
        from glider_core.rows.run import PAPER, ROWS
        from glider_core.rows.run import detect_global as run_detection
        from glider_core.tables.assumptions import Assumptions

        check_distinct(rows=rows, out=out, resume=resume)
        if out is not None:
            check_writable(out)
        loaded: Any = load_model(model)
        domain = DOMAINS[model.partition("/")[0]]
        if domain.content is not None:
            over_inputs(loaded, domain, rows, limit=limit, out=out, seed=seed, top=top, given=(resume, scheduler))
            return
        if not hasattr(loaded, "rows"):
            raise InvalidInput(f"{model} does not read rows of a table; choose a model of recommender/.")
        known = Assumptions(
            encoding=encoding,
            delimiter="\t" if delimiter in ("\\t", "tab") else delimiter,
            decimal=decimal,
            header=header,
            sheet=sheet,
        )
        table = loaded.rows if rows is None else read_rows(rows, known, loaded)
        table = table if limit is None else table.head(limit)
        if processes is None:
            worthwhile = scheduler is None and len(table) >= _WORTHWHILE
            processes = (os.cpu_count() or 1) if worthwhile else 1
        progress = Progress()
        run = run_detection(
            loaded,
            table,
            (PAPER if counting is Counting.PAPER else ROWS).model_copy(update={"seed": seed}),
            resume=resume,
            executor=scheduler,
            processes=processes,
            on_progress=progress,
        )
        progress.end()
        for rank, found in enumerate(run.interactions[:top], 1):
            mark = "" if found.p_adjusted < 0.05 else "  (not significant)"
            names = " × ".join(found.names)
            typer.echo(f"{rank:3}  {found.count:5} of {run.n_rows}  {signed(found.mean_effect, 3)}  {names}{mark}")
        if out is not None:
            write_whole(out, run.to_json())
            typer.echo(f"Wrote {out}")


def over_inputs(
    model: Any, domain: Any, path: Path | None, *, limit: int | None, out: Path | None, seed: int, top: int,
    given: tuple[Path | None, str | None],
) -> None:  # fmt: skip
    """The same for models of texts and sequences, whose sets are told by their words or letters in order.

    Raises:
        InvalidInput: the file cannot be read, or holds nothing; or an option has no meaning here.
    """
    from glider_core.errors import InvalidInput
    from glider_core.prepared import content_settings
    from glider_core.rows.by_content import detect_by_content
    from glider_core.rows.content_run import ranked

    for name, value in zip(("--resume", "--scheduler"), given, strict=True):
        if value is not None:
            raise InvalidInput(f"{name} is for models of rows; over {domain.content.inputs} leave it out.")
    inputs = domain.corpus() if path is None else read_inputs(path, domain)
    progress = Progress()
    run = detect_by_content(
        model, inputs[:limit], domain.content, content_settings(domain, seed=seed), on_progress=progress
    )
    progress.end()
    for rank, found in enumerate(ranked(run, domain.content)[:top], 1):
        words = domain.content.joined.join(found.content)
        typer.echo(
            f"{rank:3}  {found.count:5} of {found.present} that have it  {signed(found.mean_effect, 3)}  {words}"
        )
    if out is not None:
        write_whole(out, run.to_json())
        typer.echo(f"Wrote {out}")


def read_inputs(path: Path, domain: Any) -> list[Any]:
    """A text a line, or the records of FASTA or FASTQ.

    Raises:
        InvalidInput: it cannot be read, or holds nothing.
    """
    from glider_core.errors import InvalidInput

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path.name} cannot be read as UTF-8 text ({type(error).__name__}).") from None
    records = [] if domain.several is None else [raw for _, raw in domain.several(text)]
    inputs = records if len(records) > 1 else [line.strip() for line in text.splitlines() if line.strip()]
    if not inputs:
        raise InvalidInput(f"{path.name} holds no {domain.content.inputs}; write one a line.")
    return inputs


def read_rows(path: Path, known: Any, model: Any) -> Any:
    """The table in a file, for this model; all that was assumed about it is told on standard error.

    Raises:
        InvalidInput: it cannot be read.
    """
    from glider_core.tables.dates import with_date_parts
    from glider_core.tables.read import read_table

    # A field that the model reads as categories is taken as it is written: "01" is an hour, not the number 1.
    categorical = tuple((field.name, "text") for field in model.fields if field.kind == "categorical")
    table, told = read_table(path, assumptions=known.changed(read_as=categorical), least_rows=1)
    typer.echo(f"{path.name}: {len(table):,} rows; " + "; ".join(told.words()), err=True)
    for note in told.notes:
        typer.echo(f"  {note.column + ': ' if note.column else ''}{note.text}", err=True)
    return with_date_parts(table)
