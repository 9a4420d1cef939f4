"""What a report says of a run over sentences or sequences: sets by their words or letters, and where they are."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from glider_core.domains import DOMAINS
from glider_core.domains.base import Content
from glider_core.drawings.content_run import bars_of, behind, headline, title
from glider_core.drawings.sentences import percent
from glider_core.drawings.svg import tag
from glider_core.models import find_entry
from glider_core.numerals import signed
from glider_core.reporting.runs import details
from glider_core.reporting.words import html_of
from glider_core.rows.content_run import ContentRun, ContentSet, ranked

_SETS, _SHOWN, _INPUTS = 40, 5, 4  # sets that are listed, those of which inputs are shown, and of each how many
_TEXT = 400  # characters of an input
READING = {
    "Found in": "In how many of the inputs that have these words or letters in this order they act together; dots: "
    "what they do together in each of them.",
    "p, by chance": "The chance that a set is found in at least as many inputs, had each drawn as many sets of its "
    "size at random from all that it has.",
}


def content_section(run: ContentRun, inputs: Sequence[str] = (), link: str = "") -> Markup:
    """A run as a section of a report.

    Args:
        run: what was found.
        inputs: what it was found in, of which some are shown; empty where they are not at hand.
        link: to the run in an app; empty for none.
    """
    domain = DOMAINS.get(run.model_id.partition("/")[0])
    content = _ANY if domain is None or domain.content is None else domain.content
    unit = "logits" if domain is None else domain.unit
    entry, shown = find_entry(run.model_id), ranked(run, content)
    name = run.model_id if entry is None else entry.title
    parts = [
        tag("h2", f"{name}: {run.n_rows:,} {content.inputs}"),
        tag("p", html_of(headline(run, shown, content)), class_="headline"),
    ]
    if shown:
        if told := behind(shown, content):
            parts.append(tag("p", html_of(told), class_="caption"))
        parts.append(bars_of(run, shown, content, unit))
        if len(inputs) == run.n_rows:
            parts += [tag("h3", f"In which {content.inputs}"), *_examples(shown, inputs, content, unit)]
        parts += [
            tag("h3", "All sets, as they are ranked"),
            tag("div", _table(run, shown, content, unit), class_="wide"),
        ]
        if (more := len(shown) - _SETS) > 0:
            parts.append(tag("p", f"{more:,} rarer sets are left out.", class_="caption"))
    told_of = {content.inputs.capitalize(): run.label, "Found in one": f"{run.per_row:.2f} sets on average"}
    return tag("section", *parts, details(run, told_of, link), class_="case run")


_ANY = Content(key=lambda names, features: (), holds=lambda names, key: False, joined=" … ", inputs="inputs")


def _examples(shown: Sequence[ContentSet], inputs: Sequence[str], content: Content, unit: str) -> list[Markup]:
    """For the first sets, the inputs in which they do most."""
    parts = []
    for each in shown[:_SHOWN]:
        found = sorted(zip(each.effects, each.rows, strict=True), key=lambda pair: -abs(pair[0]))[:_INPUTS]
        lines = [tag("li", f"{signed(effect)} {unit}: {str(inputs[row])[:_TEXT]}") for effect, row in found]
        parts += [
            tag("p", tag("b", title(each, content)), f", in {each.count:,} of {each.present:,}"),
            tag("ul", *lines),
        ]
    return parts


def _table(run: ContentRun, shown: Sequence[ContentSet], content: Content, unit: str) -> Markup:
    head = ("", "Set", "Found in", "Of those that have it", "Share", f"Mean effect on {run.explained}, {unit}",
            "Raising in", "p, by chance")  # fmt: skip
    rows = [
        tag("tr", *(tag("td", cell) for cell in (
            str(number), title(each, content), f"{each.count:,}", f"{each.present:,}", percent(each.consistency),
            signed(each.mean_effect), f"{sum(effect > 0 for effect in each.effects):,}", f"{each.p_value:.2g}",
        )))
        for number, each in enumerate(shown[:_SETS], 1)
    ]  # fmt: skip
    return tag("table", tag("thead", tag("tr", *(tag("th", cell, scope="col") for cell in head))), tag("tbody", *rows))
