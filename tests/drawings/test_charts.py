from dataclasses import replace
from typing import Any

import pytest

from glider_core.drawings import charts
from tests.drawings.values import explanation, interaction


def test_without_interactions_there_is_no_ranking() -> None:
    assert charts.gain_bars(explanation(["a", "b"])) is None


def test_pairs_only_leaves_larger_sets_out() -> None:
    shown = explanation([f"x{i}" for i in range(5)], [interaction(0, 1, 2), interaction(3, 4)])
    figure: Any = charts.gain_bars(shown, pairs_only=True)
    assert list(figure.data[0].y) == ["I2 x3 · x4"]


def test_what_the_picture_leaves_out_is_grey_in_the_ranking() -> None:
    figure: Any = charts.gain_bars(explanation(list("abcd"), [interaction(0, 1), interaction(2, 3)]), undrawn=[1])
    assert list(figure.data[0].marker.opacity) == [1.0, 0.35]


@pytest.mark.parametrize("order", [2, 3, 4, 6])
def test_the_factorial_chart_shows_answers_and_what_adding_up_would_give(order: int) -> None:
    # Each feature adds 1 on its own; all together add 10 more.
    answers = tuple(float(c.bit_count()) + (10.0 if c == 2**order - 1 else 0.0) for c in range(2**order))
    figure: Any = charts.factorial(interaction(*range(order), answers=answers), "positive", "logits")
    _, expected, values = figure.data
    assert values.x[-1] == order + 10
    assert expected.x[-1] == order
    assert len(values.x) == (2**order if order <= 3 else order + 2)
    assert charts.factorial(replace(interaction(0, 1), answers=None), "positive", "logits") is None


def test_the_answers_axis_names_the_unit_once() -> None:
    pair = interaction(0, 1, answers=(0.0, 1.0, 2.0, 5.0))
    titles = [
        charts.factorial(pair, *words).layout.xaxis.title.text  # type: ignore[union-attr]
        for words in (("positive", "logits"), ("log intensity", "log intensity"))
    ]
    assert titles == ["positive, logits", "log intensity"]


def test_bars_are_gains_and_tell_effects_with_intervals() -> None:
    noisy = interaction(0, 1, effect=2.0, interval=(1.25, 2.75), gain=0.14)
    bars: Any = charts.gain_bars(explanation(["a", "b", "c"], [noisy, interaction(1, 2, gain=0.02, tied=True)]))
    assert list(bars.data[0].x) == [0.14, 0.02]
    assert bars.data[0].customdata[0][2] == "+2.000 ± 0.750"
    assert [row[3] for row in bars.data[0].customdata] == ["", "the same as the one above, within chance"]


def test_fidelity_rises_with_each_interaction_added() -> None:
    figure: Any = charts.fidelity(explanation(list("abcd"), [interaction(0, 1), interaction(2, 3)]))
    assert list(figure.data[0].x) == [0, 1, 2]
    assert list(figure.data[0].y) == [0.6, 0.7, 0.8]
    assert list(figure.data[1].y) == [0.8]  # the one that was chosen
