"""`glider explain`: one input of any domain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glider_core.cli import batch
from glider_core.cli.own import Own
from glider_core.cli.text import input_text, readable_errors
from glider_core.output import check_distinct, check_writable, write_whole

if TYPE_CHECKING:  # loaded when a command runs, so that `glider --help` answers at once
    from glider_core.domains.base import Domain
    from glider_core.results import Explanation
    from glider_core.settings import Settings


def explain(
    model: Annotated[
        str | None,
        typer.Argument(help="A model's id, such as sentiment/lstm; `glider models` lists them. Not for own models."),
    ] = None,
    given: Annotated[
        str | None,
        typer.Argument(
            metavar="INPUT",
            help="A sentence, a sequence or FASTA, a row's number, a picture's path, a node; '-' reads stdin.",
        ),
    ] = None,
    detector: Annotated[str | None, typer.Option(help="By default what suits the domain.")] = None,
    masks: Annotated[int | None, typer.Option(min=1, help="How many masks the model is asked about.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    off_state: Annotated[str | None, typer.Option(help="What replaces a feature that is off.")] = None,
    scale: Annotated[
        str | None, typer.Option(help="Of an own function that answers with probabilities: given or log-odds.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole explanation as JSON.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="A file for the whole explanation as JSON; of several inputs, numbered ones.")
    ] = None,
    drawing: Annotated[
        Path | None, typer.Option("--draw", metavar="FILE", help="For the picture: .html, .svg or .png.")
    ] = None,
    many: Annotated[
        Path | None,
        typer.Option("--batch", metavar="FILE", help="Explain all inputs of a file: lines, a table, FASTA, a folder."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where a batch is kept; by default where the app keeps cases."),
    ] = None,
    book: Annotated[str, typer.Option(metavar="NAME", help="The case book there.")] = "shell",
    column: Annotated[str | None, typer.Option(help="Of a table, the column that holds the inputs.")] = None,
    label: Annotated[str | None, typer.Option(help="Of a table, the column that holds true labels.")] = None,
    choose: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="Of a batch, or of the model's own rows or nodes: wrong, uncertain, highest, lowest, random, first.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="How many of them at most; 30 of the model's own.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=VALUE", help="Only rows with this value; may be given again.")
    ] = None,
    with_set: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only of the model's own rows with this set of fields.")
    ] = None,
    of_class: Annotated[str | None, typer.Option(metavar="CLASS", help="Only nodes of this true class.")] = None,
    hf: Annotated[
        str | None, typer.Option(metavar="NAME", help="Own: a classifier of texts on the hub or a folder.")
    ] = None,
    sklearn: Annotated[Path | None, typer.Option(metavar="FILE.skops", help="Own: a scikit-learn model.")] = None,
    onnx: Annotated[
        Path | None, typer.Option(metavar="FILE.onnx", help="Own: a model of rows, texts, pictures.")
    ] = None,
    tokenizer: Annotated[
        Path | None,
        typer.Option(metavar="tokenizer.json", help="Of an --onnx model of word pieces; by default the one beside it."),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The table whose rows an own model reads.")] = None,
    row: Annotated[int | None, typer.Option(min=0, help="The row of --data to explain.")] = None,
    target: Annotated[str | None, typer.Option(help="The class of an own model to explain.")] = None,
) -> None:
    """Explain one input and print its interactions, or a whole file into a case book."""
    with readable_errors():
        own = Own(hf, sklearn, onnx, tokenizer, data, row, target)
        if own.asked:
            if given is not None:
                raise typer.BadParameter("An own model has no id: give its option and one INPUT, or --row.")
            _explain_own(own, model, off_state, masks, {"detector": detector, "seed": seed}, as_json, out, drawing)
            return
        if model is None:
            raise typer.BadParameter("Name a model, or give --hf, --sklearn or --onnx.")
        which = batch.Choice.of(choose, limit, where, with_set, of_class)
        if many is not None or which is not None or given is None:
            several = many is not None or which is not None
            if not several or given is not None or out is not None or drawing is not None or as_json:
                raise typer.BadParameter("Give one INPUT, or --batch FILE without --out, --draw and --json.")
            batch.run(
                batch.Asked(model, many, store, book, column, label, off_state, which or batch.Choice()),
                lambda domain: _settings(domain, masks, {"detector": detector, "seed": seed}),
            )
            return
        from glider_core.domains import domain_of
        from glider_core.engine.explain import explain as run
        from glider_core.errors import InvalidInput
        from glider_core.models import load_model

        check_distinct(out=out, draw=drawing)
        text, loaded = input_text(given), load_model(model)  # first says it which models there are
        domain = domain_of(model)
        settings = _settings(domain, masks, {"detector": detector, "seed": seed})
        options = {} if off_state is None else {"off_state": batch.known_off_state(domain, model, off_state)}
        if scale is not None:
            if domain.name != "function":
                raise InvalidInput(f"{model} answers with logits; --scale is of own functions only. Leave it out.")
            options["scale"] = scale
        inputs = _inputs(domain, domain.read(text))
        several = len(inputs) > 1
        for path in (out, drawing):
            if path is not None:
                for number in range(1, len(inputs) + 1):
                    check_writable(_numbered(path, number) if several else path)
        refused, told = 0, []
        for number, (title, raw) in enumerate(inputs, 1):
            try:
                explanation = run(loaded.instance(raw, **options), settings)
            except InvalidInput as error:
                if not several:
                    raise
                typer.echo(f"{title}: {error}", err=True)  # the others may well be explained
                refused += 1
                continue
            if out is not None:
                write_whole(_numbered(out, number) if several else out, explanation.to_json())
            if drawing is not None:
                write_whole(_numbered(drawing, number) if several else drawing, _drawn(drawing, domain, explanation))
            if as_json and several:
                told.append(explanation.to_json())
            elif as_json:
                typer.echo(explanation.to_json())
            else:
                typer.echo(f"{title}\n{_summary(domain, explanation)}\n" if several else _summary(domain, explanation))
        if told:
            typer.echo(f"[{', '.join(told)}]")
        if refused:
            raise typer.Exit(2)


def _explain_own(
    own: Own, given: str | None, off_state: str | None, masks: int | None, told: dict[str, Any], as_json: bool,
    out: Path | None, drawing: Path | None,
) -> None:  # fmt: skip
    """One input of an own model."""
    from glider_core.domains import DOMAINS
    from glider_core.engine.explain import explain as run

    check_distinct(out=out, draw=drawing)
    for path in (out, drawing):
        if path is not None:
            check_writable(path)
    domain = DOMAINS["function"]
    instance = own.instance(None if given is None else input_text(given), off_state)
    explanation = run(instance, _settings(domain, masks, told))
    if out is not None:
        write_whole(out, explanation.to_json())
    if drawing is not None:
        write_whole(drawing, _drawn(drawing, domain, explanation))
    typer.echo(explanation.to_json() if as_json else _summary(domain, explanation))


def _inputs(domain: Domain, raw: Any) -> Sequence[tuple[str, Any]]:
    """All that is to be explained, each with a title; what holds nothing is left to the model, which says so."""
    return (domain.several(raw) if domain.several is not None else []) or [("", raw)]


def _numbered(path: Path, number: int) -> Path:
    """The file of one input of several: run.json becomes run-1.json."""
    return path.with_stem(f"{path.stem}-{number}")


def _settings(domain: Domain, masks: int | None, given: dict[str, Any]) -> Settings:
    from glider_core.settings import Settings

    values = {**domain.settings, **{name: value for name, value in given.items() if value is not None}}
    if masks is None:
        return Settings(**values)
    others = {name: value for name, value in values.items() if name not in ("n_train", "n_validation", "n_test")}
    return Settings.with_masks(masks, **others)


def _summary(domain: Domain, explanation: Explanation) -> str:
    from glider_core.drawings.sentences import effect_with_interval, headline, percent, unit_of

    unit = unit_of(explanation)
    lines = [domain.heading(explanation), headline(explanation, unit).replace("**", ""), *explanation.notes]
    if explanation.payload is not None:
        lines += explanation.payload.remarks()
    for interaction in explanation.interactions:
        lines += [
            " · ".join(interaction.names),
            f"    effect {effect_with_interval(interaction, 3)} {unit}, {percent(interaction.gain)} of what varies",
        ]
    return "\n".join(lines)


def _drawn(path: Path, domain: Domain, explanation: Explanation) -> str | bytes:
    """The picture as the file's ending says."""
    from glider_core.reporting import png_of, svg_of

    ending = path.suffix.lower()
    if ending == ".svg":
        return svg_of(explanation)
    return png_of(svg_of(explanation)) if ending == ".png" else _page(domain, explanation)


def _page(domain: Domain, explanation: Explanation) -> str:
    from markupsafe import Markup

    from glider_core.drawings import draw, drawing_of

    return Markup(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Glider: {title}</title>\n'
        '<meta name="viewport" content="width=device-width"></head>\n'
        '<body style="font-family:system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem">\n'
        "<h1>{title}</h1>\n{picture}\n<p>{caption}</p>\n</body></html>\n"
    ).format(
        title=domain.heading(explanation),
        picture=draw(explanation),
        caption=drawing_of(explanation).caption(explanation, explanation.payload),
    )
