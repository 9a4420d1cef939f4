"""Two of anything on one scale: models, inputs, classes, settings; live or out of the case book."""

from __future__ import annotations

import pytest

from glider_core import prepared
from pages.parts import explaining
from pages.parts.compare_side import CompareState
from tests.pages.conftest import Server, Visitor
from tests.pages.test_cases import stored


def test_two_models_read_one_sentence(server: Server, visitor: Visitor) -> None:
    visitor.open("compare", **{"a.masks": "300", "b.masks": "300"})
    assert visitor.reads("Agreement")
    state: CompareState = visitor.state("glider.compare")
    assert (state.a_model, state.b_model) == ("sentiment/lstm", "sentiment/distilbert-small")
    left, _, sets = visitor.pictures()[-3:]
    assert "glider-compared" in sets
    assert "delight" in left or "dull" in left
    visitor.press("Copy left to right").draw()
    visitor.press("Run").settle()
    assert visitor.reads("Agreement 100%")
    assert len(server.store.private_book("browser Anna").lines()) == 2


def test_it_opens_with_a_stored_result(server: Server, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "RUNS", 1)
    visitor.go("compare")
    asked = {side: visitor.state("compare.outcomes")[side].shown for side in "ab"}
    for domain in ("sentiment", "dna", "recommender"):
        state = CompareState(domain=domain)
        state.fill()
        assert [prepared.find(state.asked(side)) is not None for side in "ab"] == [True, True], domain
    assert {shown.explanation for shown in asked.values()} == {
        prepared.stored(prepared.example(model)) for model in ("sentiment/lstm", "sentiment/distilbert-small")
    }


def test_two_inputs_are_told_apart_word_by_word(server: Server, visitor: Visitor) -> None:
    sides = {"a.model": "sentiment/lstm", "b.model": "sentiment/lstm", "a.masks": "300", "b.masks": "300"}
    texts = {"a.input": "The songs are never dull.", "b.input": "The songs are often dull."}
    visitor.open("compare", **sides, **texts)
    assert visitor.reads("~~never~~ **often** dull")
    assert visitor.reads("The inputs differ")
    assert visitor.app.query_params["b.input"] in (texts["b.input"], [texts["b.input"]])


def test_two_classes_of_one_node_are_read_in_opposite_ways(server: Server, visitor: Visitor) -> None:
    masks = {"a.masks": "1000", "b.masks": "1000"}
    node = {"domain": "graph", "a.model": "graph/karate", "b.model": "graph/karate", "a.input": "9", "b.input": "9"}
    visitor.open("compare", **masks, **node, **{"a.class": "Officer's side", "b.class": "Mr. Hi's side"})
    assert visitor.reads("Agreement 0%")
    assert visitor.reads("read in opposite ways")


def test_cases_of_the_book_stand_side_by_side_without_their_model(server: Server, visitor: Visitor) -> None:
    book = server.store.private_book("browser Anna")
    one, two = (book.add(stored(f"dna-cnn-{name}")) for name in ("e-box-in-the-centre", "two-e-boxes"))
    visitor.open("compare", domain="dna", a=str(one), b=str(two))
    assert visitor.reads("Agreement")
    assert "E-box" in visitor.pictures()[-3]
    visitor.press("Swap").draw()
    state: CompareState = visitor.state("glider.compare")
    assert (state.a_case, state.b_case) == (two, one)
    visitor.open("compare", domain="dna", a="999", b=str(two))
    assert visitor.reads("Case 999 is not in this book")


def test_the_case_book_compares_with_the_case_that_was_kept(server: Server, visitor: Visitor) -> None:
    book = server.store.private_book("browser Anna")
    one, two = (book.add(stored(f"sentiment-lstm-{name}")) for name in ("never-fails", "not-bad"))
    visitor.open("cases", case=str(one), beside=str(two))
    assert visitor.reads("Agreement")
    assert visitor.reads("The inputs differ")
    visitor.press("Leave comparison").draw()
    assert not visitor.reads("Agreement")
