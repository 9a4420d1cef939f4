"""The command line `glider`: explain, many rows, models, training, experiments, and the app itself."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from glider_core._version import __version__
from glider_core.cli import cases, crosses, explain, logs, models, reproduce, rows, serve

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Find the feature interactions that black-box models have learned.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find the feature interactions that black-box models have learned."""
    # A terminal that lacks a letter gets its number in place of it, not an error.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Own domains and functions that variables name lie in the working folder, which `python -m` would search as well.
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))


app.command("app")(serve.serve)
app.command("explain")(explain.explain)
app.command("detect-global")(rows.detect_global)
app.command("crosses")(crosses.crosses)
app.command("crosses-log")(logs.crosses_log)
app.command("models")(models.list_all)
app.command("train")(models.train)
app.command("prepare")(models.prepare)
app.command("reproduce", context_settings=reproduce.PASS_ON, add_help_option=False)(reproduce.reproduce)
app.command("results")(reproduce.results)
app.command("report")(cases.write_report)
app.add_typer(cases.store)
