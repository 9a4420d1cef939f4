import itertools
import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

import glider_core as gl
from glider_core.domains.dna.sequence import name_motif, random_sequence
from glider_core.drawings import charts
from glider_core.drawings import dna as draw_sequence
from glider_core.drawings import sentiment as draw_sentence
from glider_core.drawings.brackets import Group, place
from glider_core.drawings.palette import tint
from pages.parts import result_view

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a&b", "film"]


def interaction(*features: int, names=None, **values) -> gl.Interaction:
    names = names or [f"x{i}" for i in range(100)]
    defaults: dict[str, Any] = {"strength": 1.0, "effect": 0.5, "gain": 0.1}
    return gl.Interaction(features=features, names=tuple(names[i] for i in features), **(defaults | values))


def explanation(names, interactions) -> gl.Explanation:
    effects = tuple((-1) ** i * (i + 1.0) for i in range(len(names)))
    return gl.Explanation(
        names=tuple(names),
        model_id="test",
        fingerprint=None,
        explained="positive",
        prediction=1.0,
        prediction_off=0.0,
        main_effects=effects,
        interactions=tuple(interactions),
        ranking=(),
        scores=tuple(0.5 + 0.1 * k for k in range(len(interactions) + 1)),
        validation_scores=(0.5,),
        explainer_score=0.9,
        n_evaluations=10,
        timings={},
        settings=gl.Settings(),
        versions={},
    )


def drawings(html: str) -> list[ElementTree.Element]:
    found = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    return [ElementTree.fromstring(svg) for svg in found]


def test_words_are_shown_as_text() -> None:
    shown = explanation(HOSTILE, [interaction(0, 3, names=HOSTILE)])
    html = draw_sentence.sentence(shown, draw_sentence.plain_tokens(HOSTILE))
    assert "<script" not in html
    assert "<img" not in html
    for drawing in drawings(html):  # well-formed, with the words inside text elements
        texts = [element.text for element in drawing.iter("text")]
        assert all(word in texts for word in HOSTILE)


def test_interactions_with_stop_words_or_marks_get_no_bracket() -> None:
    names = ["the", "film", "never", "fails", "."]
    shown = explanation(
        names, [interaction(0, 1, names=names), interaction(2, 3, names=names), interaction(3, 4, names=names)]
    )
    html = draw_sentence.sentence(shown, draw_sentence.plain_tokens(names))
    assert "I2 +0.50" in html
    assert "I1 +" not in html
    assert "I3 +" not in html


def test_fifty_words_do_not_overlap_and_stay_inside() -> None:
    texts = [f"word{'s' * (i % 9)}" for i in range(50)]
    for width in (980.0, 460.0):
        boxes = draw_sentence.word_boxes(texts, width)
        assert all(left >= 0 and left + room <= width + 0.01 for _, left, room in boxes)
        for (line, left, room), (next_line, next_left, _) in itertools.pairwise(boxes):
            assert next_line > line or next_left >= left + room


def test_brackets_of_one_level_do_not_touch() -> None:
    groups = [
        Group(f"I{n} +0.10", "", "#000", 1.0, False, [(0, a * 50.0), (0, b * 50.0)])
        for n, (a, b) in enumerate(itertools.combinations(range(6), 2))
    ]
    placed = place(groups, 400.0)[0]
    assert len(placed) == len(groups)
    for one, other in itertools.combinations(placed, 2):
        if one.level == other.level:
            assert one.right < other.left or other.right < one.left


def test_a_bracket_over_two_lines_is_open_between_them() -> None:
    group = Group("I1", "", "#000", 1.0, False, [(0, 100.0), (1, 50.0)])
    placed = place([group], 400.0)
    assert placed[0][0].open_right
    assert placed[0][0].right == 400.0
    assert placed[1][0].open_left
    assert placed[1][0].left == 0.0


def test_the_chosen_interaction_is_stressed() -> None:
    names = ["good", "bad", "ugly", "film"]
    shown = explanation(names, [interaction(0, 1, names=names), interaction(2, 3, names=names)])
    html = draw_sentence.sentence(shown, draw_sentence.plain_tokens(names), chosen=1)
    assert html.count('<g opacity="0.22">') == 2  # the other one, in the wide and the narrow drawing


def test_a_sequence_names_its_motif() -> None:
    letters = random_sequence(1)
    names = [f"{letter}{i}" for i, letter in enumerate(letters, 1)]
    shown = explanation(names, [interaction(*range(15, 21), names=names)])
    html = draw_sequence.sequence(shown, letters, name_of=lambda features: name_motif(letters, features))
    assert "E-box CACGTG" in html
    for drawing in drawings(html):
        shown_letters = [(t.get("font-size"), t.text) for t in drawing.iter("text") if t.text and t.text in "ACGT"]
        assert "".join(letter for size, letter in shown_letters if size == "20") == letters
        assert "".join(letter for size, letter in shown_letters if size != "20") == "CACGTG"  # its row below


def test_no_interaction_gets_a_sentence() -> None:
    shown = explanation(["a", "b"], [])
    assert charts.strength_bars(shown) is None
    assert result_view.headline(shown, "logits") == charts.NO_INTERACTION
    assert draw_sentence.sentence(shown, draw_sentence.plain_tokens(["a", "b"]))


def test_charts_do_not_read_names_as_markup() -> None:
    shown = explanation(HOSTILE, [interaction(0, 1, names=HOSTILE, answers=(0.0, 1.0, 2.0, 5.0))])
    for figure in (charts.strength_bars(shown), charts.factorial(shown.interactions[0], "positive")):
        assert figure is not None
        assert "<script" not in json.dumps(figure.to_plotly_json())
    assert "<script" not in result_view.headline(shown, "logits").replace("\\<", "")


@pytest.mark.parametrize("order", [2, 3, 4, 6])
def test_the_factorial_chart_shows_answers_and_what_adding_up_would_give(order: int) -> None:
    # Each feature adds 1 on its own; all together add 10 more.
    answers = tuple(float(c.bit_count()) + (10.0 if c == 2**order - 1 else 0.0) for c in range(2**order))
    figure = charts.factorial(interaction(*range(order), answers=answers), "positive")
    assert figure is not None
    _, expected, values = figure.to_plotly_json()["data"]
    assert values["x"][-1] == order + 10
    assert expected["x"][-1] == order
    assert len(values["x"]) == (2**order if order <= 3 else order + 2)
    assert charts.factorial(replace(interaction(0, 1), answers=None), "positive") is None


def test_pairs_only_leaves_larger_sets_out() -> None:
    shown = explanation([f"x{i}" for i in range(5)], [interaction(0, 1, 2), interaction(3, 4)])
    figure = charts.strength_bars(shown, pairs_only=True)
    assert figure is not None
    assert list(figure.to_plotly_json()["data"][0]["y"]) == ["I2 x3 · x4"]


def test_a_tint_deepens_with_the_effect() -> None:
    assert tint(0.0, 1.0).endswith("00")
    assert tint(1.0, 1.0)[-2:] > tint(0.5, 1.0)[-2:]
    assert tint(-1.0, 1.0)[:7] != tint(1.0, 1.0)[:7]
    assert tint(1.0, 0.0).endswith("00")
