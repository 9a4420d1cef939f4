"""A result is judged where it stands: verdict, note and tags below it, and the way through its batch."""

from __future__ import annotations

import pytest

from glider_core.domains import DOMAINS
from glider_core.engine.explain import explain_many
from glider_core.models import load_model
from glider_core.settings import Settings
from tests.pages.conftest import Server, Visitor

TEXTS = ("The songs are never dull.", "It fails, badly.", "A lively film.")


def batch(server: Server, book=None) -> list[int]:
    """Three sentences as a batch of Anna's book, or another; their numbers."""
    model = load_model("sentiment/lstm")
    settings = Settings.with_masks(600, **{n: v for n, v in DOMAINS["sentiment"].settings.items() if n == "detector"})
    book = book or server.store.private_book("browser Anna")
    explained = explain_many([model.instance(text) for text in TEXTS], settings)
    return [book.add(each, batch="three") for each in explained]


def test_a_case_is_judged_noted_and_stepped_from_without_the_book(server: Server, visitor: Visitor) -> None:
    first, *_ = batch(server)
    book, anna = server.store.private_book("browser Anna"), server.store.reviewer("browser Anna")
    case = book.explanation(first).case
    visitor.open("sentiment", **case.to_query() or {})
    assert visitor.reads("**0 of 3 judged** · case 1 · three")
    assert visitor.app.button(key="sentiment-judge.k").disabled
    visitor.app.button(key="sentiment-judge.2").click()
    visitor.draw()
    assert visitor.reads("**1 of 3 judged**")
    visitor.app.text_area(key=f"cases.note.{book.id}.{first}").set_value("Why never?")
    visitor.draw()
    visitor.app.button(key="sentiment-judge.pin").click()
    visitor.draw()
    line = book.line(first, anna)
    assert line is not None
    assert (line.verdict, line.note, line.pinned) == (2, "Why never?", True)
    visitor.app.button(key="sentiment-judge.j").click()
    visitor.settle()
    assert visitor.app.text_area(key="sentiment-raw").value == TEXTS[1]
    assert visitor.app.query_params["text"] == TEXTS[1]
    assert visitor.reads("**1 of 3 judged** · case 2 · three")
    visitor.app.button(key="sentiment-judge.3").click()
    visitor.draw()
    visitor.app.button(key="sentiment-judge.undo").click()
    visitor.draw()
    assert book.verdicts(anna) == {first: 2}
    visitor.app.button(key="sentiment-judge.undo").click()  # the verdict on another case: it is shown
    visitor.settle()
    assert book.verdicts(anna) == {}
    assert visitor.app.text_area(key="sentiment-raw").value == TEXTS[0]
    assert len(book.lines()) == 3  # nothing was explained twice


@pytest.mark.slow
def test_verdicts_go_to_the_book_that_the_link_names(server: Server, visitor: Visitor) -> None:
    shared = server.store.book("lab")
    first, *_ = batch(server, shared)
    query = shared.explanation(first).case.to_query() or {}
    visitor.open("sentiment", book="named:lab", **query)
    visitor.app.button(key="sentiment-judge.4").click()
    visitor.draw()
    assert list(shared.verdicts(server.store.reviewer("browser Anna")).items()) == [(first, 4)]
    assert visitor.app.query_params["book"] == "named:lab"
    visitor.open("home").open("sentiment", book="shared:nothing", **query)
    assert visitor.reads("of 1 judged")  # the own book instead
