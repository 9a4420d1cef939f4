from glider_core.domains.function.payload import FunctionPayload
from glider_core.drawings import DRAWINGS, draw
from glider_core.drawings.function import MAX_LINES
from glider_core.results import Explanation
from tests.drawings.values import explanation, interaction, svgs


def texts(shown: Explanation, chosen: int | None = None) -> list[str]:
    return [text.text or "" for text in svgs(draw(shown, chosen))[0].iter("text")]


def test_a_result_without_payload_is_drawn_by_its_names() -> None:
    shown = texts(explanation(["rain", "walk"], [interaction(0, 1, names=["rain", "walk"])]))
    assert "rain" in shown
    assert "I1" in shown
    assert "value" not in shown


def test_values_stand_beside_the_names_where_there_are_some() -> None:
    shown = texts(explanation(["rain", "walk"], payload=FunctionPayload(values=("7 mm", "short"))))
    assert {"value", "7 mm", "short"} <= set(shown)


def test_of_many_features_those_in_interactions_and_the_largest_are_drawn() -> None:
    names = [f"feature {i}" for i in range(500)]
    # Effects grow with the number, so that the joined ones are the smallest of all.
    sets = [interaction(2 * n, 2 * n + 1, names=names) for n in range(40)]
    shown = explanation(names, sets)
    drawn = [text for text in texts(shown) if text.startswith("feature ")]
    assert len(drawn) == MAX_LINES
    assert all(f"feature {i}" in drawn for i in (0, 1, 14, 15, 499))
    assert "feature 20" not in drawn
    assert {"feature 78", "feature 79", "I40"} <= set(texts(shown, 39))  # chosen, although it is weak
    assert f"Of 500 features, the {MAX_LINES} that" in DRAWINGS["function"].caption(shown, None)


def test_the_chosen_features_are_bold_and_other_brackets_fade() -> None:
    html = draw(explanation(list("abcd"), [interaction(0, 1), interaction(2, 3)]), 1)
    wide = svgs(html)[0]
    assert [text.text for text in wide.iter("text") if text.get("font-weight") == "700"][:2] == ["c", "d"]
    assert html.count('opacity="0.2"') == 3  # in each layout


def test_an_own_function_does_not_answer_in_logits() -> None:
    assert "logits" not in draw(explanation(["rain", "walk"], [interaction(0, 1, names=["rain", "walk"])]))
