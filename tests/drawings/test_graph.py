from dataclasses import replace
from typing import Any

import numpy as np

from glider_core.drawings import DRAWINGS, draw
from glider_core.drawings import graph as draw_graph
from glider_core.drawings.palette import CLASSES
from tests.drawings.values import Elements, explanation, four_features, interaction, svgs

NAMES = ["Ada", "Ben", "Cyd", "Dee"]


def test_nodes_carry_their_number_in_the_whole_graph() -> None:
    for drawing in svgs(draw(four_features("graph", NAMES))):
        picked = {
            next(iter(node)).text.partition(" ")[0]: node.get("data-pick")  # type: ignore[union-attr]
            for node in drawing.iter("g")
            if node.get("data-pick")
        }
        assert picked == {"Ada": "3", "Ben": "5", "Cyd": "7", "Dee": "9"}


def test_the_legend_names_the_classes_that_are_there() -> None:
    html = draw(four_features("graph", NAMES))
    assert html[: html.index("<svg")].count("<span>") == 2
    assert "Cyd (class unknown)" in "".join(Elements(html).texts)


def test_a_chosen_interaction_is_drawn_alone() -> None:
    shown = four_features("graph", NAMES)
    labels = [[t.text for t in svgs(draw(shown, chosen))[0].iter("text") if t.text and t.text[0] == "I"]
              for chosen in (None, 1, 7)]  # fmt: skip
    assert labels == [["I1 +0.50", "I2 −0.25"], ["I2 −0.25"], []]


def test_the_caption_tells_how_many_nodes_in_reach_are_left_out() -> None:
    shown = four_features("graph", NAMES)
    payload: Any = shown.payload
    caption = DRAWINGS["graph"].caption
    assert "Of 6 nodes in reach, the 4 that weigh most are switched." in caption(shown, payload)
    assert "in reach" not in caption(shown, replace(payload, reach=4))


def test_of_many_nodes_only_those_that_matter_are_named() -> None:
    d = 60
    names = [f"n{i}" for i in range(d)]
    few: Any = four_features("graph", NAMES).payload
    payload = replace(
        few,
        numbers=tuple(range(d)),
        labels=(0,) * d,
        hops=(0, *[1] * (d - 1)),
        edges=tuple((0, i) for i in range(1, d)),
    )
    shown = explanation(names, [interaction(3, 4, names=names)], payload)
    texts = {text.text for text in svgs(draw(shown))[0].iter("text")}
    assert texts == {"n0", "n3", "n4", "I1 +0.50"}


def test_a_name_stands_above_its_node_where_another_one_is_below() -> None:
    points = np.array([[50.0, 50.0], [52.0, 68.0], [200.0, 50.0]])
    radii = np.full(3, 5.0)
    boxes = draw_graph._label_boxes([0, 1, 2], points, radii, ["Officer", "33", "7"], {2}, centre=2)
    assert boxes[0][3] < 50 < boxes[1][1]
    assert boxes[2][1] == 60  # below the ring of the node that is explained
    assert boxes[2][3] - boxes[2][1] > boxes[0][3] - boxes[0][1]  # with its number


def test_a_node_that_the_model_gets_wrong_has_both_colours_and_says_so() -> None:
    shown = four_features("graph", NAMES)
    payload: Any = replace(shown.payload, predicted=(0, 0, 1, 0))  # type: ignore[type-var]
    drawn = draw(replace(shown, payload=payload))
    assert "Ben (Ben, the model says Ada)" in "".join(Elements(drawn).texts)
    (wrong,) = {
        (circle.get("fill"), circle.get("stroke"))
        for node in svgs(drawn)[0].iter("g")
        if node.get("data-feature") == "1"
        for circle in node.iter("circle")
    }
    assert wrong == (CLASSES[0], CLASSES[1])
