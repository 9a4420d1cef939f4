"""What a report says of a run over many rows: pictures, counts, and what it was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from glider_core.drawings.global_run import bars_of, upset_of
from glider_core.drawings.sentences import percent
from glider_core.drawings.svg import tag
from glider_core.models import find_entry
from glider_core.numerals import signed
from glider_core.rows.content_run import ContentRun
from glider_core.rows.result import GlobalInteractions

_SETS = 40  # that are listed
_SURE = 0.05  # level of what is called significant
READING = {
    "Share of rows": "In how many of the rows a set was found; dots: what its features do together in each of them.",
    "p": "The chance that any set at all is found as often as this one, were as many sets per row drawn at random "
    "(Bonferroni over all sets). A small one says that it is no accident, not that the set is strong.",
}


def run_section(run: GlobalInteractions, planted: Sequence[Sequence[str]] = (), link: str = "") -> Markup:
    """A run as a section of a report.

    Args:
        run: what was found.
        planted: sets that a simulator planted, to be ticked.
        link: to the run in an app; empty for none.
    """
    entry = find_entry(run.model_id)
    title = run.model_id if entry is None else entry.title
    parts = [tag("h2", f"{title}: {run.n_rows:,} rows"), tag("p", _headline(run), class_="headline")]
    if run.interactions:
        pictures = bars_of(run, run.interactions, planted), upset_of(run, run.interactions, planted)
        parts += [pictures[0], tag("h3", "Sets against their fields"), pictures[1]]
        parts += [tag("h3", "All sets, by how often they were found"), tag("div", _table(run), class_="wide")]
        if (more := len(run.interactions) - _SETS) > 0:
            parts.append(tag("p", f"{more:,} rarer sets are left out.", class_="caption"))
    told = {
        "Rows": run.label,
        "Fields": ", ".join(run.names),
        "Chance": f"p against random sets of at most {run.null_order} fields",
    }
    return tag("section", *parts, details(run, told, link), class_="case run")


def _headline(run: GlobalInteractions) -> str:
    if not run.interactions:
        return "No interaction was found in any row: the model adds its fields up."
    first = run.interactions[0]
    significant = sum(each.p_adjusted < _SURE for each in run.interactions)
    return (
        f"Most often: {' × '.join(first.names)}, in {first.count:,} of {run.n_rows:,} rows ({percent(first.share)}). "
        f"{len(run.interactions):,} different sets were found, {significant:,} of them more often than chance would; "
        f"on average {run.per_row:.1f} in a row."
    )


def _table(run: GlobalInteractions) -> Markup:
    head = ("", "Set", "Rows", "Share", f"Mean effect on {run.explained}, logits", "p, all sets together")
    rows = [
        tag("tr", *(tag("td", cell) for cell in (
            str(number), " × ".join(each.names), f"{each.count:,}", percent(each.share), signed(each.mean_effect),
            f"{each.p_adjusted:.2g}",
        )))
        for number, each in enumerate(run.interactions[:_SETS], 1)
    ]  # fmt: skip
    return tag("table", tag("thead", tag("tr", *(tag("th", cell, scope="col") for cell in head))), tag("tbody", *rows))


def details(run: GlobalInteractions | ContentRun, more: Mapping[str, str], link: str) -> Markup:
    """Model, settings and versions, for whoever does it again; and what else there is to tell."""
    told = {
        "Model": f"{run.model_id}, fingerprint {run.fingerprint or 'none'}",
        **more,
        "Settings": ", ".join(
            f"{name} {value}" for name, value in run.settings.model_dump().items() if value is not None
        ),
        "Versions": ", ".join(f"{name} {value}" for name, value in run.versions.items()),
    }
    cells = [part for name, value in told.items() if value for part in (tag("dt", name), tag("dd", value))]
    if link:
        cells += [tag("dt", "Live"), tag("dd", tag("a", "open this run", href=link))]
    return tag("details", tag("summary", "Model, settings and versions"), tag("dl", *cells))
