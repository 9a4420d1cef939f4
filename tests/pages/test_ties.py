"""Widgets and the state that they show: whoever changed last wins, also where a callback was stopped."""

import pytest
from streamlit.testing.v1 import AppTest


def _drawing() -> None:
    import streamlit as st

    from pages.parts.ties import chosen, tied

    kept = st.session_state.setdefault("kept", ["first"])

    def changed() -> None:
        kept[0] = chosen("word").strip()

    st.text_input("Word", on_change=changed, **tied("word", kept[0], changed))


@pytest.fixture
def drawn() -> AppTest:
    return AppTest.from_function(_drawing).run()


def test_what_a_visitor_typed_is_kept_when_the_next_click_stopped_the_callback(drawn: AppTest) -> None:
    drawn.session_state["word"] = "second"  # the browser's value is here, and no callback has told the state of it
    drawn.run()
    assert drawn.session_state["kept"] == ["second"]
    assert drawn.text_input[0].value == "second"


def test_what_the_page_changed_is_shown(drawn: AppTest) -> None:
    drawn.session_state["kept"][0] = "third"
    assert drawn.run().text_input[0].value == "third"
    drawn.session_state["kept"][0] = "first"  # back again
    assert drawn.run().text_input[0].value == "first"


def test_what_the_state_makes_of_a_value_is_shown(drawn: AppTest) -> None:
    assert drawn.text_input[0].set_value("  fourth ").run().run().text_input[0].value == "fourth"
    assert drawn.text_input[0].set_value(" fourth").run().run().text_input[0].value == "fourth"
