"""The registry of drawings, and what all pictures have in common."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import glider_core as gl
from glider_core.cases import Case
from glider_core.domains import DOMAINS
from glider_core.drawings import DRAWINGS, draw, drawing_of
from tests.drawings.values import explanation, four_features

NAMES = tuple("abcd")


def test_every_domain_has_a_drawing() -> None:
    assert set(DRAWINGS) == set(DOMAINS)
    for domain in DOMAINS:
        shown = four_features(domain, NAMES)
        assert drawing_of(shown) is DRAWINGS[domain]
        assert DRAWINGS[domain].caption(shown, shown.payload).endswith(".")


@pytest.mark.parametrize("domain", DRAWINGS)
def test_a_picture_stands_by_itself(domain: str) -> None:
    for view in DRAWINGS[domain].views:
        picture = draw(four_features(domain, NAMES), view=view)
        assert not re.search(r"var\(--[\w-]+\)", picture)  # a colour of Streamlit's without another for elsewhere
        assert not re.search(r"https?:|src=", picture)


@pytest.mark.parametrize("domain", DRAWINGS)
def test_an_interaction_that_is_not_there_stresses_none(domain: str) -> None:
    for view in DRAWINGS[domain].views:
        assert "<svg" in draw(four_features(domain, NAMES), 12, view=view)


def test_an_unknown_view_is_refused_with_those_there_are() -> None:
    with pytest.raises(gl.InvalidInput, match="'Pie'; choose one of Row, Matrix"):
        draw(four_features("recommender", NAMES), view="Pie")


def test_a_result_of_a_domain_that_is_not_here_is_refused() -> None:
    shown = four_features("dna", NAMES)
    with pytest.raises(gl.InvalidInput, match="'proteins'; it is not installed"):
        draw(replace(shown, case=Case(domain="proteins", model="proteins/fold")))


def test_a_result_without_payload_is_drawn_as_a_function() -> None:
    shown = replace(explanation(NAMES), case=Case(domain="dna", model="dna/cnn"))
    assert drawing_of(shown) is DRAWINGS["function"]
    assert "<svg" in draw(shown)
