"""`glider reproduce NAME`: a table or figure of the paper, or a claim of ours, measured anew."""

from __future__ import annotations

import inspect
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glider_core.cli.text import readable_errors
from glider_core.output import check_writable, write_whole

if TYPE_CHECKING:
    from glider_core.experiments import Experiment, Option

# An experiment says which options it takes; they are read once its name is known.
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}


def reproduce(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="An experiment; without one, they are listed.")] = "",
) -> None:
    """Measure a table or figure of the paper, or a claim of ours, anew; `reproduce NAME --help` has its options."""
    with readable_errors():
        from glider_core.errors import InvalidInput
        from glider_core.experiments import EXPERIMENTS

        if name == "all":
            _command_of_all()(args=context.args, prog_name="glider reproduce all")
            return
        if name in ("", "--help"):
            typer.echo("glider reproduce NAME [--quick] [--data PATH] [--out FILE] [its own options, see --help]")
            typer.echo("glider reproduce all [--quick] [--data PATH] [--keep FOLDER] [--processes N]\n")
            for experiment in EXPERIMENTS.values():
                typer.echo(f"{experiment.name:20} {experiment.title}")
            return
        if name not in EXPERIMENTS:
            raise InvalidInput(f"There is no {name!r:.40} to reproduce; choose {', '.join(EXPERIMENTS)}.")
    _command_of(EXPERIMENTS[name])(args=context.args, prog_name=f"glider reproduce {name}")


def results(
    out: Annotated[
        Path | None, typer.Option(help="Where to write, with pictures in a folder beside it; by default it is printed.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder for what the page Evidence shows; in the repository assets/evidence.")
    ] = None,
) -> None:
    """Tell in Markdown what was measured, from the files in assets/results; docs/results.md is this."""
    with readable_errors():
        if out is not None:
            check_writable(out)
        from glider_core.experiments import document, evidence

        sections = evidence.gather()
        if out is None:
            typer.echo(document.results_page(sections), nl=False)
        else:
            document.write(sections, out)
        if store is not None:
            evidence.store(sections, store)


def _command_of_all() -> typer.Typer:
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

    @command.command()
    def run(
        names: Annotated[list[str] | None, typer.Argument(help="Experiments; by default all.")] = None,
        quick: Annotated[bool, typer.Option("--quick", help="Each in its quick size: minutes on two cores.")] = False,
        data: Annotated[Path | None, typer.Option(help="Folder of training data; else GLIDER_DATA.")] = None,
        keep: Annotated[
            Path | None, typer.Option(help="A folder for what is finished; with it a killed run goes on.")
        ] = None,
        processes: Annotated[int, typer.Option(min=1, help="Experiments at a time, each with its share of cores.")] = 1,
        out: Annotated[Path | None, typer.Option(help="Where to write how long each took, as JSON.")] = None,
    ) -> None:
        """Run all experiments one after another; the exit code is 1 if any of them fails."""
        with readable_errors():
            from glider_core.experiments.everything import as_json, run_all, summary

            if out is not None:
                check_writable(out)
            outcomes = run_all(names or (), quick=quick, data=data, keep=keep, processes=processes, tell=typer.echo)
            typer.echo(f"\n{summary(outcomes)}")
            if out is not None:
                write_whole(
                    out, json.dumps(as_json(outcomes, "quick" if quick else "full", processes), indent=1) + "\n"
                )
                typer.echo(f"Wrote {out}")
            if any(outcome.problem for outcome in outcomes):
                raise typer.Exit(1)

    return command


def _command_of(experiment: Experiment) -> typer.Typer:
    """A command line of one command, with the options that the experiment declares."""

    def run(quick: bool, data: Path | None, out: Path | None, **options: Any) -> None:
        with readable_errors():
            _run(experiment, quick, data, out, options)

    common: dict[str, tuple[Any, Any]] = {
        "quick": (bool, typer.Option("--quick", help="A run of a minute or so, for a look: printed, not kept.")),
        "data": (Path | None, typer.Option(help="Folder of training data, or a log's file; else GLIDER_DATA.")),
        "out": (Path | None, typer.Option(help="Where to write; by default under assets/results.")),
    }
    own = {name: _typed(option) for name, option in experiment.options.items()}
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False if kind is bool else None,
            annotation=Annotated[kind, how],
        )
        for name, (kind, how) in {**common, **own}.items()
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads options from
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command(help=f"{experiment.title}.")(run)
    return command


def _typed(option: Option) -> tuple[Any, Any]:
    """An option as typer takes it; several values are separated by commas, or given one by one."""
    words = [option.help]
    if option.choices:
        words.append(f"{'Some' if option.several else 'One'} of {', '.join(option.choices)}.")
    if option.several:
        words.append("Separated by commas.")
    if option.default is not None and not option.several:
        words.append(f"By default {option.default}.")
    kind = list[str] if option.several else option.kind
    return kind | None, typer.Option(help=" ".join(words))


def _run(experiment: Experiment, quick: bool, data: Path | None, out: Path | None, given: dict[str, Any]) -> None:
    from glider_core.shipped import place_for

    values = {
        name: _split(name, experiment.options[name], value) if experiment.options[name].several else value
        for name, value in given.items()
        if value is not None and value != []
    }
    context = experiment.context(quick=quick, data=data, tell=typer.echo, **values)
    target = out
    if out is None and not quick:
        target = place_for("results", f"{experiment.stem(experiment.name, context.options)}.json")
    if target is not None:
        check_writable(target)
    started = time.monotonic()
    result = experiment.run(context)
    result.setdefault("seconds", round(time.monotonic() - started, 1))
    text = json.dumps(result, indent=1) + "\n"
    if target is None:
        typer.echo(text, nl=False)
    else:
        write_whole(target, text)
        typer.echo(f"Wrote {target}")


def _split(name: str, option: Option, texts: list[str]) -> tuple[Any, ...]:
    from glider_core.errors import InvalidInput

    try:
        return tuple(option.kind(part.strip()) for text in texts for part in text.split(",") if part.strip())
    except ValueError:
        raise InvalidInput(f"{name}: got {', '.join(texts)!r:.60}; give numbers, separated by commas.") from None
