"""A report opens offline without script, says all that is to be said, and escapes what came from outside."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import glider_core as gl
from glider_core import prepared
from glider_core.cli import app
from glider_core.comparison import compare
from glider_core.domains import DOMAINS
from glider_core.numerals import signed
from glider_core.reporting import Entry, book_csv, book_json, entries_of, png_of, report, svg_file, svg_of
from glider_core.reporting.words import html_of
from glider_core.store import Ask, Store, agreement

SAMPLES = Path(__file__).parents[1] / "assets" / "samples"
EVIL = '<script>alert(1)</script><img src="https://evil.example/x" onerror=alert(2)>'


def sample(name: str) -> gl.Explanation:
    return gl.Explanation.from_json((SAMPLES / f"{name}.json").read_text())


class Seen(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize(
    "name",
    ["sentiment-lstm-never-fails", "dna-cnn-two-e-boxes", "image-small50-coffee", "graph-karate-the-officer",
     "recommender-simulated-two-pairs", "function-umbrella-worth-an-umbrella"],
)  # fmt: skip
def test_every_domain_is_reported_and_drawn_as_a_file(name: str) -> None:
    explanation = sample(name)
    html = report(explanation)
    seen = Seen(html)
    assert not seen.tags & {"script", "iframe", "link", "object"}
    assert all(address.startswith(("data:", "#")) for address in seen.addresses)
    assert explanation.fingerprint is not None
    assert explanation.fingerprint in html
    assert "How to read it" in html
    svg = svg_of(explanation)
    assert not re.search(r"var\(|light-dark|currentColor|Canvas", svg)
    picture = np.asarray(Image.open(io.BytesIO(png_of(svg, 400))).convert("L"))
    assert picture.shape[1] == 400
    assert picture.std() > 3  # something is drawn


def test_what_people_said_stands_in_it_and_nothing_from_outside_is_markup() -> None:
    explanation = sample("sentiment-lstm-never-fails")
    case = replace(explanation.case, raw=EVIL)
    entry = Entry(
        explanation=replace(explanation, case=case), title=EVIL, label=EVIL, wrong=True, note=f"Odd.\n{EVIL}",
        verdicts=((EVIL, 2), ("Ben", 3)), tags=(EVIL,),
    )  # fmt: skip
    html = report([entry, explanation], title=EVIL, intro=EVIL, agreement=agreement({1: 1, 2: 2}, {1: 1, 2: 3}))
    seen = Seen(html)
    assert "script" not in seen.tags
    assert seen.handlers == []
    assert all(address.startswith(("data:", "#")) for address in seen.addresses)
    assert "Ben: wrong" in html
    assert "(the model is wrong)" in html
    assert "1 of 2 verdicts are the same; Cohen&#39;s kappa 0.33" in html


def test_a_case_has_verdict_lime_and_together_picture_proof_settings_versions_link_and_note() -> None:
    explanation = sample("sentiment-lstm-never-fails")
    html = gl.report([Entry(explanation=explanation, note="Shown to the team")], address="https://glider.example.org")
    pair = explanation.interactions[0]
    assert pair.answers is not None
    words = [
        "One by one (LIME)", "Together", "Checked on the model",
        signed(pair.answers[0]), signed(pair.answers[3]), "<s>never</s> · fails", "kernel_width 0.25", "torch ",
        "Shown to the team", "https://glider.example.org/sentiment?model=sentiment%2Flstm&amp;text=", "How to read it",
    ]  # fmt: skip
    missing = [word for word in words if word not in html]
    assert missing == []
    assert html.count("<svg") >= 4  # LIME's picture and Glider's, each in its layouts


def test_a_run_over_sentences_is_reported_with_sentences_and_stop_words_behind(tmp_path: Path) -> None:
    corpus = DOMAINS["sentiment"].corpus
    assert corpus is not None
    run, inputs = prepared.stored_content_run("sentiment/lstm"), corpus()
    link = "https://glider.example.org/global_view?over=sentiment"
    html = gl.report(run, tmp_path / "run.html", inputs=inputs, link=link)
    seen = Seen(html)
    assert not seen.tags & {"script", "iframe", "link", "object"}
    assert link in seen.addresses
    text = re.sub(r"<[^>]+>", "", html)
    assert "Most often: not … disappointed, in 10 of the 10 sentences that have it." in text
    assert "sets with a stop word or a mark stand behind all others, such as is … convincing" in text
    for told in ("Sentiment-LSTM: 160 sentences", "Found in", "p, by chance", str(run.fingerprint)):
        assert told in text
    found = next(each for each in run.sets if each.content == ("not", "disappointed"))
    assert any(inputs[row] in text.replace("&#39;", "'") for row in found.rows)
    (saved := tmp_path / "run.json").write_text(run.to_json(), encoding="utf-8")
    out = tmp_path / "again.html"
    told = CliRunner().invoke(app, ["report", str(saved), "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert "Most often: <b>not … disappointed</b>" in out.read_text(encoding="utf-8")


def test_what_came_from_outside_is_escaped_in_a_run_over_sentences() -> None:
    run = prepared.stored_content_run("sentiment/lstm")
    first = replace(run.sets[0], content=(EVIL, "never"))
    html = report(replace(run, sets=(first, *run.sets[1:]), label=EVIL, model_id="lab/own"), inputs=[EVIL] * run.n_rows)
    assert not Seen(html).tags & {"script", "iframe"}
    assert not Seen(html).handlers
    assert "160 inputs" in html  # of a model that no domain here knows


def test_a_run_over_rows_is_reported_with_its_pictures_and_what_it_was_made_with() -> None:
    run = prepared.stored_run("recommender/simulated")
    html = gl.report(run, link="https://glider.example.org/global_view?rows=300", planted=[run.interactions[0].names])
    first = run.interactions[0]
    for word in (
        f"{run.n_rows:,} rows", " × ".join(first.names), f"{first.count:,}", f"{first.p_adjusted:.2g}", "✓",
        str(run.fingerprint), "global_view?rows=300", "Sets against their fields", "counting gates", "glider ",
        "Bonferroni",
    ):  # fmt: skip
        assert word in html, word
    assert html.count("<svg") >= 3
    assert not Seen(html).tags & {"script", "iframe", "link", "object"}
    assert "One by one (LIME)" not in html  # of cases
    assert "<svg" in svg_file(html)


def test_a_review_names_reviewers_counts_and_the_cases_on_which_they_differ() -> None:
    store = Store("sqlite://")
    book, one = store.book(), sample("sentiment-lstm-never-fails")
    people = [store.reviewer(name, name) for name in ("Anna", "Ben", "Cleo")]
    numbers = [book.add(one, title="Same"), book.add(sample("dna-cnn-two-e-boxes"), title="Differs")]
    for number, values in zip(numbers, ((1, 1, None), (2, 3, 3)), strict=True):
        for person, value in zip(people, values, strict=True):
            book.judge(number, value, person)
    found = book.agreements()
    assert {who: told.same for who, told in found.items()} == {"Anna and Ben": 1, "Anna and Cleo": 0, "Ben and Cleo": 1}
    html = report(entries_of(book, book.lines(Ask(sort="title")), "Anna"), agreement=found)
    assert "<b>Anna and Ben: </b>1 of 2 verdicts are the same; Cohen&#39;s kappa 0.33" in html
    listed = html.partition("Cases on which reviewers differ")[2].partition("</ul>")[0]
    assert "Differs" in listed
    assert ">Same<" not in listed
    assert "2 of 2 judged; 1 plausible, 1 wrong" in html  # Ben


def test_a_comparison_flags_opposite_signs_and_does_not_count_them() -> None:
    left = sample("sentiment-lstm-never-fails")
    first = left.interactions[0]
    assert compare(left, left).agreement == pytest.approx(1.0)
    turned = replace(left, interactions=(replace(first, effect=-first.effect),), scores=left.scores[:2])
    alone = replace(left, interactions=(first,), scores=left.scores[:2])
    found = compare(alone, turned)
    assert (found.agreement, found.conflicts, found.sets[0].status) == (0.0, 1, "conflict")
    half = replace(left, interactions=(replace(first, effect=first.effect / 2),), scores=left.scores[:2])
    assert compare(alone, half).agreement == pytest.approx(0.5)
    html = report([alone, turned], comparison=True)
    assert "opposite signs" in html
    assert "1 is read in opposite ways" in html
    assert f'href="#case-{2}"' in html


def test_sets_of_two_sentences_meet_by_their_words() -> None:
    left, right = sample("sentiment-lstm-never-fails"), sample("sentiment-distilbert-small-never-fails")
    names = ("Oh", *right.names)
    moved = tuple(replace(each, features=tuple(i + 1 for i in each.features)) for each in right.interactions)
    longer = replace(right, names=names, main_effects=(0.0, *right.main_effects), interactions=moved)
    same, shifted = compare(left, right), compare(left, longer)
    assert same.same_input
    assert not shifted.same_input
    assert {(each.names, each.status) for each in shifted.sets} == {(each.names, each.status) for each in same.sets}
    assert shifted.agreement == pytest.approx(same.agreement)


def test_the_book_leaves_as_csv_without_formulas_and_as_json_that_reads_back() -> None:
    store = Store("sqlite://")
    book, anna = store.book(), store.reviewer("a", "Anna")
    explanation = sample("sentiment-lstm-never-fails")
    number = book.add(explanation, title="=HYPERLINK(1)", label="positive")
    book.judge(number, 4, anna)
    book.write_note(number, "@SUM(A1)", version=0, reviewer=anna)
    lines = book.lines(reviewer=anna)
    [row] = csv.DictReader(io.StringIO(book_csv(lines)))
    assert (row["title"], row["note"], row["verdict"]) == ("'=HYPERLINK(1)", "'@SUM(A1)", "needs action")
    [case] = json.loads(book_json(book, lines))["cases"]
    assert gl.Explanation.from_json(json.dumps(case["explanation"])) == explanation
    assert "Anna: needs action" in report(entries_of(book, lines, "Anna"))


def test_the_command_line_writes_it_of_files_and_of_a_book(tmp_path: Path) -> None:
    files = [str(SAMPLES / f"sentiment-{model}-never-fails.json") for model in ("lstm", "distilbert-small")]
    out = tmp_path / "report.html"
    done = CliRunner().invoke(app, ["report", *files, "--out", str(out), "--compare", "--title", "Two models"])
    assert done.exit_code == 0, done.output
    assert "<title>Two models</title>" in out.read_text()
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    Store(url).book().add(sample("dna-cnn-two-e-boxes"))
    assert CliRunner().invoke(app, ["report", "--store", url, "--out", str(out)]).exit_code == 0
    assert "GACCACGTGTTAGCACACGTGGCTAAGTCACGTGCA" in out.read_text()
    backup, other = str(tmp_path / "backup.db"), f"sqlite:///{tmp_path / 'other.db'}"
    for given in (["backup", backup, "--store", url], ["restore", backup, "--store", other]):
        assert "1 cases" in CliRunner().invoke(app, ["store", *given]).output
    table = str(tmp_path / "cases.csv")
    assert CliRunner().invoke(app, ["store", "export", table, "--store", other]).exit_code == 0
    assert "GACCACGTG" in Path(table).read_text()


def test_our_markdown_becomes_html_in_which_all_else_is_text() -> None:
    assert html_of(r"**\<b\>** and *x\*y* <i>") == "<b>&lt;b&gt;</b> and <i>x*y</i> &lt;i&gt;"


def test_nothing_to_report_is_said() -> None:
    with pytest.raises(gl.InvalidInput, match="1 to 500 cases; got 0"):
        report([])
    with pytest.raises(gl.InvalidInput, match="two explanations"):
        report(sample("dna-cnn-two-e-boxes"), comparison=True)
