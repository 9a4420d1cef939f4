"""Grow and Exact against planted truth, and their parts against the slow way."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.stats

import glider_core as gl
from glider_core.engine.climbing import Climber
from glider_core.engine.design import Design
from glider_core.engine.exhaustive import all_masks, best_terms
from glider_core.engine.grow import Limits, grow
from glider_core.engine.masks import chances, lime_weights, sample_masks
from glider_core.engine.planted import FAMILIES, planted_family, planted_instance, r_precision
from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import Term, t_threshold


def sampled(d: int, n: int, seed: int = 0) -> Design:
    masks = sample_masks(d, n, np.random.default_rng(seed))
    return Design(masks, lime_weights(masks, 0.25))


def least_squares(design: Design, terms: list[Term], answers: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Coefficients fitted to the kept rows, the slow way."""
    inputs = np.column_stack([np.ones(design.n), design.on, *(term.column(design.masks.T) for term in terms)])
    root = design.root[keep]
    return np.linalg.lstsq(root[:, None] * inputs[keep], root * answers[keep], rcond=None)[0]


@pytest.mark.parametrize(("masks", "precision"), [(300, 0.9), (1000, 0.98)])
def test_planted_sets_are_found_with_few_questions_and_nothing_else(masks: int, precision: float) -> None:
    cases = [planted_family(name, 40, seed) for name in FAMILIES for seed in (20, 21)]
    settings = gl.Settings.with_masks(masks, grow_questions=False)
    explanations = gl.explain_many([instance for instance, _ in cases], settings)
    scores = [r_precision(e.interactions, planted) for e, (_, planted) in zip(explanations, cases, strict=True)]
    assert np.mean(scores) >= precision
    for explanation, (instance, planted) in zip(explanations, cases, strict=True):
        if instance.explained != "noisy or":  # in which unions of the planted sets act together too
            for interaction in explanation.interactions:
                assert any(set(interaction.features) <= set(features) for features in planted)


def test_a_majority_is_one_finding_with_its_parts_below() -> None:
    explanation = gl.explain(
        gl.FunctionInstance(list("abcdefghijkl"), lambda m: 2.0 * (m[:, :3].sum(1) >= 2) + m[:, 5])
    )
    assert explanation.shares.rest < 0.01
    assert all(set(i.features) <= {0, 1, 2} for i in explanation.interactions)


@pytest.mark.parametrize("level", [0.05, 0.2])
@pytest.mark.parametrize("d", [10, 20, 40])
def test_noise_on_an_additive_black_box_is_no_finding(d: int, level: float) -> None:
    found = 0
    for seed in range(10):
        rng = np.random.default_rng([seed, d])
        design, main = sampled(d, 1000, seed), rng.normal(size=d)
        answers = design.on @ main
        model = TermModel(design, answers + level * answers.std() * rng.normal(size=design.n))
        grow(model, Limits())
        found += len(model.terms)
    assert found == 0


@pytest.mark.parametrize("d", [2, 3, 6])
def test_exact_finds_every_product_of_a_small_function(d: int) -> None:
    rng = np.random.default_rng(d)
    sets = [part for size in range(2, d + 1) for part in itertools.combinations(range(d), size)][:3]
    sizes = rng.uniform(1, 2, len(sets))
    main = rng.normal(size=d)

    def predict(masks):
        return masks @ main + sum(size * masks[:, part].all(1) for size, part in zip(sizes, sets, strict=True))

    explanation = gl.explain(gl.FunctionInstance([f"x{i}" for i in range(d)], predict), gl.Settings(detector="Exact"))
    assert {i.features for i in explanation.interactions} == set(sets)
    assert explanation.shares.rest == pytest.approx(0.0, abs=1e-9)
    assert explanation.n_evaluations == 2**d + min(20, 2**d)  # all masks, and some again
    assert all(i.t is None and i.interval == pytest.approx((i.effect, i.effect)) for i in explanation.interactions)


def test_exact_says_how_many_masks_it_would_need() -> None:
    instance = gl.FunctionInstance([f"x{i}" for i in range(13)], lambda m: 1.0 * m[:, 0])
    with pytest.raises(gl.InvalidInput, match="8192 masks"):
        gl.explain(instance, gl.Settings(detector="Exact"))


@pytest.mark.parametrize("seed", range(3))
def test_the_best_of_all_terms_is_the_best_of_them_one_by_one(seed: int) -> None:
    masks = all_masks(5)
    design = Design(masks, chances(masks), exhaustive=True)
    model = TermModel(design, np.random.default_rng(seed).normal(size=32))
    model.add(Term((0, 1), "all"))
    every = [
        Term(part, kind)
        for size in range(2, 6)
        for part in itertools.combinations(range(5), size)
        for kind in ("all", "any", "odd")
    ]
    drops = model.drops(every)
    best = best_terms(model, 5)[0]
    assert model.drops([best])[0] == pytest.approx(drops.max())
    # The first is the one that another least squares makes the smallest residual with.
    keep = np.ones(32, dtype=bool)
    slow = []
    for term in every:
        terms = [Term((0, 1), "all"), term]
        fitted = least_squares(design, terms, model_answers := np.random.default_rng(seed).normal(size=32), keep)
        inputs = np.column_stack([np.ones(32), design.on, *(t.column(masks.T) for t in terms)])
        slow.append(design.weights @ (model_answers - inputs @ fitted) ** 2)
    assert model.rss - drops == pytest.approx(np.array(slow), abs=1e-8)


def test_tests_are_hc3() -> None:
    design = sampled(6, 60)
    answers = np.random.default_rng(1).normal(size=design.n)
    terms = [Term((0, 1), "all"), Term((2, 3, 4), "any")]
    model = TermModel(design, answers)
    for term in terms:
        model.add(term)
    inputs = design.root[:, None] * np.column_stack(
        [np.ones(design.n), design.on, *(term.column(design.masks.T) for term in terms)]
    )
    inverse = np.linalg.inv(inputs.T @ inputs)
    fitted = inverse @ inputs.T @ (design.root * answers)
    leverage = np.einsum("ij,jk,ik->i", inputs, inverse, inputs)
    error = (design.root * answers - inputs @ fitted) / (1 - leverage)
    covariance = inverse @ (inputs.T * error**2) @ inputs @ inverse
    expected = np.abs(fitted[-2:]) / np.sqrt(np.diag(covariance)[-2:])
    assert model.tested().ratio == pytest.approx(expected)


def test_unseen_r2_predicts_every_mask_by_a_model_fitted_without_it() -> None:
    design = sampled(6, 60)
    answers = np.random.default_rng(1).normal(size=design.n) + 2.0 * design.on[:, 0] * design.on[:, 1]
    terms = [Term((0, 1), "all"), Term((2, 3, 4), "any")]
    model = TermModel(design, answers)
    for term in terms:
        model.add(term)
    inputs = np.column_stack([np.ones(design.n), design.on, *(term.column(design.masks.T) for term in terms)])
    squares = 0.0
    for row in range(design.n):
        keep = np.arange(design.n) != row
        squares += design.weights[row] * (answers[row] - inputs[row] @ least_squares(design, terms, answers, keep)) ** 2
    total = design.weights @ (answers - np.average(answers, weights=design.weights)) ** 2
    assert model.unseen_r2([(0, 1), (2, 3, 4)])[-1] == pytest.approx(1 - squares / total)


def test_a_set_that_joins_two_others_comes_after_all_new_ones() -> None:
    design = sampled(12, 2000)
    on = design.on
    answers = 3 * on[:, 0] * on[:, 1] + 3 * on[:, 2] * on[:, 3] - on[:, :4].prod(1) + 0.5 * on[:, 4] * on[:, 5]
    model = TermModel(design, answers)
    grow(model, Limits())
    order = [features for features, _ in model.forward()]
    assert order == [*order[:2], (4, 5), (0, 1, 2, 3)]
    assert set(order[:2]) == {(0, 1), (2, 3)}


def test_the_threshold_is_what_noise_reaches_in_one_set_of_many() -> None:
    # Against the exact tail of a normal: all pairs of 40 features together give a false alarm in 1 of 100 or less.
    chance = 2 * scipy.stats.norm.sf(t_threshold(40, 2)) * 780
    assert 0.0001 < chance <= 0.01


def test_many_features_are_no_obstacle() -> None:
    instance, planted = planted_family("products", 300, 1)
    explanation = gl.explain(instance, gl.Settings.with_masks(3000))
    assert r_precision(explanation.interactions, planted) == 1.0


def test_a_part_that_explains_about_as_much_comes_before_its_whole() -> None:
    design = sampled(12, 2000)
    pair, triple = Term((0, 1), "all"), Term((0, 1, 2), "all")
    for size in np.arange(0.0, 3.0, 0.02):
        model = TermModel(design, 2.0 * pair.column(design.masks.T) + size * triple.column(design.masks.T))
        worth = model.drops([pair, triple])
        if 0.92 < worth[0] / worth[1] < 0.98:
            break
    else:
        pytest.fail("no size makes the whole a little better than its part")
    for term in (triple, pair):
        model.add(term)
    assert [features for features, _ in model.forward()] == [(0, 1), (0, 1, 2)]


def test_what_adds_next_to_nothing_is_no_finding_though_it_stands_above_one() -> None:
    # The set of four joins the two pairs, so it comes after what is said of new features, however little that is.
    def predict(masks):
        product = [masks[:, part].all(1) for part in ([0, 1], [2, 3], [0, 1, 2, 3], [4, 5])]
        return 3.0 * product[0] + 2.5 * product[1] + 0.5 * product[2] + 0.15 * product[3]

    settings = gl.Settings.with_masks(1000, grow_questions=False)
    explanation = gl.explain(gl.FunctionInstance(list("abcdefghijkl"), predict), settings)
    ranking = [candidate.features for candidate in explanation.ranking]
    assert ranking.index((4, 5)) < ranking.index((0, 1, 2, 3))
    assert [i.features for i in explanation.interactions] == [(0, 1), (2, 3), (0, 1, 2, 3)]
    assert all(i.gain >= settings.min_gain for i in explanation.interactions)
    assert explanation.shares.together == pytest.approx(sum(i.gain for i in explanation.interactions))


def test_a_search_whose_terms_push_each_other_out_ends(monkeypatch) -> None:
    design, terms = sampled(10, 400), [Term((0, 1), "all"), Term((2, 3), "all")]
    model = TermModel(design, 5.0 * np.sum([term.column(design.masks.T) for term in terms], axis=0))
    monkeypatch.setattr("glider_core.engine.grow.weed", lambda model: [model.remove(0) for _ in model.terms[1:]])
    monkeypatch.setattr(Climber, "candidate", lambda self, tried: next(t for t in terms if t not in self.model.terms))
    monkeypatch.setattr(Climber, "climb", lambda self, term: (term, 0.0))
    steps = []

    def step(share: float) -> None:
        steps.append(share)
        assert len(steps) < 20

    grow(model, Limits(), step=step)
    assert len(steps) == 3  # one, the other, the one again
    assert len(model.terms) == 1


def test_masks_that_all_weigh_alike_are_enough() -> None:
    # The mask with nothing on is then drawn as often as all masks of one size together: its misfit drowned every test.
    instance, planted = planted_instance(20, 1)
    settings = gl.Settings.with_masks(2000, kernel_width=None, grow_questions=False)
    assert {found.features for found in gl.explain(instance, settings).interactions} == set(planted)
