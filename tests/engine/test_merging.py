"""Merging: terms that stand for one set become it; sets that are there in their own right stay."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import glider_core as gl
from glider_core.engine.design import Design
from glider_core.engine.grow import Limits, grow
from glider_core.engine.interaction_sets import Features
from glider_core.engine.masks import lime_weights, sample_masks
from glider_core.engine.merging import Groups, merge
from glider_core.engine.planted import planted_family, r_precision
from glider_core.engine.term_model import TermModel
from glider_core.engine.terms import KINDS, Term, parts_of

Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@pytest.fixture(scope="module")
def design() -> Design:
    masks = sample_masks(20, 2000, np.random.default_rng(0))
    return Design(masks, lime_weights(masks, 0.25))


def grown(design: Design, function: Function, max_order: int = 10) -> TermModel:
    model = TermModel(design, function(design.on) + 0.3 * design.on.sum(1))
    grow(model, Limits(max_order=max_order))
    return model


def sets(model: TermModel) -> list[Features]:
    return [features for features, _ in model.forward()]


def test_a_sum_that_saturates_is_one_set_with_all_that_its_terms_explain(design: Design) -> None:
    model = grown(design, lambda on: 3.0 * np.tanh(on[:, [2, 5, 7, 11]] @ [1.2, -0.9, 1.5, 1.0]))
    assert len({term.features for term in model.terms}) > 3
    assert sets(model) == [(2, 5, 7, 11)]
    assert model.unseen_r2(sets(model))[-1] > 0.999


def test_no_set_grows_beyond_the_largest_order_asked_for(design: Design) -> None:
    model = grown(design, lambda on: 3.0 * np.tanh(on[:, [2, 5, 7, 11]] @ [1.2, -0.9, 1.5, 1.0]), max_order=3)
    assert max(map(len, sets(model))) == 3


def test_a_change_of_terms_takes_the_merged_set_apart(design: Design) -> None:
    model = grown(design, lambda on: 3.0 * np.tanh(on[:, [2, 5, 7, 11]] @ [1.2, -0.9, 1.5, 1.0]))
    model.remove(0)
    assert len(sets(model)) > 1


@pytest.mark.parametrize(
    "planted",
    [
        [(0, 1), (1, 2)],  # two that share a feature
        [(0, 1), (1, 2), (0, 1, 2, 3)],
        [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)],  # a chain of pairs over many
    ],
)
def test_overlapping_products_stay_apart(design: Design, planted: list[Features]) -> None:
    model = grown(design, lambda on: np.sum([2.0 * on[:, list(part)].prod(1) for part in planted], axis=0))
    assert sorted(sets(model)) == sorted(planted)


def test_three_pairs_are_no_triple(design: Design) -> None:
    model = grown(design, lambda on: 2.0 * on[:, 0] * on[:, 1] + on[:, 0] * on[:, 2] - 1.5 * on[:, 1] * on[:, 2])
    assert sorted(sets(model)) == [(0, 1), (0, 2), (1, 2)]


def test_the_largest_of_four_values_is_one_set_and_that_of_three_a_pair_and_more(design: Design) -> None:
    def largest(on: NDArray[np.float64]) -> NDArray[np.float64]:
        return (on[:, [3, 6, 9, 12]] * [4.0, 3.0, 2.0, 1.0]).max(1)

    def largest_of_three(on: NDArray[np.float64]) -> NDArray[np.float64]:
        return (on[:, [3, 6, 9]] * [3.0, 2.0, 1.0]).max(1)

    model = grown(design, lambda on: largest(on) + 2.0 * on[:, 0] * on[:, 1])
    assert {term.features for term in model.terms} == {(0, 1), (3, 6), (3, 6, 9), (3, 6, 9, 12)}
    assert sorted(sets(model)) == [(0, 1), (3, 6, 9, 12)]
    assert sorted(sets(grown(design, largest_of_three))) == [(3, 6), (3, 6, 9)]


def test_a_pair_that_says_nearly_all_is_not_lost_in_a_larger_set() -> None:
    terms = [Term(part, "odd") for part in parts_of((0, 1, 2))]

    def told(pair: float) -> Groups:
        return merge(terms, 20, 2000, lambda places: pair * (0 in places) + (1 - pair) * len(places) / 4)

    assert list(told(0.8)) == [(0, 1, 2)]
    assert list(told(0.95)) == [(0, 1), (0, 2), (1, 2), (0, 1, 2)]


def test_planted_networks_are_found_as_they_were_planted() -> None:
    cases = [planted_family(name, 20, 2, noise=noise) for name in ("tanh", "relu") for noise in (0.0, 0.1)]
    settings = gl.Settings.with_masks(4000, grow_questions=False)
    for instance, planted in cases:
        explanation = gl.explain(instance, settings)
        assert r_precision(explanation.interactions, planted) == 1.0, instance.explained
        assert len(explanation.interactions) == len(planted)


def test_a_set_that_says_how_two_others_act_on_each_other_links_nothing() -> None:
    join = (0, 1, 2, 3)
    terms = [Term((0, 1), "all"), Term((2, 3), "all"), *(Term(join, kind) for kind in KINDS)]
    apart = {(0, 1): [0], (2, 3): [1], join: [2, 3, 4]}
    assert merge(terms, 20, 2000, lambda places: float(len(places))) == apart
    linked = [*terms, Term((1, 2), "all")]  # two of these overlap, and so it is one set
    assert merge(linked, 20, 2000, lambda places: float(len(places))) == {join: [0, 1, 2, 3, 4, 5]}


def test_a_triple_beside_two_of_its_pairs_is_told_as_these() -> None:
    terms = [Term((0, 1), "all"), Term((1, 2), "all"), Term((0, 1, 2), "all")]
    assert len(merge(terms, 15, 500, lambda places: float(len(places)))) == 3
