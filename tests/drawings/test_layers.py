"""Pictures one by one and together, nested sets, and the sum of an answer."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

import glider_core as gl
from glider_core.domains import DOMAINS
from glider_core.drawings import draw
from glider_core.drawings.bars import ranking, waterfall
from glider_core.drawings.families import families
from glider_core.drawings.layered import layered
from glider_core.drawings.layers import one_by_one, own_effects, scale_of, share_in_linear
from glider_core.drawings.sentences import set_sentence
from glider_core.drawings.waterfall import waterfall_steps
from glider_core.engine.masks import lime_weights, sample_masks
from tests.drawings.values import Elements, explanation, four_features, interaction, sentence

NAMES = tuple("abcdefghijkl")


def test_nested_sets_are_one_family_under_what_adds_most() -> None:
    sets = [
        interaction(0, 1, gain=0.05),
        interaction(0, 1, 2, gain=0.2),
        interaction(3, 4, gain=0.1),
        interaction(0, 1, 2, 5, gain=0.01),
    ]
    first, second = families(sets)
    assert (first.head, first.inside, second.head, second.inside) == (1, (0, 3), 2, ())
    assert first.gain == pytest.approx(0.26)
    assert [family.head for family in families(sets, left_out=[1, 0, 3])] == [2, 1]


def test_gains_of_families_sum_to_those_of_the_sets() -> None:
    rng = np.random.default_rng(0)
    sets = [
        interaction(*sorted(rng.choice(8, int(rng.integers(2, 5)), replace=False).tolist()), gain=float(g))
        for g in rng.random(20)
    ]
    folded = families(sets)
    assert sum(family.gain for family in folded) == pytest.approx(sum(i.gain for i in sets))
    assert sorted(n for family in folded for n in family.members) == list(range(20))


@pytest.mark.parametrize(("d", "order", "width"), [(9, 4, None), (3, 2, None), (2, 2, None), (12, 3, 0.25)])
def test_a_linear_models_part_of_a_product_is_that_of_a_regression(d: int, order: int, width: float | None) -> None:
    masks = sample_masks(d, 60_000, np.random.default_rng(0))
    root = np.sqrt(lime_weights(masks, width))
    design = np.column_stack([np.ones(len(masks)), masks]) * root[:, None]
    product = masks[:, :order].all(axis=1) * root
    coefficients = np.linalg.lstsq(design, product, rcond=None)[0][1:]
    members, others = share_in_linear(d, order, width)
    assert members == pytest.approx(coefficients[:order].mean(), abs=0.02)
    if order < d:
        assert others == pytest.approx(coefficients[order:].mean(), abs=0.02)


def test_beside_a_set_its_members_keep_what_they_do_alone() -> None:
    # a alone adds 1; b and c add 2 together and nothing alone; LIME gives each of them a part of the 2.
    explained = gl.explain(
        gl.FunctionInstance(list(NAMES), lambda masks: masks[:, 0] + 2.0 * (masks[:, 1] & masks[:, 2])),
        gl.Settings.with_masks(600),
    )
    assert explained.main_effects[1] > 0.4
    assert np.allclose(own_effects(explained), [1.0, *[0.0] * 11], atol=0.15)  # LIME shrinks by its ridge
    assert one_by_one(explained).interactions == ()


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("answer", [None, lambda logit: 1 / (1 + math.exp(-logit))])
def test_the_steps_run_from_everything_off_to_the_answer_without_a_gap(domain: str, answer) -> None:
    shown = replace(four_features(domain, NAMES[:4]), prediction=2.5, prediction_off=-0.75)
    base, *steps, end = waterfall_steps(shown, answer)
    convert = answer or float
    assert base.end == convert(-0.75)
    assert end.end == convert(2.5)
    assert [step.start for step in steps] == [base.end, *(step.end for step in steps[:-1])]
    assert base.end + sum(step.end - step.start for step in steps) == pytest.approx(convert(2.5), abs=1e-12)
    assert steps[-1].kind == "rest"
    assert steps[-1].end == end.end


def test_many_features_and_sets_are_folded_and_still_sum() -> None:
    sets = [interaction(i, i + 1, effect=0.1) for i in range(30)]
    base, *steps, end = waterfall_steps(explanation([f"x{i}" for i in range(40)], sets))
    assert {step.name for step in steps} >= {"32 other features", "24 other sets", "neither"}
    assert base.end + sum(step.end - step.start for step in steps) == pytest.approx(end.end)


def test_bars_and_shares_are_one_sum() -> None:
    sets = [interaction(0, 1, gain=0.125), interaction(0, 1, 2, gain=0.075), interaction(3, 4, gain=0.05, effect=-1.0)]
    shown = explanation(NAMES, sets, scores=(0.7, 0.825, 0.9, 0.95))
    texts = Elements(str(ranking(shown))).texts
    told = [float(text.rstrip("%*")) for text in texts if re.fullmatch(r"[\d.]+%\*?", text)]
    assert told == [12, 7.5, 5.0]
    assert "All sets: 25% of what varies" in texts
    assert {"one by one 70%", "together 25%", "neither 5.0%"} <= set(texts)
    assert ranking(explanation(NAMES)) is None


def test_sets_that_add_next_to_nothing_are_folded_and_counted() -> None:
    sets = [interaction(2 * n, 2 * n + 1, gain=gain) for n, gain in enumerate((0.2, 0.0004, 0.0003, 0.0, 0.0))]
    drawn = str(ranking(explanation(NAMES, sets)))
    seen, folded = drawn.split("<details>")
    assert (seen.count('class="glider-row"'), folded.count('class="glider-row"')) == (1, 4)
    assert "4 more add less than 0.1% together" in folded
    assert Elements(folded).texts.count("<0.1%") == 2
    many = [interaction(n, n + 1, gain=0.01) for n in range(10)]
    assert "2 more add 2.0% together" in str(ranking(explanation(NAMES, many)))
    assert "<details>" not in str(ranking(explanation(NAMES, many[:8])))


def test_both_pictures_have_one_scale_and_say_what_lime_misses() -> None:
    shown = sentence("good bad ugly film", (0, 1))
    both = layered(shown)
    assert both.count("One by one (LIME)") == 1
    assert "What LIME misses" in both
    assert both.count("I1 +0.50") == 3  # the bracket, in each layout of the lower picture only
    assert "What LIME misses" not in layered(shown, layer="lime") + layered(shown, layer="together")
    assert scale_of(shown) >= max(map(abs, shown.main_effects))
    with pytest.raises(gl.InvalidInput, match="no layer 'shap'"):
        layered(shown, layer="shap")


def test_what_could_not_be_read_is_drawn_without_sets_and_a_plain_sum_in_grey() -> None:
    shown = sentence("good bad ugly film", (0, 1))
    unread = replace(shown, scores=(0.2, 0.3))
    assert unread.verdict == "unreadable"
    assert "data-set" not in draw(unread)
    assert "nothing that could be read" in layered(unread)
    plain = replace(shown, scores=(0.99, 0.992))
    assert "glider-grey" in draw(plain)
    assert "glider-grey" not in draw(shown)


def test_a_pair_is_told_by_the_feature_that_it_turns_round() -> None:
    # x1 alone lowers by 2, with x0 it raises by 1; x0 alone raises by 0.5.
    pair = interaction(0, 1, effect=3.0, answers=(0.0, 0.5, -2.0, 1.5))
    told = set_sentence(explanation(NAMES, [replace(pair, names=("never", "fails"))]), 0)
    assert told == "*fails* alone lowers the answer by 2.0; with *never* it raises the answer by 1.0."
    triple = interaction(0, 1, 2, answers=tuple(float(c == 7) for c in range(8)))
    assert "One by one they would change the answer by +0.0" in set_sentence(explanation(NAMES, [triple]), 0)


def test_names_in_bars_stay_text() -> None:
    hostile = ("<script>a</script>", '"><img src=x>', "c", "d")
    shown = explanation(hostile, [interaction(0, 1, names=hostile)])
    for drawn in (ranking(shown), waterfall(shown), layered(shown)):
        elements = Elements(str(drawn))
        assert not elements.tags & {"script", "img"}
        assert any(hostile[0] in text for text in elements.texts)
