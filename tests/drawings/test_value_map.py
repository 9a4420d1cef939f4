from glider_core.drawings.palette import NEGATIVE, POSITIVE
from glider_core.drawings.value_map import value_map
from tests.drawings.values import svgs

EFFECTS = [[1.5, None], [0.0, -0.75]]
VALUES = (["young", "old"], ["few", "many"])


def test_each_pair_of_values_has_its_effect_as_colour_and_number() -> None:
    wide = svgs(value_map(("age", "hours"), VALUES, EFFECTS, counts=[[3, 0], [1, 2]], here=(1, 1)))[0]
    told = {title.text: cell for cell in wide.iter("g") for title in cell.findall("title")}
    assert set(told) == {
        "age young, hours few: together +1.500 logits, in 3 rows",
        "age young, hours many: in no row",
        "age old, hours few: together +0.000 logits, in 1 row",
        "age old, hours many: together −0.750 logits, in 2 rows",
    }
    high = told["age young, hours few: together +1.500 logits, in 3 rows"]
    low = told["age old, hours many: together −0.750 logits, in 2 rows"]
    boxes = [next(iter(cell.iter("rect"))) for cell in (high, low)]
    assert [box.get("fill") for box in boxes] == [POSITIVE, NEGATIVE]
    assert float(boxes[0].get("fill-opacity") or 0) > float(boxes[1].get("fill-opacity") or 0)
    assert [box.get("stroke") for box in boxes] == [None, "currentColor"]  # the row's own values are framed
    assert [text.text for cell in (high, low) for text in cell.iter("text")] == ["+1.50", "−0.75"]


def test_the_strongest_pair_is_told_to_those_who_do_not_see() -> None:
    wide = svgs(value_map(("age", "hours"), VALUES, EFFECTS))[0]
    assert wide.get("aria-label") == "age by hours: the strongest joint effect is +1.50 logits, of young with few"


def test_nothing_measured_nothing_drawn() -> None:
    assert value_map(("a", "b"), (["x"], ["y"]), [[None]]) == ""
