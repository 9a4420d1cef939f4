import itertools

import pytest

from glider_core.drawings import draw
from glider_core.drawings import sentiment as draw_sentence
from tests.drawings.values import sentence, svgs


def test_interactions_with_stop_words_or_marks_get_no_bracket() -> None:
    shown = sentence("the film never fails .", (0, 1), (2, 3), (3, 4))
    html = draw(shown)
    assert "I2 +0.50" in html
    assert "I1 +" not in html
    assert "I3 +" not in html
    assert list(draw_sentence.undrawn(shown, shown.payload)) == [0, 2]  # type: ignore[arg-type]


def test_the_caption_counts_what_only_the_ranking_has() -> None:
    shown = sentence("the film never fails .", (0, 1), (2, 3), (3, 4))
    assert "; 2 interactions with them only in the ranking." in draw_sentence.caption(shown, shown.payload)  # type: ignore[arg-type]
    all_drawn = sentence("film never fails", (1, 2))
    assert draw_sentence.caption(all_drawn, all_drawn.payload).endswith("Stop words and marks are grey.")  # type: ignore[arg-type]


def test_every_word_stands_in_both_drawings_in_order() -> None:
    words = ["charming", "films", "never", "fail"]
    for drawing in svgs(draw(sentence(" ".join(words), (2, 3)))):
        assert [text.text for text in drawing.iter("text") if text.get("textLength")] == words


def test_the_chosen_interaction_is_stressed() -> None:
    html = draw(sentence("good bad ugly film", (0, 1), (2, 3)), 1)
    assert html.count('opacity="0.22"><title>I1') == 3  # the other one, in each layout
    assert html.count('opacity="0.22"><title>I2') == 0


def test_a_chosen_interaction_is_drawn_however_weak() -> None:
    sets = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    shown = sentence("good bad ugly film", *sets)
    assert "I6 +" not in draw(shown)
    assert "I6 +" in draw(shown, 5)


def test_no_line_begins_with_a_mark_and_one_word_too_many_makes_no_second_line() -> None:
    words = ["word"] * 8 + ["."]
    whole = draw_sentence.word_boxes(words, 5000.0)
    width = whole[-1][1] + whole[-1][2] - whole[0][1]
    assert [line for line, _, _ in draw_sentence.word_boxes(words, width - 1)] == [0] * 7 + [1, 1]
    fitting = draw_sentence.one_line(words, width - 1)
    assert fitting == pytest.approx(width, abs=0.1)
    assert {line for line, _, _ in draw_sentence.word_boxes(words, fitting)} == {0}
    assert draw_sentence.one_line(words, width * 0.9) == width * 0.9
    assert draw_sentence.one_line(words, width * 2) == width * 2
    assert [line for line, _, _ in draw_sentence.word_boxes(["long" * 30, "."], 100.0)] == [0, 1]  # no way to help it


@pytest.mark.parametrize("width", [980.0, 460.0])
def test_fifty_words_do_not_overlap_and_stay_inside(width: float) -> None:
    boxes = draw_sentence.word_boxes([f"word{'s' * (i % 9)}" for i in range(50)], width)
    assert all(left >= 0 and left + room <= width + 0.01 for _, left, room in boxes)
    for (line, left, room), (next_line, next_left, _) in itertools.pairwise(boxes):
        assert next_line > line or next_left >= left + room
