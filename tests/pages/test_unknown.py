"""Parts of a link that a page cannot use are said, once."""

from __future__ import annotations

import pytest

from glider_core.cases import Case
from glider_core.settings import Settings
from tests.pages.conftest import Server, Visitor

TOLD = "This link names **sample** and **kind**, which this page does not know."


def test_a_link_with_names_that_the_page_does_not_know_says_so_until_something_else_is_shown(
    visitor: Visitor, server: Server
) -> None:
    visitor.go("cases", sample="x", kind="y", search="dull", case="many")
    assert visitor.reads(TOLD)
    assert visitor.reads("What it says of **case** makes no sense here")
    assert "sample" not in visitor.app.query_params
    assert visitor.draw().reads(TOLD)  # a run's progress draws the page, too
    visitor.state("glider.cases").search = "bright"
    assert not visitor.draw().reads("This link")
    assert not visitor.draw().reads("This link")
    del visitor.app.session_state["glider.cases"]
    assert visitor.go("cases", pinned="1", case="many").reads("What it says of **case** makes no sense here")


def test_what_goes_into_an_address_is_what_is_known() -> None:
    case = Case(domain="dna", model="dna/cnn", raw="ACGT", options={"off_state": "N"},
                settings=Settings.with_masks(700, seed=3, hidden=(32,)))  # fmt: skip
    assert all(map(Case.reads, case.to_query() or {}))
    assert all(map(Case.reads, Case(domain="d", model="d/m", raw=7).to_query() or {}))
    assert not any(map(Case.reads, ("sample", "kind", "options.x", "", "domain")))


@pytest.mark.slow
@pytest.mark.parametrize("page", ["home", "tour", "sentiment", "dna", "recommender", "image", "graph", "function",
                                  "compare", "global_view", "crosses"])  # fmt: skip
def test_every_page_says_what_of_a_link_it_does_not_know(visitor: Visitor, page: str) -> None:
    visitor.app.session_state["glider.home"] = False  # as for one who opens the link first
    visitor.open(page, sample="x", kind="y")
    assert visitor.reads(TOLD)
