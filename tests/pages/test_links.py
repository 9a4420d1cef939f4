"""Every state that matters is in the address: case, chosen set, switches, groups, view, filters of the case book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest

import glider_core as gl
from glider_core.reporting import as_python
from glider_core.store import Ask
from pages.parts.cases_state import CasesState
from pages.parts.looks import Look
from tests.pages.conftest import Visitor

TEXT = "This film never fails to delight."


def test_a_link_holds_set_switches_groups_and_view_and_opens_in_another_visit(
    new_visitor: Callable[[], Visitor],
) -> None:
    first, second = new_visitor(), new_visitor()
    first.open("sentiment", text=TEXT, masks="600")
    first.app.multiselect(key="sentiment-off").set_value([0, 1])
    first.draw()
    assert first.app.query_params["off"] == "0-1"
    first.press("Join the 2 that are off").settle()
    assert "off" not in first.app.query_params  # of other features now
    names = first.state("glider.sentiment").outcome().shown.explanation.names
    assert names[:2] == ("This film", "never")
    first.app.multiselect(key="sentiment-off").set_value([2])
    first.state("glider.sentiment").outcome().chosen = 0  # as a click in the picture does
    first.app.button_group(key="sentiment-layer").set_value("lime")
    first.draw()
    query, before = dict(first.app.query_params), first.state("glider.sentiment").outcome()
    assert (query["off"], query["layer"]) == ("2", "lime")
    assert query["set"] == "-".join(map(str, before.shown.explanation.interactions[0].features))
    second.open("sentiment", **query)
    state = second.state("glider.sentiment")
    told = state.outcome()
    assert told.shown.explanation == before.shown.explanation
    assert (told.off, told.chosen, state.layer) == ([2], 0, "lime")
    assert dict(second.app.query_params) == query
    # Going back through what was looked at runs nothing anew.
    shown, state.replaced = told.shown, []
    del second.app.query_params["off"]
    second.app.query_params["set"] = "1-2-999"
    second.draw()
    assert (told.off, told.chosen, told.shown) == ([], None, shown)
    assert second.jobs() == []


def test_nonsense_of_what_is_looked_at_is_passed_over() -> None:
    for told in ("x", "1-x", "-", "9" * 30, "²", "1-" * 9000):
        assert Look.from_query({"set": told, "off": told}) == Look()
    assert Look.from_query({"set": "5-2", "off": "7"}) == Look((2, 5), (7,))
    assert Look((2, 5), (7,)).to_query() == {"set": "2-5", "off": "7"}


def test_all_that_the_case_book_shows_goes_through_the_address() -> None:
    told = {
        "book": "named:lab", "case": 7, "search": "never & dull", "verdicts": (0, 3), "states": ("strong",),
        "models": ("dna/cnn",), "tags": ("a b",), "batches": ("x, 30",), "flags": ("near 50 %",),
        "ranges": ("together:0.05:1", "field:age:30:", "field:sex=Female"), "pinned": True, "sort": "effect",
        "ascending": True, "page": 3, "differs": 2, "beside": 9, "set": 2, "view": "Arcs", "layer": "both",
        "stage": True, "step": 4, "labels": ("yes",), "noted": True,
    }  # fmt: skip
    places = {place.name for place in fields(CasesState) if "read" in place.metadata}
    assert places == set(told)  # a new field is to be added here
    state = CasesState(**told)
    again = CasesState()
    again.take(state.to_query())
    assert {name: getattr(again, name) for name in told} == told
    asked = again.ask()
    assert asked.ranges == {"together": (0.05, 1.0)}
    assert [(each.name, each.low, each.values) for each in asked.fields] == [
        ("age", 30.0, ()),
        ("sex", None, ("Female",)),
    ]
    assert isinstance(asked, Ask)


def test_a_program_of_joined_features_explains_them_joined() -> None:
    groups = [{"name": "never fails", "features": [2, 3], "members": ["never", "fails"]}]
    settings = gl.Settings.with_masks(300, seed=2)
    case = gl.Case(
        domain="sentiment", model="sentiment/lstm", raw=TEXT, options={"groups": groups, "off_state": "delete"},
        settings=settings,
    )  # fmt: skip
    names: dict = {}
    exec(as_python(case).replace("print(", "("), names)
    assert names["explanation"].names[2] == "never fails"
    assert (names["explanation"].case.options, names["explanation"].settings) == (case.options, settings)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "off"), [("dna", "3-4"), ("recommender", "0"), ("graph", "1"), ("function", "2")])
def test_switches_are_in_the_address_of_every_domain(new_visitor: Callable[[], Visitor], page: str, off: str) -> None:
    first, second = new_visitor(), new_visitor()
    first.open(page, masks="600")
    first.app.multiselect(key=f"{page}-off").set_value([int(place) for place in off.split("-")])
    first.draw()
    assert first.app.query_params["off"] == off
    second.open(page, **dict(first.app.query_params))
    assert "-".join(map(str, second.state(f"glider.{page}").outcome().off)) == off
