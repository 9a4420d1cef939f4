"""`glider models`, `glider train` and `glider prepare`."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer

from glider_core.cli.text import readable_errors


def list_all() -> None:
    """List the models and whether they are available."""
    from glider_core.models import list_models

    for model in list_models():
        typer.echo(f"{model.id:27} {'ready' if model.available else 'missing':8} {model.title}: {model.detail}")


def train(
    model: Annotated[str, typer.Argument(help="A shipped model's id.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of training data; by default the variable GLIDER_DATA.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write; by default the model's own under assets/, or the working folder."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Train a shipped model anew from its recipe; writes weights and model card."""
    with readable_errors():
        from glider_core.errors import InvalidInput
        from glider_core.experiments.base import data_folder
        from glider_core.models import entries
        from glider_core.output import check_writable
        from glider_core.shipped import place_for

        entry = entries().get(model)
        if entry is None or entry.recipe is None:
            raise InvalidInput(f"There is no recipe for {model!r:.80}; `glider models` lists the models.")
        folder, target = data_folder(data), out or place_for(*model.split("/"))
        check_writable(target / "weights.safetensors")
        importlib.import_module(entry.recipe).train(folder, target, seed=seed)


def prepare(
    only: Annotated[str, typer.Argument(help="Models whose id begins with this; by default all that ship.")] = "",
) -> None:
    """Explain the examples of the shipped models anew, and store what pages open with."""
    with readable_errors():
        from glider_core import prepared
        from glider_core.errors import InvalidInput

        def told(example: prepared.Example, explanation: Any) -> None:
            shares = explanation.shares
            size = example.path.stat().st_size / 1000
            typer.echo(
                f"{example.model:27} {example.title:26} {explanation.verdict:10} {shares.alone:.1%} alone, "
                f"{shares.together:.1%} together ({size:.0f} kB)"
            )

        def counted(model: str, run: Any) -> None:
            typer.echo(f"{model:27} {run.n_rows} rows, {len(run.interactions):,} different sets")

        def told_of(model: str, run: Any) -> None:
            typer.echo(f"{model:27} {run.n_rows} inputs, {len(run.sets):,} different sets by content")

        done = prepared.prepare(only, told) + prepared.prepare_runs(only, counted)
        done += prepared.prepare_counts(only, counted)
        if not done + prepared.prepare_content_runs(only, told_of):
            raise InvalidInput(f"No shipped model's id begins with {only!r:.80}; `glider models` lists them.")
