"""Features joined into one: masks, names, payloads, links, and what is refused."""

import numpy as np
import pytest

import glider_core as gl
from glider_core.cases import Case
from glider_core.domains import DOMAINS
from glider_core.drawings import draw
from glider_core.grouping import Group, GroupedInstance, instance_of, read_groups

NAMES = ["a", "b", "c", "d", "e"]


def weighed() -> gl.FunctionInstance:
    return gl.FunctionInstance(NAMES, lambda masks: masks @ np.array([1.0, 2.0, 4.0, 8.0, 16.0]), fingerprint="w")


def test_a_group_is_switched_as_one_and_stands_where_its_first_member_does() -> None:
    grouped = GroupedInstance(weighed(), [Group.of(NAMES, [3, 1], "pair")])
    assert grouped.names == ("a", "pair", "c", "e")
    assert grouped.members == ((0,), (1, 3), (2,), (4,))
    masks = np.array([[1, 1, 1, 1], [1, 0, 1, 1], [0, 1, 0, 0]], dtype=bool)
    assert grouped.predict(masks).tolist() == [31.0, 21.0, 10.0]
    assert grouped.identity not in (None, weighed().identity)


def test_inside_a_group_nothing_is_an_interaction_any_more() -> None:
    pair = gl.FunctionInstance(NAMES, lambda masks: 2.0 * (masks[:, 0] & masks[:, 1]) + masks[:, 2])
    assert gl.explain(pair, gl.Settings.with_masks(600)).interactions[0].features == (0, 1)
    joined = gl.explain(GroupedInstance(pair, [Group.of(NAMES, [0, 1])]), gl.Settings.with_masks(600))
    assert joined.verdict == "additive"
    assert joined.main_effects[0] == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([Group.of(NAMES, [1])], "two features or more"),
        ([Group.of(NAMES, [0, 1]), Group.of(NAMES, [1, 2])], "in two groups"),
        ([Group.of(["a", "x"], [0, 1])], "of another input"),
        ([Group(name="far", features=(0, 9), members=("a", "j"))], "of another input"),
        ([Group.of(NAMES, range(5))], "one feature only"),
    ],
)
def test_groups_that_cannot_be_are_refused(groups, message: str) -> None:
    with pytest.raises(gl.InvalidInput, match=message):
        GroupedInstance(weighed(), groups)


@pytest.mark.parametrize("told", [3, [1], [{"name": "x"}], [{"name": "x", "features": ["y"], "members": []}]])
def test_an_option_that_names_no_groups_is_refused(told) -> None:
    with pytest.raises(gl.InvalidInput, match="as groups"):
        read_groups(told)


def test_a_grouped_sentence_goes_through_a_link_and_is_drawn() -> None:
    model, text = gl.load_model("sentiment/lstm"), "The songs are never dull."
    words = model.instance(text).names
    instance = instance_of(model, text, {"groups": [Group.of(words, [3, 4], "never dull").to_option()]})
    explanation = gl.explain(instance, gl.Settings.with_masks(600))
    assert explanation.names == ("The", "songs", "are", "never dull", ".")
    again = Case.from_query(explanation.case.to_query() or {})
    assert instance_of(model, again.raw, again.options).identity == instance.identity
    assert gl.Explanation.from_json(explanation.to_json()) == explanation
    assert "never dull" in draw(explanation)
    with pytest.raises(gl.InvalidInput, match="of another input"):
        instance_of(model, "Other words are here now.", again.options)


PROBE = "CGTTAATTACTCCTCCACGTGTTGTCCTACACTACC"


@pytest.mark.parametrize(
    ("model_id", "raw"),
    [
        pytest.param("image/small50", "sample:Coffee", marks=pytest.mark.slow),
        ("recommender/census", 0),
        ("graph/karate", "9"),
        ("dna/cnn", PROBE),
    ],
)
def test_every_domain_can_be_grouped_and_drawn(model_id: str, raw) -> None:
    model = gl.load_model(model_id)
    names = model.instance(raw).names
    instance = instance_of(model, raw, {"groups": [Group.of(names, [0, 2], "both").to_option()]})
    assert instance.payload is None or instance.payload.fits(len(names) - 1)
    explanation = gl.explain(instance, gl.Settings(grow_questions=False).with_masks(600))
    assert DOMAINS[explanation.domain].heading(explanation)
    assert "both" in draw(explanation)


def test_a_text_has_phrases_and_sentences() -> None:
    presets = DOMAINS["sentiment"].presets
    payload = gl.load_model("sentiment/lstm").instance("Good songs, but bad jokes. I left.").payload
    assert presets is not None
    assert presets(payload) == {
        "phrase": [[0, 1, 2], [3, 4, 5, 6], [7, 8, 9]],
        "sentence": [[0, 1, 2, 3, 4, 5, 6], [7, 8, 9]],
    }
