"""A press of Run is not lost where its drawing is stopped by the next click: the next drawing starts the run."""

import pytest
import streamlit as st

from pages.parts import frame, run
from tests.pages.conftest import Visitor

PRESSED = [
    ("sentiment", {"masks": "600"}, "Run"),
    ("compare", {}, "Run"),
    ("global_view", {"rows": "8"}, "Run"),
    ("crosses", {"rows": "10000", "seeds": "1"}, "Train side by side"),
]


@pytest.mark.parametrize(("page", "query", "label"), PRESSED)
def test_a_press_outlives_the_drawing_that_it_began(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, page: str, query: dict[str, str], label: str
) -> None:
    visitor.open(page, **query)
    if page == "sentiment":
        visitor.app.text_area(key="sentiment-raw").set_value("The songs are never dull.")
    elif page == "compare":
        visitor.state("glider.compare").a_masks = 700
    elif page == "global_view":
        visitor.app.number_input(key="global.seed").set_value(1)
    visitor.draw()
    begun: list[str] = []
    monkeypatch.setattr(run, "start", lambda name, *given, **options: begun.append(name))
    with monkeypatch.context() as stopped:
        stopped.setattr(frame, "enter", st.stop)
        visitor.press(label).draw()
    assert not begun
    visitor.draw().draw()
    assert len(begun) == 1
