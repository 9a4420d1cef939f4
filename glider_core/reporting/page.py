"""The report: one HTML file that opens offline, prints well, and needs no script to be read."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

from markupsafe import Markup

from glider_core.comparison import compare
from glider_core.domains import DOMAINS
from glider_core.domains.base import plain_answer
from glider_core.drawings import draw, drawing_of
from glider_core.drawings.bars import ranking, waterfall
from glider_core.drawings.compared import common_scale, set_table
from glider_core.drawings.layered import layered
from glider_core.drawings.proof import proof
from glider_core.drawings.sentences import effect_with_interval, headline, set_sentence, unit_of
from glider_core.drawings.svg import join, tag
from glider_core.errors import InvalidInput
from glider_core.models import find_entry
from glider_core.output import write_whole
from glider_core.provenance import versions
from glider_core.reporting import content_runs, runs
from glider_core.reporting.entries import Entry
from glider_core.reporting.words import html_of
from glider_core.results import Explanation
from glider_core.rows.content_run import ContentRun
from glider_core.rows.result import GlobalInteractions
from glider_core.store import VERDICT_NAMES, Agreement

MOST = 500  # cases of one report
Reported = Explanation | Entry | GlobalInteractions | ContentRun
_TOLD, _PROVED = 8, 3  # sets of a case that are told in words, and that are shown on and off
_TEXT = 2000  # characters of an input that is a text
STATES = {
    "strong": "strong: sets of features explain 5 % or more of how the answers vary",
    "weak": "weak: they explain 1 to 5 %",
    "additive": "almost a plain sum: they explain less than 1 %",
    "unreadable": "could not be read: what was learned leaves more than half open",
}


def report(
    what: Sequence[Reported] | Reported,
    path: str | Path | None = None,
    *,
    title: str = "Glider report",
    intro: str = "",
    comparison: bool = False,
    agreement: Agreement | Mapping[str, Agreement] | None = None,
    address: str = "",
    link: str = "",
    planted: Sequence[Sequence[str]] = (),
    inputs: Sequence[str] = (),
) -> str:
    """Explanations, cases with what people said of them, or runs over many inputs, as one HTML file.

    Args:
        what: one or several, in the order of the report.
        path: of a file to write; None writes none.
        title: of the report.
        intro: what it is about, in plain text.
        comparison: whether the first two explanations stand side by side, on one scale, before the others.
        agreement: of two reviewers, to be told; of more, by a name for each two of them.
        address: of an app, such as "https://glider.example.org", for links to each case.
        link: to the view that is reported, such as a run over many rows or a case book with its filters.
        planted: sets that a simulator planted in these rows, to be ticked.
        inputs: the sentences or sequences that a run was over, some of which are shown with its first sets.

    Returns:
        The HTML.

    Raises:
        InvalidInput: there is nothing to report, too much, or the file cannot be written.
    """
    several = [what] if isinstance(what, Reported) else list(what)
    html = report_html(
        several, title=title, intro=intro, comparison=comparison, agreement=agreement, address=address, link=link,
        planted=planted, inputs=inputs,
    )  # fmt: skip
    if path is not None:
        write_whole(Path(path), html)
    return html


def report_html(
    what: Sequence[Reported],
    *,
    title: str,
    intro: str = "",
    comparison: bool = False,
    agreement: Agreement | Mapping[str, Agreement] | None = None,
    address: str = "",
    link: str = "",
    planted: Sequence[Sequence[str]] = (),
    inputs: Sequence[str] = (),
) -> str:
    """The same, written nowhere."""
    if not 1 <= len(what) <= MOST:
        raise InvalidInput(f"A report has 1 to {MOST} cases; got {len(what)}. Choose fewer.")
    over_rows = [each for each in what if isinstance(each, GlobalInteractions)]
    over_inputs = [each for each in what if isinstance(each, ContentRun)]
    entries = [
        Entry(explanation=each) if isinstance(each, Explanation) else each
        for each in what
        if not isinstance(each, GlobalInteractions | ContentRun)
    ]
    if comparison and len(entries) < 2:
        raise InvalidInput("A comparison needs two explanations.")
    parts = [
        tag("h1", title),
        tag("p", f"Written by Glider {versions()['glider']} on {time.strftime('%d %B %Y, %H:%M')}."),
    ]
    if intro:
        parts.append(tag("p", intro, class_="intro"))
    if link:
        parts.append(tag("p", tag("a", "Open it live", href=link)))
    if len(entries) > 1:
        parts.append(_contents(entries))
    parts.append(
        _review(entries, {"Two reviewers": agreement} if isinstance(agreement, Agreement) else agreement or {})
    )
    if comparison:
        parts.append(_compared(entries[0], entries[1]))
    parts += [runs.run_section(each, planted, link) for each in over_rows]
    parts += [content_runs.content_section(each, inputs, link) for each in over_inputs]
    parts += [_case(number, entry, address) for number, entry in enumerate(entries, 1)]
    more = (runs.READING if over_rows else {}) | (content_runs.READING if over_inputs else {})
    parts.append(_how_to_read(more, cases=bool(entries)))
    return document(title, parts)


def document(title: str, parts: Sequence[Markup]) -> str:
    """A whole HTML file that opens offline, prints well, and loads nothing."""
    return str(
        Markup(
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
            '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
            "style-src 'unsafe-inline'\">\n{style}</head>\n<body><main>{body}</main></body></html>\n"
        ).format(title=title, style=_STYLE, body=join(parts))
    )


def _contents(entries: Sequence[Entry]) -> Markup:
    """A table of all cases, with links into the report."""
    head = ("", "Case", "Answer", "True", "Alone · together · rest, %", "First set", "Verdicts")
    rows = []
    for number, entry in enumerate(entries, 1):
        explanation, shares = entry.explanation, entry.explanation.shares
        first = explanation.interactions[0] if explanation.interactions else None
        top = "–" if first is None else f"{' · '.join(first.names)}  {effect_with_interval(first)}"
        numbers = " · ".join(f"{share:.0%}".rstrip("%") for share in (shares.alone, shares.together, shares.rest))
        link = tag("a", _title(entry)[:120], href=f"#case-{number}")
        cells = (str(number), link, _answer(explanation), entry.label or "", numbers, top, _said(entry))
        rows.append(tag("tr", *(tag("td", cell) for cell in cells)))
    table = tag("table", tag("thead", tag("tr", *(tag("th", cell, scope="col") for cell in head))), tag("tbody", *rows))
    return tag("section", tag("h2", f"{len(entries)} cases"), tag("div", table, class_="wide"), class_="contents")


def _review(entries: Sequence[Entry], agreements: Mapping[str, Agreement]) -> Markup:
    """How far reviewers agree, how often each said what, and the cases on which they differ; nothing without any."""
    given = [verdict for entry in entries for verdict in entry.verdicts]
    if not given and not agreements:
        return Markup("")
    parts = [tag("h2", "Review")]
    parts += [tag("p", tag("b", f"{who}: "), agreement.words) for who, agreement in agreements.items()]
    for name in dict.fromkeys(name for name, _ in given):
        counts = {told: given.count((name, value)) for value, told in VERDICT_NAMES.items()}
        said = ", ".join(f"{n} {told}" for told, n in counts.items() if n)
        parts.append(tag("p", tag("b", f"{name}: "), f"{sum(counts.values())} of {len(entries)} judged; {said}"))
    differing = [
        tag("li", tag("a", _title(entry)[:120], href=f"#case-{number}"), f": {_said(entry)}")
        for number, entry in enumerate(entries, 1)
        if len({value for _, value in entry.verdicts}) > 1
    ]
    if differing:
        parts += [tag("h3", "Cases on which reviewers differ"), tag("ul", *differing)]
    return tag("section", *parts, class_="contents")


def _said(entry: Entry) -> str:
    return ", ".join(f"{name}: {VERDICT_NAMES[value]}" for name, value in entry.verdicts)


def _case(number: int, entry: Entry, address: str) -> Markup:
    explanation = entry.explanation
    unit, drawing = unit_of(explanation), drawing_of(explanation)
    undrawn = drawing.undrawn(explanation, explanation.payload)
    facts = [_answer(explanation)]
    if entry.label:
        facts.append(f"true: {entry.label}" + (" (the model is wrong)" if entry.wrong else ""))
    facts += [entry.flag] * bool(entry.flag)
    said = [f"{name}: {VERDICT_NAMES[value]}" for name, value in entry.verdicts]
    parts = [
        tag("h2", f"{number}. {_title(entry)[:200]}", id=f"case-{number}"),
        tag("p", " · ".join(facts), class_="facts"),
        tag("p", html_of(headline(explanation, unit, undrawn)), class_="headline"),
    ]
    if said or entry.tags:
        parts.append(tag("p", " · ".join([*said, *(f"#{tag_}" for tag_ in entry.tags)]), class_="said"))
    if entry.note:
        parts.append(tag("blockquote", entry.note))
    parts.append(layered(explanation) if explanation.interactions else draw(explanation))
    parts.append(tag("p", drawing.caption(explanation, explanation.payload), class_="caption"))
    shown = [n for n in range(len(explanation.interactions)) if n not in undrawn][:_TOLD]
    if explanation.verdict != "unreadable" and shown:
        told = [
            tag(
                "li",
                tag("b", " · ".join(explanation.interactions[n].names)),
                ": ",
                html_of(set_sentence(explanation, n)),
            )
            for n in shown
        ]
        rows = ranking(explanation, undrawn=undrawn)
        parts += [tag("h3", "What each set adds"), rows or "", tag("h3", "Checked on the model"), tag("ul", *told)]
        domain = DOMAINS.get(explanation.domain)
        say = None if domain is None or domain.answer is plain_answer else domain.answer
        proofs = [proof(explanation.interactions[n], unit, say) for n in shown]
        parts += [tag("div", table, class_="wide") for table in proofs if table][:_PROVED]
        parts += [tag("h3", "From nothing to the answer"), waterfall(explanation)]
    parts.append(_details(explanation, address))
    return tag("section", *parts, class_="case")


def _details(explanation: Explanation, address: str) -> Markup:
    """Input, settings and versions, for whoever does it again."""
    case, settings = explanation.case, explanation.settings
    entry = find_entry(case.model)
    raw = case.raw if isinstance(case.raw, str) else "a file" if isinstance(case.raw, bytes) else repr(case.raw)
    usual = settings.model_dump()
    lines = {
        "Input": raw[:_TEXT] + ("…" if len(raw) > _TEXT else ""),
        "Model": f"{case.model}" + (f" ({entry.title})" if entry is not None else ""),
        "Detector": f"{settings.detector}, {explanation.n_evaluations:,} questions asked",
        "Fit": f"R² {explanation.scores[0]:.3f} of the features alone, {explanation.scores[-1]:.3f} with the sets",
        "Settings": ", ".join(f"{name} {value}" for name, value in usual.items() if value is not None),
        "Options": ", ".join(f"{name} {value}" for name, value in case.options.items()),
        "Versions": ", ".join(f"{name} {value}" for name, value in explanation.versions.items()),
        "Fingerprint": explanation.fingerprint or "none: the model has no identity",
    }
    notes = () if explanation.payload is None else explanation.payload.remarks()
    lines |= {"Remarks": " ".join([*explanation.notes, *notes])}
    cells = [part for name, value in lines.items() if value for part in (tag("dt", name), tag("dd", value))]
    query = case.to_query()
    if address and query is not None:
        page = {"function": "your_model"}.get(case.domain, case.domain)
        link = f"{address.rstrip('/')}/{page}?{urlencode(query)}"
        cells += [tag("dt", "Live"), tag("dd", tag("a", "open this case", href=link))]
    return tag("details", tag("summary", "Input, settings and versions"), tag("dl", *cells))


def _compared(left: Entry, right: Entry) -> Markup:
    """Two cases on one scale, differences first."""
    one, other = left.explanation, right.explanation
    told, scale = compare(one, other), common_scale(one, other)
    titles = [f"{_title(each)[:80]} ({each.explanation.model_id})" for each in (left, right)]
    pictures = [
        tag("div", tag("h3", title), tag("p", _answer(each.explanation)), layered(each.explanation, scale=scale))
        for title, each in zip(titles, (left, right), strict=True)
    ]
    return tag(
        "section", tag("h2", "Compared, on one scale"), tag("p", told.words, class_="headline"),
        tag("div", set_table(told, "left", "right"), class_="wide"), tag("div", *pictures, class_="two"),
    )  # fmt: skip


def _how_to_read(more: Mapping[str, str], *, cases: bool) -> Markup:
    """What the words and pictures mean, for readers who were sent the file."""
    terms = {
        "Effect": "What features do together beyond the sum of what each does alone, averaged over contexts of the "
        "other features; ± is half of the 95 % interval. Positive raises the answer, negative lowers it."
    }
    if cases:
        terms |= {
            "Alone, together, rest": "Shares of how the model's answers vary as features are switched off: what a "
            "linear model of the features explains (LIME), what sets of features add, what neither explains.",
            "Checked on the model": "The model was asked with the features of a set on and off, all others as they "
            "are. Where its answer is another than the sum of what each feature does alone, they act together.",
            "Verdict of an explanation": "; ".join(STATES.values()) + ".",
            "Verdict of a reviewer": ", ".join(f"{number} {name}" for number, name in VERDICT_NAMES.items()) + ".",
            "One by one (LIME)": "The picture that a linear explanation gives; the one below it has the sets as well.",
        }
    cells = [part for name, value in (terms | dict(more)).items() for part in (tag("dt", name), tag("dd", value))]
    method = "Method: MADEX, Tsang et al., Feature Interaction Interpretability, ICLR 2020."
    return tag("section", tag("h2", "How to read it"), tag("dl", *cells), tag("p", method))


def _title(entry: Entry) -> str:
    from glider_core.store.summary import title_of

    return entry.title or title_of(entry.explanation)


def _answer(explanation: Explanation) -> str:
    from glider_core.store.summary import answered

    return answered(explanation) if explanation.domain in DOMAINS else f"{explanation.explained}"


_STYLE = Markup(
    "<style>:root{color-scheme:light}body{font:16px/1.5 system-ui,sans-serif;color:#16202a;background:#fff;margin:0}"
    "main{max-width:72rem;margin:0 auto;padding:2rem 1.25rem}h1{font-size:2rem;margin:0 0 .3rem}"
    "h2{font-size:1.35rem;margin:2.5rem 0 .4rem;padding-top:1rem;border-top:2px solid #16202a}"
    "h3{font-size:1.05rem;margin:1.2rem 0 .3rem}table{border-collapse:collapse;width:100%;font-size:.92rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ccd3d9}"
    ".wide{overflow-x:auto}.two{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}.facts{font-weight:600}"
    ".headline{font-size:1.12rem}.caption,.intro{color:#4a5661}.said{font-weight:600}"
    "blockquote{margin:.6rem 0;padding:.5rem 1rem;border-left:4px solid #8894a0;background:#f3f6f8;"
    "white-space:pre-wrap}"
    "dt{font-weight:600;margin-top:.4rem}dd{margin:0 0 0 1rem;overflow-wrap:anywhere}details{margin-top:1rem}"
    "summary{cursor:pointer}a{color:#0a6c7f}@media(max-width:800px){.two{grid-template-columns:1fr}}"
    "@media print{main{max-width:none;padding:0}.case{break-before:page}h2,h3{break-after:avoid}"
    "svg,figure,table,blockquote{break-inside:avoid}details::details-content{content-visibility:visible}.proof{width:auto}a{color:inherit}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}</style>"
)
