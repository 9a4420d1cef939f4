"""`glider crosses-log`: do crosses help on a log that is larger than memory?"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glider_core.cli.text import readable_errors
from glider_core.output import check_writable, write_whole

if TYPE_CHECKING:
    from glider_core.recommenders.streamed_trial import StreamedTrial


def crosses_log(
    logs: Annotated[list[Path], typer.Argument(help="Texts in Kaggle's format, or Parquet: one log, in this order.")],
    out: Annotated[Path, typer.Option(help="A new folder for the encoded log and report.json.")],
    kind: Annotated[str, typer.Option(help="criteo or avazu.")] = "criteo",
    sets: Annotated[str, typer.Option(help='Crosses, such as "C5,C6;C1,C8,I2".')] = "",
    found: Annotated[Path | None, typer.Option(help="A result of detect-global, whose sets are crossed.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Of its sets, the most frequent.")] = 10,
    threshold: Annotated[
        int | None, typer.Option(min=0, help="Training rows that an id must exceed; by default 100 of a million.")
    ] = None,
    model: Annotated[str, typer.Option(help="Wide&Deep, DeepFM, Deep&Cross, xDeepFM or AutoInt.")] = "DeepFM",
    epochs: Annotated[int, typer.Option(min=1, help="Passes at most.")] = 1,
    batch: Annotated[int | None, typer.Option(min=1, help="Rows of a step; by default by the log's rows.")] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="That encode, on this machine; by default one a core.")]
    = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a dask.distributed scheduler to encode on.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda; auto takes a GPU where there is one.")] = "auto",
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:  # fmt: skip
    """Encode a log on disk, train a recommender without crosses and with them, and keep these if they help."""
    with readable_errors():
        from glider_core.errors import InvalidInput
        from glider_core.recommenders.fitting import device_for
        from glider_core.recommenders.pieces import fields_of, log_pieces
        from glider_core.recommenders.recipes import log_recipe
        from glider_core.recommenders.streamed import stream_log
        from glider_core.recommenders.streamed_trial import try_crosses
        from glider_core.rows.result import GlobalInteractions

        target, kinds = fields_of(kind, logs[0])
        wanted: list[Any] = [[name.strip() for name in part.split(",")] for part in sets.split(";") if part.strip()]
        if found is not None:
            wanted += GlobalInteractions.from_json(found.read_text(encoding="utf-8")).top(top)
        if not wanted:
            raise InvalidInput('Name crosses with --sets "C5,C6;C1,C8" or with --found.')
        pieces: Any = log_pieces(logs, kind)  # type: ignore[arg-type]
        if processes is None:
            processes = 1 if scheduler else min(os.cpu_count() or 1, len(pieces))
        check_writable(out / "report.json")
        told = ""

        def on_progress(stage: str, rows: int) -> None:
            nonlocal told
            if stage != told:
                told = stage
                typer.echo(f"{ {'read': 'Reading', 'count': 'Counting', 'encode': 'Encoding'}[stage] } …", err=True)

        log = stream_log(
            pieces, target, kinds, out / "encoded", sets=wanted, threshold=threshold, seed=seed, processes=processes,
            executor=scheduler, on_progress=on_progress,
        )  # fmt: skip
        typer.echo(f"{log.rows:,} rows in {log.folder.name}/", err=True)
        place = device_for(device, log.rows)
        result = try_crosses(
            log,
            target=model,
            recipe=log_recipe(log.rows, epochs=epochs, batch=batch),
            seed=seed,
            device=place,
            on_stage=lambda words: typer.echo(f"{words} …", err=True),
        )
        _tell(result)
        report = {"rows": log.rows, "device": place, "seed": seed, **result.to_dict()}
        write_whole(out / "report.json", json.dumps(report, indent=1) + "\n")


def _tell(result: StreamedTrial) -> None:
    typer.echo(f"{'':24}{'test AUC':>10}{'logloss':>10}{'parameters':>14}{'rows a second':>16}")
    for model in result.models:
        mark = " *" if model.name == result.kept else ""
        numbers = f"{model.test.auc:10.4f}{model.test.logloss:10.4f}{model.parameters:14,}{model.rows_a_second:16,}"
        typer.echo(f"{model.name:24}{numbers}{mark}")
    typer.echo(f"\n{result.verdict}")
