"""The case book: runs come by themselves, batches run ahead, verdicts, notes, filters, links; each visitor the own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import glider_core as gl
from glider_core.domains import DOMAINS
from glider_core.reporting import as_python
from glider_core.store import Ask
from pages.parts import book_table
from pages.parts.case_view import word_changes
from tests.pages.conftest import Server, Visitor

SAMPLES = Path(__file__).parents[2] / "assets" / "samples"


def stored(name: str) -> gl.Explanation:
    return gl.Explanation.from_json((SAMPLES / f"{name}.json").read_text())


def table(page: Visitor) -> dict:
    """What the table of the page was given."""
    parsed = [json.loads(element.proto.json) for element in page.app.get("bidi_component") if element.proto.json]
    return next(data for data in parsed if isinstance(data, dict) and "rows" in data)


def test_every_run_of_a_visit_is_in_the_book_and_nobody_elses(
    server: Server, new_visitor: Callable[[], Visitor]
) -> None:
    visitor = new_visitor()
    visitor.open("sentiment", text="The songs are never dull.", masks="600")
    visitor.open("cases")
    [row] = table(visitor)["rows"]
    assert (row["title"], row["verdict"]) == ("The songs are never dull.", None)
    assert visitor.reads("0 of 1 judged")
    assert visitor.reads("reads **never** and **dull** together")
    server.who = "Ben"
    assert new_visitor().open("cases").reads("No case yet")


def test_a_stored_result_is_shown_without_a_run(
    server: Server, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.open("sentiment", text="The songs are never dull.", masks="600")
    from pages.parts import explaining, run

    run.QUEUE._results.clear()  # as of a server that was started anew
    monkeypatch.setattr(explaining, "explain_case", None)  # would break a run
    fresh = Visitor()
    fresh.open("sentiment", text="The songs are never dull.", masks="600")
    assert fresh.reads("reads **never** and **dull** together")


def test_a_batch_runs_ahead_and_tells_what_it_could_not_explain(server: Server, visitor: Visitor) -> None:
    visitor.open("cases")
    visitor.app.selectbox(key="cases.batch.model").set_value("dna/cnn")
    visitor.draw()
    text = ">one\nCGTTAATTACTCCTCCACGTGTTGTCCTACACTACC\n>short\nACGT"
    visitor.app.text_area(key="cases.batch.text.dna").set_value(text)
    visitor.app.select_slider(key="cases.batch.masks").set_value(300)
    visitor.draw()
    visitor.press("Explain 2 inputs").settle()
    [row] = table(visitor)["rows"]
    assert row["title"] == "Record 1, one"
    assert visitor.reads("this model reads exactly 36")
    assert visitor.state("glider.cases").batches != ()


def test_rows_of_a_batch_are_chosen_by_answer_slice_and_set(server: Server, visitor: Visitor) -> None:
    visitor.open("cases")
    visitor.app.selectbox(key="cases.batch.model").set_value("recommender/census")
    visitor.draw()
    visitor.app.selectbox(key="cases.batch.how").set_value("wrong")
    visitor.app.selectbox(key="cases.batch.field").set_value("sex")
    visitor.draw()
    visitor.app.selectbox(key="cases.batch.value").set_value("Female")
    sets = visitor.app.selectbox(key="cases.batch.set").options
    assert len(sets) > 5
    assert " × " in sets[1]
    visitor.app.number_input(key="cases.batch.n").set_value(2)
    visitor.app.select_slider(key="cases.batch.masks").set_value(300)
    visitor.draw()
    visitor.press("Explain 2 inputs").settle()
    rows = table(visitor)["rows"]
    assert [(row["wrong"], row["flag"].startswith("wrong answer")) for row in rows] == [(True, True)] * 2


def test_verdicts_filters_search_and_undo(server: Server, visitor: Visitor) -> None:
    book = server.store.private_book("browser Anna")
    sentence, sequence = (
        book.add(stored("sentiment-lstm-never-fails"), label="negative"),
        book.add(stored("dna-cnn-e-box-in-the-centre")),
    )
    visitor.open("cases")
    assert [row["id"] for row in table(visitor)["rows"]] == [sequence, sentence]
    visitor.app.button(key="cases.judge.3").click()
    visitor.draw()
    assert visitor.reads("1 of 2 judged")
    visitor.app.text_input(key="cases.search").set_value("charming")
    visitor.draw()
    assert [row["id"] for row in table(visitor)["rows"]] == [sentence]
    assert visitor.reads("wrong answer")
    visitor.press("Show all cases").draw()
    visitor.app.pills(key="cases.verdicts").set_value([3])
    visitor.draw()
    assert [row["id"] for row in table(visitor)["rows"]] == [sequence]
    assert dict(visitor.app.query_params)["verdict"] in (["3"], "3")
    visitor.app.button(key="cases.undo").click()
    visitor.draw()
    assert book.verdicts(server.store.reviewer("browser Anna")) == {}


def test_a_link_opens_its_case_among_many(server: Server, visitor: Visitor) -> None:
    from tests.store.test_store import variants

    book = server.store.private_book("browser Anna")
    numbers = [book.add(each) for each in variants(stored("sentiment-lstm-never-fails"), 60)]
    visitor.open("cases", case=str(numbers[2]))
    assert table(visitor)["selected"] == numbers[2]
    assert visitor.state("glider.cases").page == 2
    visitor.open("cases", case="999999")
    assert visitor.reads("is not in this book")


def test_an_edited_note_of_another_tab_is_not_overwritten(server: Server, new_visitor: Callable[[], Visitor]) -> None:
    book = server.store.private_book("browser Anna")
    number = book.add(stored("sentiment-lstm-never-fails"))
    tabs = [new_visitor().open("cases"), new_visitor().open("cases")]
    key = f"cases.note.{book.id}.{number}"
    for tab, text in zip(tabs, ("from the first", "from the second"), strict=True):
        tab.app.text_area(key=key).set_value(text)
        tab.draw()
    assert tabs[1].reads("changed this note while you wrote")
    assert tabs[1].reads("from the first")
    assert book.note(number).text == "from the first"
    assert tabs[1].app.text_area(key=key).value == "from the second"
    tabs[1].press("Keep both").draw()
    assert book.note(number).text == "from the first\nfrom the second"
    assert not tabs[1].reads("changed this note")
    assert tabs[1].app.text_area(key=key).value == "from the first\nfrom the second"


def test_a_note_is_read_anew_when_it_is_opened_again(server: Server, visitor: Visitor) -> None:
    book = server.store.private_book("browser Anna")
    number = book.add(stored("sentiment-lstm-never-fails"))
    key = f"cases.note.{book.id}.{number}"
    visitor.open("cases")
    visitor.app.text_area(key=key).set_value("mine")
    visitor.draw().open("evidence")
    book.write_note(number, "theirs", version=1, reviewer=server.store.reviewer("browser Ben", "Ben"))
    visitor.open("cases")
    assert visitor.app.text_area(key=key).value == "theirs"
    assert visitor.reads("Last written by Ben")


def test_a_note_is_kept_when_the_next_click_stopped_its_callback(server: Server, visitor: Visitor) -> None:
    book = server.store.private_book("browser Anna")
    number = book.add(stored("sentiment-lstm-never-fails"))
    key = f"cases.note.{book.id}.{number}"
    visitor.open("cases")
    visitor.app.session_state[key] = "typed"  # the browser's value is here, and no callback has told the book of it
    visitor.draw().draw()
    assert (book.note(number).text, book.note(number).version) == ("typed", 1)
    assert visitor.app.text_area(key=key).value == "typed"


def test_two_reviewers_of_a_shared_book_agree_or_not(server: Server, new_visitor: Callable[[], Visitor]) -> None:
    key, book = server.store.share_book("Ours")
    one, two = book.add(stored("sentiment-lstm-never-fails")), book.add(stored("dna-cnn-e-box-in-the-centre"))
    anna, ben = (server.store.reviewer(f"browser {name}", name) for name in ("Anna", "Ben"))
    for number, first, second in ((one, 1, 1), (two, 2, 3)):
        book.judge(number, first, anna)
        book.judge(number, second, ben)
    visitor = new_visitor().open("cases", book=f"shared:{key}")
    assert visitor.reads("1 of 2 verdicts are the same; Cohen's kappa 0.33")
    visitor.press("Show the 1 on which you differ").draw()
    assert [row["id"] for row in table(visitor)["rows"]] == [two]
    assert table(visitor)["rows"][0]["others"] == [["Ben", 3]]
    server.who = "Cleo"  # who has judged nothing yet sees nobody's verdict
    cleo = new_visitor().open("cases", book=f"shared:{key}")
    assert all(row["others"] == [] for row in table(cleo)["rows"])
    assert new_visitor().open("cases", book="shared:" + "x" * 43).reads("opens no shared book")


def test_a_named_book_of_the_shell_can_be_opened(server: Server, visitor: Visitor) -> None:
    server.store.book("night run").add(stored("dna-cnn-e-box-in-the-centre"))
    visitor.open("cases", book="named:night run")
    assert len(table(visitor)["rows"]) == 1


def test_an_edited_sentence_keeps_its_parent(server: Server, visitor: Visitor) -> None:
    visitor.open("sentiment", text="The songs are never dull.", masks="600")
    visitor.app.text_area(key="sentiment-raw").set_value("The songs are hardly dull.")
    visitor.draw()
    visitor.press("Run").settle()
    visitor.open("cases")
    book = server.store.private_book("browser Anna")
    edited, first = book.lines(Ask())
    assert (edited.title, edited.parent_id) == ("The songs are hardly dull.", first.id)
    assert visitor.reads("~~never~~ **hardly** dull")


def test_acts_of_the_table_are_taken_once_and_in_order() -> None:
    session: dict = {}
    events = [{"n": 1, "kind": "judge", "id": 4, "value": 2, "next": 5}, {"n": 2, "kind": "undo"}]
    assert [act.kind for act in book_table.acts(events, session)] == ["judge", "undo"]
    more = [*events, {"n": 3, "kind": "open", "id": 7}, "nonsense", {"kind": "open"}, {"n": "x"}]
    assert [(act.kind, act.case) for act in book_table.acts(more, session)] == [("open", 7)]
    assert book_table.acts("<script>", session) == []


def test_word_changes_and_python_say_what_was_asked() -> None:
    assert word_changes("a good film", "a very good movie") == "a **very** good ~~film~~ **movie**"
    case = gl.Case(
        domain="sentiment", model="sentiment/lstm", raw="It's \"fine\".", options={"off_state": "delete"},
        settings=gl.Settings.with_masks(600, seed=3),
    )  # fmt: skip
    names: dict = {}
    exec(as_python(case).replace("print(", "("), names)
    assert names["explanation"].case.raw == case.raw
    assert names["explanation"].settings == case.settings
    assert names["explanation"].case.options == {"off_state": "delete"}


def test_the_stage_steps_through_a_talk_without_any_model(
    server: Server, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glider_core import models

    book, anna = server.store.private_book("browser Anna"), server.store.reviewer("browser Anna")
    first = book.add(stored("sentiment-lstm-never-fails"))
    second = book.add(stored("dna-cnn-e-box-in-the-centre"))
    for number in (first, second):
        book.tag(number, ["talk"])
    book.write_note(first, "Ask who would have guessed", version=0, reviewer=anna)
    monkeypatch.setattr(models, "load_model", None)
    visitor.open("cases", stage="1", tag="talk", ascending="1")
    assert visitor.reads("Positive 95.0%")
    assert not visitor.reads("Ask who")
    visitor.app.button(key="stage.notes").click()
    visitor.draw()
    assert visitor.reads("Ask who would have guessed")
    for told, term in (
        ("LIME, a linear explanation, tells **76%**", "LIME"),
        ("The model reads **never** and **fails** together", "logits"),
        ("with *", ""),
    ):
        visitor.app.button(key="stage.on").click()
        visitor.draw()
        assert visitor.reads(told), told
        assert not term or any(f">{term}</span>" in text.value for text in visitor.app.markdown), term
    visitor.app.button(key="stage.on").click()
    visitor.draw()
    before = [title.value for title in visitor.app.title]
    visitor.app.toggle(key=f"stage-try-{first}-0").set_value(False)
    visitor.draw()
    answers = stored("sentiment-lstm-never-fails").interactions[0].answers
    assert answers is not None
    assert before == ["Positive 95\\.0\\%"]
    assert [title.value.replace("\\", "") for title in visitor.app.title] == [
        DOMAINS["sentiment"].answer(answers[0b10])
    ]
    visitor.app.button(key="stage.on").click()
    visitor.draw()
    assert (visitor.state("glider.cases").case, visitor.state("glider.cases").step) == (second, 0)
    visitor.app.button(key="stage.leave").click()
    visitor.draw()
    assert len(table(visitor)["rows"]) == 2
    assert any('data-means="Where the effect lies' in text.value for text in visitor.app.caption)
