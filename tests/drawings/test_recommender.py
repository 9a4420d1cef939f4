from glider_core.domains.recommender.payload import RowPayload
from glider_core.drawings import DRAWINGS, draw
from tests.drawings.values import explanation, interaction, svgs

NAMES = ["age", "city", "hour", "plan"]
SETS = [interaction(0, 1, names=NAMES), interaction(1, 2, 3, names=NAMES, effect=-1.0)]


def row(**values) -> RowPayload:
    defaults = {
        "values": ("41", "Rome", "(missing)", "gold"),
        "known": (True, False, False, True),
        "kinds": ("dense", "categorical", "categorical", "categorical"),
    }
    return RowPayload(**(defaults | values))


def test_every_field_has_its_value_and_unlearned_ones_say_so() -> None:
    wide = svgs(draw(explanation(NAMES, SETS, row())))[0]
    texts = [text.text for text in wide.iter("text")]
    assert all(text in texts for text in (*NAMES, "41", "Rome (not learned)", "(missing)", "gold"))


def test_planted_sets_get_a_check_mark() -> None:
    marked = explanation(NAMES, SETS, row(planted=((1, 2, 3),)))
    texts = [text.text or "" for text in svgs(draw(marked))[0].iter("text")]
    assert {text for text in texts if text.startswith("I")} == {"I1", "I2 ✓"}
    caption = DRAWINGS["recommender"].caption
    assert caption(marked, marked.payload).endswith("✓: planted by the simulator.")
    assert "✓" not in caption(explanation(NAMES, SETS, row()), row())


def test_the_matrix_numbers_the_strongest_set_that_holds_both() -> None:
    drawn = svgs(draw(explanation(NAMES, SETS, row()), view="Matrix"))[0]
    cells = [content for text in drawn.iter("text") if (content := text.text or "").isdigit()]
    assert sorted(cells) == ["1"] * 2 + ["2"] * 6  # a pair, and the three pairs of a triple, on both sides
