"""Stability behind a result: the result first, then how often it is found again."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

import glider_core as gl
from pages.parts import explaining, run
from tests.drawings.values import explanation, interaction
from tests.pages.conftest import Visitor

TEXT = {"text": "The jokes in this film never fail, and the songs are not bad.", "masks": "600"}


@pytest.fixture
def three_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "RUNS", 3)


def shown(visitor: Visitor) -> gl.Explanation:
    return visitor.state("glider.sentiment").outcomes[""].shown.explanation


def until_shown(visitor: Visitor, **asked: str) -> Visitor:
    """Only the first run ends; what comes behind it is not waited for."""
    visitor.go("sentiment", **TEXT | asked)
    entry = visitor.state(run.RUNS, {}).get("sentiment")
    if entry is not None:
        assert entry.job.wait(400)
    return visitor.draw()


def test_the_result_stands_there_before_its_stability_and_is_refined(three_runs: None, visitor: Visitor) -> None:
    until_shown(visitor)
    first = shown(visitor)
    assert first.interactions
    again = visitor.state(run.RUNS)["sentiment.again"].job
    if again.active:
        assert first.runs == 1
        assert visitor.reads("Asking anew with other questions, to see what stays")
    visitor.settle()
    refined = shown(visitor)
    assert refined.runs == 3
    assert refined.fingerprint == first.fingerprint
    assert all(interaction.stability is not None for interaction in refined.interactions)
    assert [i.features for i in refined.interactions] == [i.features for i in first.interactions]
    assert visitor.reads("3 runs with other questions")
    assert not visitor.reads("Asking anew")


def test_whoever_asks_the_same_gets_the_refined_result_at_once(
    three_runs: None, new_visitor: Callable[[], Visitor]
) -> None:
    new_visitor().open("sentiment", **TEXT)
    second = new_visitor()
    until_shown(second)
    assert shown(second).runs == 3
    assert "sentiment.again" not in second.state(run.RUNS, {})


def test_a_line_says_how_often_each_set_is_found_again() -> None:
    def told(*shares: tuple[float, float]) -> str:
        sets = [
            replace(interaction(2 * n, 2 * n + 1), stability=exact, family_stability=family)
            for n, (exact, family) in enumerate(shares)
        ]
        return explaining.what_stays(replace(explanation([f"x{n}" for n in range(20)], sets), runs=5))

    assert "All 2 interactions are found in each of 5 runs" in told((1.0, 1.0), (1.0, 1.0))
    assert told((0.2, 1.0), (0.4, 0.6)).endswith("**I1 in 5**, I2 in 3. Nested sets count as one; the very same: 1, 2.")
    assert told((0.8, 0.8), (0.4, 0.4)).endswith("**I1 in 4**, I2 in 2.")
    assert told(*[(0.8, 0.8)] * 4, (0.2, 0.2), (0.6, 0.6)).endswith("I4 in 4, the other 2 in 1 to 3.")


def test_another_input_gives_the_repeats_of_the_former_up(
    three_runs: None, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_end(report, send, *asked):
        while True:
            report("repeat", 0.1)  # raises once it is cancelled
            time.sleep(0.01)

    monkeypatch.setattr(explaining, "refine_case", without_end)
    until_shown(visitor, text="It is not bad, and never dull, although the songs are weak.")
    job = visitor.state(run.RUNS)["sentiment.again"].job
    visitor.app.text_area[0].set_value("The film is not good.")
    visitor.draw().press("Run").draw()
    assert "sentiment.again" not in visitor.state(run.RUNS)
    assert job.stopped()
