"""What came of looking for crosses, as files to take away: a report, and what a pipeline needs to make the crosses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from io import BytesIO

from markupsafe import Markup

from glider_core.drawings.svg import tag
from glider_core.errors import InvalidInput
from glider_core.numerals import signed
from glider_core.provenance import versions
from glider_core.recommenders.improvement import Improvement, Measured
from glider_core.reporting.page import document
from glider_core.tables.cross_polars import cross_module
from glider_core.tables.cross_sql import cross_sql
from glider_core.tables.crosses import title_of

FILES = {
    "report.html": "what was tried, what it gained and what is kept, to read",
    "report.json": "the same as data",
    "crosses.zip": "a transformer of scikit-learn: `CrossNumbers.load(file).transform(table)`",
    "crosses.sql": "a query for PostgreSQL, DuckDB and SQLite",
    "crosses_polars.py": "expressions of Polars",
}
_LISTED = 60  # candidates in the report


def improvement_files(result: Improvement, *, source: str = "") -> tuple[dict[str, bytes], list[str]]:
    """The files by their names in FILES, without those of crosses where none is kept.

    Args:
        result: what came of it.
        source: what the rows are, for people.

    Returns:
        The files, and a sentence on each that cannot be made.
    """
    files = {
        "report.html": improvement_html(result, source=source).encode(),
        "report.json": (json.dumps({"source": source, **result.to_dict()}, indent=1) + "\n").encode(),
    }
    notes = []
    if result.numbers is not None:
        content = BytesIO()
        result.numbers.save(content)
        files["crosses.zip"] = content.getvalue()
        for name, text in (("crosses.sql", cross_sql), ("crosses_polars.py", cross_module)):
            try:
                files[name] = text(result.numbers).encode()
            except InvalidInput as error:
                notes.append(f"{name} is not written: {error}")
    return files, notes


def improvement_html(result: Improvement, *, source: str = "") -> str:
    """The report: one HTML file that opens offline and needs no script."""
    title = f"Feature crosses for {result.target}"
    told = ", ".join([*([source] if source else []), f"Glider {versions()['glider']}"])
    parts = [tag("h1", title), tag("p", told), tag("p", tag("b", result.verdict))]
    if result.advice:
        parts.append(tag("p", result.advice))
    parts += [
        tag("h2", "Models"),
        _table(
            ("", "AUC, validation", "AUC, test", "logloss, validation", "logloss, test", "saved", "numbers", "seconds"),
            [
                *(_model(model, f"{result.target}, {model.name}", result) for model in result.models),
                *(_model(model, model.name, result) for model in result.baselines),
            ],
        ),
        tag(
            "p",
            "Saved is logloss on validation rows against the first model, ± the deviation of that over draws of as "
            f"many rows. What is kept saves on {result.judges}; test rows are scored once, at the end.",
        ),
    ]
    if result.kept.crosses:
        names = (tag("li", title_of(fields)) for fields in result.kept.crosses)
        parts += [tag("h2", "Crosses that are kept"), tag("ul", *names)]
    parts += [
        tag("h2", f"{len(result.candidates)} candidates"),
        _table(
            ("fields", "logloss saved", "in its errors", "what came of it"),
            [
                (title_of(own.fields), f"{own.gain:+.5f}", f"{own.t:.1f}", own.dropped or "tried")
                for own in result.candidates[:_LISTED]
            ],
        ),
        tag("p", "On training rows, out of fold, beyond what an additive model of the fields says."),
    ]
    if len(result.trials) > 1:
        rows = [
            (
                number,
                own.recipe.batch,
                own.recipe.l2,
                own.recipe.vector_dropout,
                own.recipe.dropout,
                f"{own.validation.logloss:.4f}",
            )
            for number, own in enumerate(result.trials, 1)
        ]
        head = ("recipe", "batch", "L2 of vectors", "dropped of vectors", "dropped of layers", "validation logloss")
        parts += [tag("h2", "Recipes tried without crosses"), _table(head, rows)]
    return document(title, parts)


def _model(model: Measured, name: str, result: Improvement) -> tuple[object, ...]:
    saved = "" if model is result.models[0] else f"{signed(model.gain, 4)} ± {model.noise:.4f}"
    words = tag("b", f"{name} (kept)") if model is result.kept else name
    scores = (model.validation.auc, model.test.auc, model.validation.logloss, model.test.logloss)
    return (words, *(f"{score:.4f}" for score in scores), saved, f"{model.parameters:,}", f"{model.seconds:.1f}")


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    cells = [tag("tr", *(tag("td", cell if isinstance(cell, Markup) else str(cell)) for cell in row)) for row in rows]
    body = (tag("thead", tag("tr", *(tag("th", cell, scope="col") for cell in head))), tag("tbody", *cells))
    return tag("div", tag("table", *body), class_="wide")
