"""The command line: explain, list the models, train the shipped ones anew, run the experiments."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from glider_core.engine.madex import explain as run_madex
from glider_core.errors import GliderError, InvalidInput
from glider_core.models import entries, list_models, load_model
from glider_core.rows.detect import detect_global as find_globally
from glider_core.settings import Settings
from glider_core.shipped import ASSETS
from glider_core.tables.fields import read_table

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder of training data; by default the variable GLIDER_DATA.")
]


@app.command("models")
def models() -> None:
    """List the models and whether they are available."""
    for model in list_models():
        typer.echo(f"{model.id:16} {'ready' if model.available else 'missing':8} {model.title}: {model.detail}")


@app.command("explain")
def explain(
    model: Annotated[str, typer.Argument(help="A model's id, such as sentiment/lstm.")],
    text: Annotated[str, typer.Argument(help="What to explain: a sentence, a sequence; '-' reads standard input.")],
    detector: Annotated[str, typer.Option(help="NID or GradientNID.")] = "NID",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole explanation as JSON.")] = False,
) -> None:
    """Explain one input and print its interactions."""
    with _ReadableErrors():
        raw = sys.stdin.read() if text == "-" else text
        explanation = run_madex(load_model(model).instance(raw), Settings(detector=detector, seed=seed))
        if as_json:
            typer.echo(explanation.to_json())
            return
        typer.echo(f"{explanation.explained}: {explanation.prediction:+.3f} logits")
        for interaction in explanation.interactions:
            typer.echo(
                f"{' · '.join(interaction.names)}\n"
                f"    strength {interaction.strength:.3f}, effect {interaction.effect:+.3f} logits, "
                f"gain in R2 {interaction.gain:.4f}"
            )
        if not explanation.interactions:
            typer.echo("No interaction found: the model adds these features up.")


@app.command("detect-global")
def detect_global(
    model: Annotated[str, typer.Argument(help="A recommender's id, such as recommender/simulated.")],
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
    with _ReadableErrors():
        loaded: Any = load_model(model)
        if not hasattr(loaded, "rows"):
            raise InvalidInput(f"{model} does not read rows of a table; choose a model of recommender/.")
        table = loaded.rows if rows is None else read_table(_bytes(rows), rows.name)
        progress = _Progress()
        run = find_globally(
            loaded,
            table if limit is None else table.head(limit),
            Settings(detector="NID", seed=seed),
            resume=resume,
            executor=scheduler,
            on_progress=progress,
        )
        progress.end()
        for rank, one in enumerate(run.interactions[:top], 1):
            mark = "" if one.p_adjusted < 0.05 else "  (not significant)"
            typer.echo(
                f"{rank:3}  {one.count:5} of {run.n_rows}  {one.mean_effect:+.3f}  {' × '.join(one.names)}{mark}"
            )
        if out is not None:
            out.write_text(run.to_json(), encoding="utf-8")
            typer.echo(f"Wrote {out.name}")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read ({error.strerror}).") from None


class _Progress:
    """A percentage on standard error, where a person watches."""

    def __init__(self) -> None:
        self._shown = -1

    def __call__(self, stage: str, share: float) -> None:
        if sys.stderr.isatty() and int(share * 100) != self._shown:
            self._shown = int(share * 100)
            typer.echo(f"\r{self._shown:3} % of the rows", nl=False, err=True)

    def end(self) -> None:
        if self._shown >= 0:
            typer.echo(err=True)


@app.command("train")
def train(
    model: Annotated[str, typer.Argument(help="A shipped model's id.")],
    data: DataFolder = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write; by default the model's own under assets/.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Train a shipped model anew from its recipe; writes weights and model card."""
    with _ReadableErrors():
        entry = entries().get(model)
        if entry is None or entry.recipe is None:
            raise InvalidInput(f"There is no recipe for {model!r}; `python -m glider_core models` lists the models.")
        importlib.import_module(entry.recipe).train(data_folder(data), out or ASSETS / model, seed=seed)


@app.command("experiment")
def experiment(
    name: Annotated[str, typer.Argument(help="dna-motif, dna-sparsity or negations.")],
    data: DataFolder = None,
) -> None:
    """Run an experiment and write its result under assets/results/."""
    with _ReadableErrors():
        if name == "dna-motif":
            from glider_core.experiments import dna_motif

            result = dna_motif.run(data_folder(data))
        elif name == "dna-sparsity":
            from glider_core.experiments import dna_motif

            result = dna_motif.sparsity(data_folder(data))
        elif name == "negations":
            from glider_core.experiments import negations

            result = negations.run()
        elif name == "planted-recommender":
            from glider_core.experiments import planted_recommender

            result = planted_recommender.run()
        elif name == "real-tables":
            from glider_core.experiments import real_tables

            result = real_tables.run(data_folder(data))
        else:
            known = "dna-motif, dna-sparsity, negations, planted-recommender or real-tables"
            raise InvalidInput(f"There is no experiment {name!r}; choose {known}.")
        path = ASSETS / "results" / f"{name.replace('-', '_')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1) + "\n")
        typer.echo(f"Wrote {path.relative_to(ASSETS.parent)}")


@app.command("reproduce")
def reproduce(
    what: Annotated[str, typer.Argument(help="table3 (with Tables 2a, 4, 6, 7 and Figures 2, 7), figure3 or figure5.")],
    table: Annotated[
        str, typer.Option(help="simulated, movielens, census, criteo or avazu: what to reproduce it on.")
    ] = "simulated",
    data: Annotated[
        Path | None,
        typer.Option(help="Criteo, Avazu: the log's file. Others: the folder of training data, or GLIDER_DATA."),
    ] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Rows to train on, or to read; by default all.")] = None,
    explained: Annotated[int, typer.Option(min=1, help="Validation rows to explain.")] = 1000,
    k: Annotated[int | None, typer.Option(min=1, help="Sets to cross; by default the paper's 40, 10, or ours.")] = None,
    threshold: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Training rows that an id of a cross must exceed; by default the paper's 100 of a million, or ours.",
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the rows, at most; by default ours.")] = None,
    targets: Annotated[str, typer.Option(help="Recommenders, separated by commas; by default all five.")] = "",
    variants: Annotated[str, typer.Option(help="Of base, crossed, enlarged; by default all.")] = "",
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each.")] = 5,
    keep: Annotated[
        Path | None, typer.Option(help="A folder for what is finished; with it a killed run goes on.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; by default under assets/results/.")] = None,
) -> None:
    """Reproduce a table or figure of the paper on one table of rows, and write what was measured."""
    with _ReadableErrors():
        path = data if table in ("criteo", "avazu", "simulated") else data_folder(data)
        from glider_core.experiments import figure3, figure5, table3

        known = {"table3": table3.run, "figure3": figure3.run, "figure5": figure5.run}
        if what not in known:
            raise InvalidInput(f"There is no {what!r:.40} to reproduce; choose {', '.join(known)}.")
        options: dict[str, Any] = {"rows": rows, "explained": explained, "keep": keep, "say": typer.echo}
        if what != "figure5":
            options["seeds"] = range(seeds)
        if what == "table3":
            options |= {"k": k, "threshold": threshold, "epochs": epochs}
            for name, given in (("targets", targets), ("variants", variants)):
                if given:
                    options[name] = [one.strip() for one in given.split(",")]
        result = known[what](table, path, **options)
        stem = table3.stem(table, threshold, epochs) if what == "table3" else table
        target = out or ASSETS / "results" / f"{what}_{stem}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        typer.echo(f"Wrote {target.name}")


def data_folder(given: Path | None) -> Path:
    """The folder of training data: as given, else from the variable GLIDER_DATA.

    Raises:
        InvalidInput: neither names an existing folder.
    """
    folder = given or Path(os.environ.get("GLIDER_DATA") or "GLIDER_DATA is not set")
    if not folder.is_dir():
        raise InvalidInput(f"No folder of training data at {folder}; give one with --data or the variable GLIDER_DATA.")
    return folder


class _ReadableErrors:
    """Turns an error meant for users into its message and exit code 2."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, GliderError):
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None
