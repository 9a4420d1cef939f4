"""A result on a page: badges, layers, and what a browser sends of a picture."""

import pytest

from pages.parts.picture import Act, _read
from tests.drawings.values import sentence

SHOWN = sentence("good bad ugly film", (0, 1))


def test_where_people_read_the_opposite_a_badge_says_so(visitor) -> None:
    visitor.open("sentiment", text="It is impossible to dislike a comedy with this much heart.", masks="600")
    assert visitor.reads("the model is wrong: people read it as positive")
    visitor.open("sentiment", text="Too bad the ending is so predictable.", masks="600")
    assert not visitor.reads("the model is wrong")


def test_layers_are_switched_without_another_run(visitor) -> None:
    visitor.open("sentiment", masks="600")
    assert all(words in visitor.pictures()[0] for words in ("One by one (LIME)", "What LIME misses", "Together"))
    visitor.app.button_group(key="sentiment-layer").set_value("lime")
    visitor.draw()
    assert "What LIME misses" not in visitor.pictures()[0]
    assert not visitor.jobs()


def test_the_sum_is_told_in_probability_or_logits(visitor) -> None:
    visitor.open("sentiment", masks="600")
    summed = [control["html"] for control in visitor.controls() if control.get("label", "").startswith("sum")]
    assert "In probability" in summed[0]
    assert ">0.950<" in summed[0]  # the answer that stands above
    visitor.app.button_group(key="sentiment-sum-in").set_value("logits")
    visitor.draw()
    summed = [control["html"] for control in visitor.controls() if control.get("label", "").startswith("sum")]
    assert "In logits" in summed[0]


@pytest.mark.parametrize("told", ["", "[]", "3", "{", '{"off": 1}', '{"off": ["x"]}', None, "[" * 100_000])
def test_what_makes_no_sense_is_not_done(told) -> None:
    assert _read(told, SHOWN) is None


def test_what_is_not_there_is_neither_off_nor_chosen() -> None:
    assert _read('{"off": [3, 1, 1, -1, 99], "chosen": 7}', SHOWN) == Act((1, 3), None)
    assert _read('{"off": [], "chosen": 0}', SHOWN) == Act((), 0)
    assert _read('{"picked": "33"}', SHOWN) == Act(picked="33")
