import itertools

import pytest

from glider_core.drawings.brackets import Group, draw, place


def group(label: str, *members: tuple[int, float], faded: bool = False) -> Group:
    return Group(0, label, "", "#000", "#000", 1.0, faded, members)


def test_brackets_of_one_level_do_not_touch() -> None:
    pairs = itertools.combinations(range(6), 2)
    groups = [group(f"I{n} +0.10", (0, a * 50.0), (0, b * 50.0)) for n, (a, b) in enumerate(pairs)]
    placed = place(groups, 400.0)[0]
    assert len(placed) == len(groups)
    for left, right in itertools.combinations(placed, 2):
        if left.level == right.level:
            assert left.right < right.left or right.right < left.left


def test_a_bracket_over_two_lines_is_open_between_them() -> None:
    placed = place([group("I1", (0, 100.0), (1, 50.0))], 400.0)
    assert placed[0][0].open_right
    assert placed[0][0].right == 400.0
    assert placed[1][0].open_left
    assert placed[1][0].left == 0.0


def test_a_label_keeps_clear_of_the_tick_of_a_farther_bracket() -> None:
    near, far = group("I1 +1.00", (0, 100.0), (0, 300.0)), group("I2 +0.50", (0, 195.0), (0, 600.0))
    labels = {segment.group.label: segment.label_x for segment in place([near, far], 700.0)[0]}
    half = len(near.label) * 6.3 / 2
    assert abs(labels["I1 +1.00"] - 195.0) > half
    assert labels["I1 +1.00"] - half >= 100.0
    assert labels["I1 +1.00"] + half <= 300.0
    assert labels["I2 +0.50"] == pytest.approx(397.5)  # nothing in its way


def test_labels_stay_inside_the_picture() -> None:
    label = "I1 −12.34"
    assert place([group(label, (0, 2.0), (0, 12.0))], 400.0)[0][0].label_x >= len(label) * 6.3 / 2


def test_labels_are_drawn_over_all_lines() -> None:
    placed = place([group("I1", (0, 0.0), (0, 90.0)), group("I2", (0, 10.0), (0, 300.0))], 400.0)[0]
    html = draw(placed, 100.0)
    assert html.rindex("<path") < html.index("<text")
