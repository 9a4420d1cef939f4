"""`glider crosses`: from a table to a better model and the crosses that make it so, or to "none helps"."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glider_core.cli.text import readable_errors
from glider_core.output import check_distinct, check_writable, write_whole

if TYPE_CHECKING:
    from glider_core.recommenders.improvement import Improvement


def crosses(
    table: Annotated[Path, typer.Argument(help="CSV and the like, Excel or Parquet.")],
    target: Annotated[str, typer.Option(help="The column to predict; guessed by default.")] = "",
    positive: Annotated[str, typer.Option(help="Its value that counts as 1; guessed by default.")] = "",
    drop: Annotated[str, typer.Option(help="Columns to leave out, such as those known too late; by commas.")] = "",
    categorical: Annotated[str, typer.Option(help="Columns whose numbers are names, such as ids; by commas.")] = "",
    model: Annotated[str, typer.Option(help="Wide&Deep, DeepFM, Deep&Cross, xDeepFM or AutoInt.")] = "DeepFM",
    found: Annotated[
        Path | None, typer.Option(help="A result of detect-global whose sets are the candidates; else all pairs.")
    ] = None,
    also: Annotated[
        int,
        typer.Option(min=0, help="Training rows to look in for sets that AutoInt uses, as candidates beside those."),
    ] = 0,
    encodings: Annotated[str, typer.Option(help="Ways of reading crosses to try; by commas, or all.")] = "numbers",
    baselines: Annotated[str, typer.Option(help="To compare with, by commas, or none; by default all.")] = "all",
    out: Annotated[Path | None, typer.Option(help="A folder for the report and the crosses that help.")] = None,
    device: Annotated[
        str, typer.Option(help="cpu or cuda; auto takes a GPU where there is one and the table is large.")
    ] = "auto",
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Find feature crosses that make a model of your table better; say plainly when none does."""
    with readable_errors():
        from glider_core.errors import InvalidInput
        from glider_core.recommenders.dataset import split
        from glider_core.recommenders.encodings import ENCODINGS
        from glider_core.recommenders.fitting import device_for
        from glider_core.recommenders.improving import improve
        from glider_core.rows.result import GlobalInteractions
        from glider_core.tables.dates import with_date_parts
        from glider_core.tables.read import read_table
        from glider_core.tables.target import guess_target, positive_values
        from glider_core.tables.values import Kind, guess_columns
        from glider_core.used_sets import used_sets

        if out is not None:
            from glider_core.reporting.improvement import FILES

            for name in FILES:
                check_distinct(table=table, found=found, out=out / name)
                check_writable(out / name)
        rows, told = read_table(table)
        rows = with_date_parts(rows)
        typer.echo(f"{table.name}: {len(rows):,} rows; " + "; ".join(told.words()), err=True)
        dropped, names = _names(drop), _names(categorical)
        wanted = target or guess_target(rows)
        for name in (wanted, *dropped, *names):
            if name not in rows.columns:
                raise InvalidInput(f"The table has no column {name[:60]!r}; it has {', '.join(rows.columns)[:300]}.")
        column: Any = rows[wanted]
        values = positive_values(column)
        if not values:
            raise InvalidInput(f"The column {wanted[:60]!r} cannot be predicted; choose one with a few values.")
        guesses = guess_columns(rows.drop(columns=[wanted]), told)
        kinds: dict[str, Kind] = {
            name: guess.kind for name, guess in guesses.items() if guess.kind and name not in dropped
        }
        for name in names:
            kinds[name] = "categorical"
        for name, guess in guesses.items():
            if guess.reason and name not in names:
                typer.echo(f"  {name}: {guess.reason}", err=True)
        typer.echo(f"To predict: {wanted} = {positive or values[0]}", err=True)
        dataset = split(rows, wanted, positive or values[0], kinds, seed=seed)
        sets = None
        if found is not None:
            sets = GlobalInteractions.from_json(found.read_text(encoding="utf-8")).top(30)
        result = improve(
            dataset,
            target=model,
            sets=sets,
            also=(lambda own: used_sets(own, also, seed)) if also else None,
            encodings=tuple(ENCODINGS) if encodings == "all" else _names(encodings),
            baselines=None if baselines == "all" else [] if baselines == "none" else _names(baselines),
            seed=seed,
            device=device_for(device, len(dataset.tables["train"])),
            on_stage=lambda words: typer.echo(f"{words} …", err=True),
        )
        _tell(result)
        if out is not None:
            _write(result, out, table.name)


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _tell(result: Improvement) -> None:
    typer.echo(f"{'':34}{'validation':>20}{'test':>20}")
    typer.echo(f"{'':34}{'AUC':>10}{'logloss':>10}{'AUC':>10}{'logloss':>10}")
    for place, model in enumerate((*result.models, *result.baselines)):
        name = model.name if place >= len(result.models) else f"{result.target}, {model.name}"
        mark = " *" if model.name == result.chosen else ""
        numbers = (model.validation.auc, model.validation.logloss, model.test.auc, model.test.logloss)
        typer.echo(f"{name[:44]:34}" + "".join(f"{number:10.4f}" for number in numbers) + mark)
    typer.echo(f"\n{result.verdict}")
    if result.advice:
        typer.echo(result.advice)


def _write(result: Improvement, folder: Path, source: str) -> None:
    """The report, and what a pipeline needs to make the crosses; nothing of an earlier run stays."""
    from glider_core.reporting.improvement import FILES, improvement_files

    files, notes = improvement_files(result, source=source)
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    for name, content in files.items():
        write_whole(folder / name, content)
    for note in notes:
        typer.echo(note, err=True)
    typer.echo(f"Wrote {', '.join(files)} in {folder}")
