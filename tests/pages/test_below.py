# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false
"""What stands below a result, and the rows that are found: asked of the model, not of the explanation."""

from __future__ import annotations

import numpy as np
import pytest

import glider_core as gl
from glider_core.batches import in_order
from pages.parts import row_finder, value_pairs_view
from tests.drawings.values import explanation, interaction


def test_every_letter_of_a_sequence_is_changed_below_its_result(visitor) -> None:
    visitor.open("dna")
    drawn = [picture for picture in visitor.pictures() if "Every letter of CGTTAATTAC" in picture]
    assert len(drawn) == 1
    assert "the heaviest loss is" in drawn[0]
    assert any("Sequence logo of TCCACGTGTT, positions 14 to 23" in picture for picture in visitor.pictures())


def test_a_pair_of_fields_is_shown_over_its_values_and_another_can_be_chosen(visitor) -> None:
    visitor.open("recommender")
    assert visitor.reads("Here, **age 79 with hours_per_week 7**")
    assert any("age by hours_per_week: the strongest joint effect" in picture for picture in visitor.pictures())
    visitor.app.selectbox(key="recommender-pair").select_index(1)
    visitor.draw()
    assert visitor.reads("Here, **age 79 with occupation Prof-specialty**")
    visitor.app.button_group(key="recommender-view").set_value("UpSet")
    visitor.draw()
    assert any("Sets of fields that act together" in picture for picture in visitor.pictures())


def test_pairs_are_those_of_the_sets_and_none_where_nothing_could_be_read() -> None:
    names = ["a", "b", "c"]
    sets = [interaction(1, 2, names=names), interaction(0, 1, 2, names=names)]
    assert value_pairs_view.offered(explanation(names, sets)) == [("b", "c"), ("a", "b"), ("a", "c")]
    unread = explanation(names, sets, scores=(0.1, 0.1, 0.1))
    assert unread.verdict == "unreadable"
    assert value_pairs_view.offered(unread) == []


@pytest.fixture(scope="module")
def census() -> gl.Model:
    return gl.load_model("recommender/census")


def test_rows_are_found_by_what_the_model_says_and_what_really_happened(census) -> None:
    logits = row_finder.answers_of(census)
    wrong = in_order("wrong", logits, list(map(bool, census.answers)))
    assert set(wrong) == set(np.flatnonzero((logits > 0) != (census.answers == 1)))
    assert 0 < len(wrong) < 75  # of 300
    worst = np.where(census.answers == 1, -logits, logits).argmax()
    assert wrong[0] == worst
    assert in_order("uncertain", logits, None)[0] == np.abs(logits).argmin()
    assert in_order("highest", logits, None)[0] == logits.argmax()
    assert in_order("lowest", logits, None)[0] == logits.argmin()
    table = row_finder.listed(census, wrong[:3], logits)
    assert list(table["row"]) == list(wrong[:3])
    assert list(table["really"]) == ["yes" if census.answers[number] else "no" for number in wrong[:3]]


def test_a_row_that_was_found_is_explained(visitor) -> None:
    visitor.open("recommender")
    visitor.app.radio(key="recommender-find").set_value("set")
    visitor.draw()
    (table,) = (table.value for table in visitor.app.dataframe if "answer" in table.value)
    title = visitor.app.selectbox(key=f"recommender-find-set-{gl.load_model('recommender/census').identity}").value
    assert title in row_finder.sets_of(gl.load_model("recommender/census"))
    assert len(table) == min(len(row_finder.sets_of(gl.load_model("recommender/census"))[title]), row_finder.LISTED)
