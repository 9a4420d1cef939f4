"""`glider detect-global`: the interactions that come back in many rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from glider_core.cli.text import Progress, file_content, readable_errors
from glider_core.output import check_distinct, check_writable, write_whole


def detect_global(
    model: Annotated[str, typer.Argument(help="A model of rows, such as recommender/simulated.")],
    rows: Annotated[
        Path | None, typer.Option(help="A CSV or Parquet file; by default the model's example rows.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many rows.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write the whole result as JSON.")] = None,
    resume: Annotated[Path | None, typer.Option(help="A file to keep finished rows in, and to go on from.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a dask.distributed scheduler to work on.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    top: Annotated[int, typer.Option(min=0, help="Sets to print.")] = 20,
) -> None:
    """Find the interactions that come back in many rows (GLIDER's global detection)."""
    with readable_errors():
        from glider_core.errors import InvalidInput
        from glider_core.models import load_model
        from glider_core.rows.run import detect_global as run_detection
        from glider_core.settings import Settings
        from glider_core.tables.read import read_table

        check_distinct(rows=rows, out=out, resume=resume)
        if out is not None:
            check_writable(out)
        loaded: Any = load_model(model)
        if not hasattr(loaded, "rows"):
            raise InvalidInput(f"{model} does not read rows of a table; choose a model of recommender/.")
        table = loaded.rows if rows is None else read_table(file_content(rows), rows.name)
        progress = Progress()
        run = run_detection(
            loaded,
            table if limit is None else table.head(limit),
            Settings(detector="NID", seed=seed),
            resume=resume,
            executor=scheduler,
            on_progress=progress,
        )
        progress.end()
        for rank, found in enumerate(run.interactions[:top], 1):
            mark = "" if found.p_adjusted < 0.05 else "  (not significant)"
            names = " × ".join(found.names)
            typer.echo(f"{rank:3}  {found.count:5} of {run.n_rows}  {found.mean_effect:+.3f}  {names}{mark}")
        if out is not None:
            write_whole(out, run.to_json())
            typer.echo(f"Wrote {out}")
