"""The start page and the tour: stored findings at once, each a click from its live case."""

from __future__ import annotations

from pathlib import Path

from glider_core import prepared
from pages.parts.case_view import ADDRESSES

ROOT = Path(__file__).parents[2]


def test_the_start_page_shows_a_finding_of_each_domain_and_the_ways_in(visitor) -> None:
    assert [word in picture for word, picture in zip(("dull", "CACGTG"), visitor.pictures(), strict=False)] == [
        True
    ] * 2
    assert len(visitor.pictures()) == 6
    assert visitor.reads("The model reads **Hardly** and **dull** together")
    assert visitor.reads("The simulator planted 5 sets; 5 of them are the top 5.")
    links = {element.proto.page for element in visitor.app.get("page_link")}
    assert {"tour", "sentiment", "dna", "recommender", "image", "graph", "global_view", "crosses"} < links
    assert {"your_model", "compare"} < links


def test_a_card_leads_to_its_case_which_asks_the_model_nothing(visitor) -> None:
    example = prepared.example("sentiment/lstm", "Hardly dull")
    query = next(
        element.proto.query_string
        for element in visitor.app.get("page_link")
        if element.proto.page == "sentiment" and "Hardly" in element.proto.query_string
    )
    assert query == "model=sentiment%2Flstm&text=Hardly+a+dull+moment."
    visitor.open("sentiment", model="sentiment/lstm", text=example.raw)
    shown = visitor.state("glider.sentiment").outcome().shown
    assert shown.explanation.timings == prepared.stored(example).timings  # to the digit: it was not run again


def test_the_tour_goes_from_lime_to_the_visitors_own_sentence(visitor) -> None:
    visitor.open("tour")
    stored = prepared.stored(prepared.example("sentiment/lstm", "Hardly dull"))
    assert visitor.reads("LIME gives each word a number of its own: **Hardly** +1.21")
    assert "+5.27" not in visitor.pictures()[0]
    visitor.press("Next").draw()
    assert "+5.27" in visitor.pictures()[0]
    visitor.press("Next").draw()
    assert [metric.value for metric in visitor.app.metric] == ["4.3%", "96%", "0.1%"]
    visitor.press("Next").draw()
    assert visitor.app.get("plotly_chart")
    answers = stored.interactions[0].answers
    assert answers is not None
    nothing, hardly, dull, both = answers
    assert visitor.reads(f"both would give {hardly + dull - nothing:+.2f}".replace("-", "−"))
    assert visitor.reads(f"The network says **{both:+.2f}**")
    visitor.press("Next").draw()
    assert visitor.app.query_params["step"] == "5"
    visitor.app.text_input(key="tour.sentence").set_value("Far from boring.")
    visitor.draw()
    queries = [element.proto.query_string for element in visitor.app.get("page_link")]
    assert "model=sentiment%2Flstm&text=Far+from+boring." in queries
    visitor.press("Back").draw()
    assert visitor.reads("You need not believe it")


def test_a_link_opens_a_step_of_the_tour(visitor) -> None:
    visitor.open("tour", step="99")
    assert visitor.reads("Write a sentence about a film")


def test_every_page_stands_in_a_file_of_its_address() -> None:
    """Else the first visitor after a start of the server, who comes by a link, is told that there is no such page."""
    assert [name for name in ADDRESSES.values() if not (ROOT / "pages" / f"{name}.py").is_file()] == []
