"""The sentiment page, and with it what the workbench does on every page."""

import threading

import pytest

import glider_core as gl
from glider_core.workers import tasks
from pages.parts import explaining, run

FEW = {"masks": "600"}


def test_the_first_example_is_explained_at_once(visitor) -> None:
    visitor.open("sentiment", **FEW)
    assert visitor.reads("Positive 95.0%")
    assert visitor.reads("Stop words and marks are grey")
    (picture,) = visitor.pictures()
    assert "fails" in picture
    assert visitor.app.query_params["text"] == "This charming little film never fails to delight."


def test_a_typed_sentence_is_explained_when_run_is_pressed(visitor) -> None:
    visitor.open("sentiment", masks="1200")
    visitor.app.text_area(key="sentiment-raw").set_value("The songs are never dull.")
    visitor.draw()
    assert visitor.reads("This is the result of the former input")
    visitor.press("Run").settle()
    assert visitor.reads("The model reads **never** and **dull** together")
    assert not visitor.reads("former input")
    assert visitor.app.query_params["text"] == "The songs are never dull."


def test_an_example_is_explained_when_it_is_picked(visitor) -> None:
    visitor.open("sentiment", **FEW)
    visitor.app.selectbox(key="sentiment-example").set_value("Not bad")
    visitor.settle()
    assert visitor.app.text_area(key="sentiment-raw").value == "The story is not bad, but the jokes fall flat."
    assert "jokes" in visitor.pictures()[0]
    visitor.app.text_area(key="sentiment-raw").set_value("Something else.")
    visitor.draw()
    assert visitor.app.session_state["sentiment-example"] is None  # the pill no longer says what stands in the field


def test_a_refused_input_says_why_and_the_former_result_stays(visitor) -> None:
    visitor.open("sentiment", **FEW)
    visitor.app.text_area(key="sentiment-raw").set_value("")
    visitor.press("Run").settle()
    assert visitor.reads("There is no text yet")
    assert "fails" in visitor.pictures()[0]


def test_another_model_reads_the_same_sentence_when_run(visitor) -> None:
    visitor.open("sentiment", text="Not bad at all.", **FEW)
    visitor.app.selectbox(key="sentiment-model").set_value("sentiment/distilbert-small")
    visitor.draw()
    assert visitor.reads("former input")
    visitor.press("Run").settle()
    assert visitor.app.query_params["model"] == "sentiment/distilbert-small"
    assert visitor.app.query_params["text"] == "Not bad at all."
    assert visitor.state("glider.sentiment").outcome().shown.explanation.model_id == "sentiment/distilbert-small"


def test_off_states_are_those_that_the_model_has(visitor) -> None:
    visitor.open("sentiment", **FEW)
    assert visitor.app.radio(key="sentiment-off_state").options == ["a zero vector", "deleted"]
    visitor.app.selectbox(key="sentiment-model").set_value("sentiment/distilbert-small")
    visitor.draw()
    assert visitor.app.radio(key="sentiment-off_state").options == ["a zero vector", "[MASK]", "deleted"]
    visitor.app.radio(key="sentiment-off_state").set_value("mask")
    visitor.press("Run").settle()
    assert visitor.app.query_params["option.off_state"] == '"mask"'
    visitor.app.selectbox(key="sentiment-model").set_value("sentiment/lstm")
    visitor.draw()
    assert visitor.app.radio(key="sentiment-off_state").value == "zero"


def test_a_model_that_is_not_here_says_how_to_get_it(visitor) -> None:
    visitor.open("image", model="image/resnet152", masks="1000")
    assert visitor.reads("GLIDER_WEIGHTS")
    assert "Fetch it" in [button.label for button in visitor.app.button]
    (button,) = (button for button in visitor.app.button if button.label == "Run")
    assert button.disabled


def test_what_is_switched_off_by_hand_is_asked_of_the_model(visitor) -> None:
    visitor.open("sentiment", text="The songs are never dull.", **FEW)
    assert visitor.app.metric[0].label == "The model's answer, nothing off"
    visitor.app.multiselect(key="sentiment-off").set_value([3])
    visitor.draw()
    (metric,) = visitor.app.metric
    shown = visitor.state("glider.sentiment").outcome().shown
    mask = [[True, True, True, False, True, True]]
    expected = float(gl.load_model("sentiment/lstm").instance("The songs are never dull.").predict(_bools(mask))[0])
    assert metric.label == "The model's answer with 1 off"
    assert f"{expected - shown.explanation.prediction:+.2f}".replace("-", "−") in metric.delta


def test_the_chosen_interaction_stands_out_and_is_checked(visitor) -> None:
    visitor.open("sentiment", masks="1200")
    before = visitor.pictures()[0]
    visitor.app.selectbox(key="sentiment-chosen").set_value(1)
    visitor.draw()
    assert visitor.pictures()[0] != before
    second = visitor.state("glider.sentiment").outcome().shown.explanation.interactions[1]
    assert any("I2" in str(table.value) and second.names[0] in str(table.value) for table in visitor.app.table)
    visitor.app.text_area(key="sentiment-raw").set_value("A dull, dull film.")
    visitor.press("Run").settle()
    assert visitor.state("glider.sentiment").outcome().chosen is None


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch):
    """A model that answers only once it is let go on."""
    begun, go_on = threading.Event(), threading.Event()
    explain = gl.explain

    def slow(instance, settings, *, on_progress, **others):
        result = explain(instance, settings, **others)
        begun.set()
        on_progress("ask", 0.5)
        go_on.wait(30)
        on_progress("ask", 0.9)
        return result

    monkeypatch.setattr(explaining.gl, "explain", slow)
    yield begun, go_on
    go_on.set()


def test_cancel_keeps_the_former_result(visitor, held) -> None:
    begun, go_on = held
    go_on.set()
    visitor.open("sentiment", text="A never dull film.", seed="77", **FEW)
    go_on.clear()
    begun.clear()
    visitor.app.text_area(key="sentiment-raw").set_value("Another sentence altogether.")
    visitor.press("Run").draw()
    assert begun.wait(30)
    assert "dull" in visitor.pictures()[0]  # while the new run goes on
    (job,) = visitor.jobs()
    visitor.press("Cancel").draw()
    go_on.set()
    assert job.wait(30)
    assert job.state == "cancelled"
    assert "Cancel" not in [button.label for button in visitor.app.button]
    assert "dull" in visitor.pictures()[0]
    assert visitor.reads("This is the result of the former input")


def test_a_run_waits_behind_another_visitors_and_says_so(new_visitor, held) -> None:
    begun, go_on = held
    first, second = new_visitor(), new_visitor()
    first.go("sentiment", text="The first visitor's film.", seed="78", **FEW)
    assert begun.wait(30)
    second.go("dna", seed="79", **FEW)
    (job,) = second.jobs()
    assert job.state == "queued"
    second.draw()
    assert any("Waiting for another run" in text for text in _bars(second))
    go_on.set()
    second.settle()
    assert second.reads("Log intensity")


def test_a_look_at_few_questions_is_shown_while_more_are_asked(visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, go_on, explain = threading.Event(), threading.Event(), gl.explain

    def slow(instance, settings, *, on_look, **others):
        def look(explanation):
            on_look(explanation)
            looked.set()
            go_on.wait(30)

        return explain(instance, settings, on_look=look, **others)

    monkeypatch.setattr(tasks.gl, "explain", slow)
    text = "A film that is never dull, and whose jokes hardly ever fail to please."
    visitor.go("sentiment", text=text, seed="80", masks="2400")
    assert looked.wait(30)
    visitor.draw()
    shown = visitor.state("glider.sentiment").outcome().shown
    assert shown.first_look
    assert shown.explanation.looks == (300,)
    assert visitor.reads("First look")
    go_on.set()
    visitor.settle()
    final = visitor.state("glider.sentiment").outcome().shown
    assert not final.first_look
    assert final.explanation.looks[:2] == (300, 500)
    assert not visitor.reads("First look")


def test_equal_cases_of_two_visitors_are_explained_once(new_visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, explain = [], gl.explain

    def counted(*args, **others):
        calls.append(1)
        return explain(*args, **others)

    monkeypatch.setattr(explaining.gl, "explain", counted)
    for _ in range(2):
        new_visitor().open("sentiment", text="Seen by two visitors.", seed="81", **FEW)
    assert len(calls) == 1


def test_the_counter_says_when_the_page_is_drawn_to_its_end(visitor) -> None:
    visitor.open("sentiment", **FEW)
    (before,) = visitor.counters()
    visitor.draw()
    (after,) = visitor.counters()
    assert after == before + 1
    assert visitor.state(run.RUNS) == {}


def _bools(mask):
    import numpy as np

    return np.array(mask, dtype=bool)


def _bars(visitor) -> list[str]:
    return [element.proto.text for element in visitor.app.get("progress")]
