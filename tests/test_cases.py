"""A case is a value: JSON and address both ways, and one fingerprint of all that changes what is computed or shown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glider_core as gl
from glider_core.cases import Case
from glider_core.domains.graph.model import GraphModel
from glider_core.domains.graph.network import GCN, Graph
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.settings import Settings

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | TEXTS | st.binary(max_size=8)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
SETTINGS = st.builds(
    Settings,
    detector=st.sampled_from(["NID", "GradientNID"]),
    n_train=st.integers(50, 9000),
    n_validation=st.integers(20, 900),
    n_test=st.integers(20, 900),
    kernel_width=st.none() | st.floats(0.01, 900),
    hidden=st.lists(st.integers(1, 300), min_size=1, max_size=4).map(tuple),
    l1=st.floats(0, 1),
    max_order=st.none() | st.integers(2, 9),
    repeats=st.integers(1, 9),
    stop_when_stable=st.none() | st.integers(1, 9),
    seed=st.integers(0, 2**32 - 1),
)
CASES = st.builds(
    Case,
    domain=st.just("sentiment"),
    model=TEXTS.map(lambda name: f"sentiment/{name}"),
    raw=VALUES,
    options=st.dictionaries(TEXTS, VALUES, max_size=3),
    settings=SETTINGS,
    identity=TEXTS,
)
PROBE = "CGTTAATTACTCCTCCACGTGTTGTCCTACACTACC"
USUAL = Case(domain="d", model="d/m", raw="text", options={"off_state": "zero"}, identity="weights")


@given(CASES)
def test_json_goes_both_ways(case: Case) -> None:
    again = Case.from_json(case.to_json())
    assert again == case
    assert again.fingerprint == case.fingerprint is not None


@given(CASES)
def test_an_address_goes_both_ways(case: Case) -> None:
    query = case.to_query()
    if isinstance(case.raw, bytes):
        assert query is None
        return
    assert query is not None
    assert all(isinstance(value, str) for value in query.values())
    again = Case.from_query(query)
    assert replace(again, identity=case.identity) == case
    assert again.fingerprint is None  # an address cannot say which weights stand behind a model's name


def test_a_text_too_long_for_an_address_stands_in_none() -> None:
    fitting = replace(USUAL, raw="a" * 29_000)
    assert fitting.to_query() is not None
    assert replace(USUAL, raw="电" * 4_000).to_query() is None  # nine characters each, as addresses are written
    assert replace(USUAL, raw="a" * 30_000).to_query() is None


@given(VALUES, VALUES)
def test_two_inputs_share_a_fingerprint_only_if_they_are_the_same(first: Any, second: Any) -> None:
    one, other = replace(USUAL, raw=first), replace(USUAL, raw=second)
    assert (one.fingerprint == other.fingerprint) == (one.to_json() == other.to_json())
    one, other = replace(USUAL, options={"x": first}), replace(USUAL, options={"x": second})
    assert (one.fingerprint == other.fingerprint) == (one.to_json() == other.to_json())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, 1.0),
        (1, True),
        (0, None),
        ("1", 1),
        ("", None),
        (b"text", "text"),
        (b"A", {"$base64": "QQ=="}),
        ({"$base64": "QQ=="}, {"$$base64": "QQ=="}),
        ([], {}),
        (["ab", "c"], ["a", "bc"]),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
        ("caf\u00e9", "cafe\u0301"),  # composed and not
        ("a ", "a"),
        (0.1 + 0.2, 0.3),
    ],
)
def test_inputs_that_look_alike_are_told_apart(first: Any, second: Any) -> None:
    assert replace(USUAL, raw=first).fingerprint != replace(USUAL, raw=second).fingerprint
    assert Case.from_json(replace(USUAL, raw=first).to_json()).raw == first


def test_each_part_of_a_case_counts() -> None:
    others = [
        replace(USUAL, domain="e"),
        replace(USUAL, model="d/n"),
        replace(USUAL, raw="texts"),
        replace(USUAL, options={"off_state": "mask"}),
        replace(USUAL, options={}),
        replace(USUAL, identity="other weights"),
    ]
    assert len({case.fingerprint for case in (USUAL, *others)}) == 7


@pytest.mark.parametrize("name", Settings.model_fields)
def test_each_setting_counts(name: str) -> None:
    others = {
        "detector": "GradientNID", "kernel_width": None, "hidden": (8,), "learning_rate": 0.5, "schedule": "plateau",
        "counting": "paper",
        "epochs": 3, "l1": 0.5, "max_order": 2, "grow_questions": True, "min_gain": 0.01,
        "both_off_states": True, "device": "cuda:1",
    }  # fmt: skip
    usual = getattr(USUAL.settings, name)
    other = Settings(**{name: others.get(name, usual + 1 if isinstance(usual, int) else None)})
    assert getattr(other, name) != usual
    assert replace(USUAL, settings=other).fingerprint != USUAL.fingerprint


def test_the_order_of_names_and_the_kind_of_number_do_not_count() -> None:
    one, other = replace(USUAL, options={"a": 1, "b": [2]}), replace(USUAL, options={"b": (2,), "a": np.int64(1)})
    assert one.fingerprint == other.fingerprint


def test_versions_count(monkeypatch: pytest.MonkeyPatch) -> None:
    before = USUAL.fingerprint
    monkeypatch.setattr("glider_core.cases.versions", lambda: {"glider": "9.9.9"})
    assert USUAL.fingerprint != before


def test_without_an_identity_there_is_no_fingerprint() -> None:
    assert replace(USUAL, identity=None).fingerprint is None


@pytest.mark.parametrize("raw", [object(), {1: "a"}, {"a": {2}}, [lambda: 0]])
def test_what_is_no_value_is_refused(raw: Any) -> None:
    with pytest.raises(gl.InvalidInput, match="case"):
        replace(USUAL, raw=raw).to_json()


HOSTILE = [
    "",
    "nonsense",
    "[]",
    "3",
    "null",
    "{}",
    "[" * 100_000,
    '{"domain": 3, "model": "m", "raw": null, "options": {}, "settings": {}, "identity": null}',
    '{"domain": "d", "model": null, "raw": null, "options": {}, "settings": {}, "identity": null}',
    '{"domain": "d", "model": "m", "raw": null, "options": 3, "settings": {}, "identity": null}',
    '{"domain": "d", "model": "m", "raw": null, "options": {}, "settings": null, "identity": null}',
    '{"domain": "d", "model": "m", "raw": null, "options": {}, "settings": {"seed": -1}, "identity": null}',
    '{"domain": "d", "model": "m", "raw": null, "options": {}, "settings": {"magic": 1}, "identity": null}',
    '{"domain": "d", "model": "m", "raw": {"$base64": "@"}, "options": {}, "settings": {}, "identity": null}',
    '{"domain": "d", "model": "m", "raw": {"$base64": 3}, "options": {}, "settings": {}, "identity": null}',
    '{"domain": "d", "model": "m", "raw": null, "options": {}, "settings": {}, "identity": 3}',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(gl.InvalidInput, match="not a saved case"):
        Case.from_json(text)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"model": "lstm"},
        {"model": "a/b", "raw": "{"},
        {"model": "a/b", "raw": "[" * 100_000},
        {"model": "a/b", "option.x": "nonsense"},
        {"model": "a/b", "seed": "many"},
        {"model": "a/b", "masks": "-5"},
    ],
)
def test_an_address_that_makes_no_sense_is_refused(query: dict) -> None:
    with pytest.raises((gl.InvalidInput, gl.InvalidSettings)):
        Case.from_query(query)


# What the models bring in.


def graph(**changes: Any) -> Graph:
    from scipy import sparse

    values = {
        "title": "a graph",
        "nodes": tuple(f"node {number}" for number in range(6)),
        "features": sparse.csr_matrix(np.eye(6, 3, dtype=np.float32)),
        "edges": np.array([[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]),
        "labels": np.array([0, 0, 0, 1, 1, -1]),
        "classes": ("healthy", "ill"),
    }
    return Graph(**(values | changes))


def node_fingerprint(of: Graph, *, node: int = 1) -> str | None:
    import torch

    torch.manual_seed(0)
    model = GraphModel("graph/own", "A graph of a visitor", of, GCN(3, 2).eval(), "the same weights")
    return model.instance(of.nodes[node]).case(Settings()).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"nodes": ("node 0", "bob", *(f"node {number}" for number in range(2, 6)))},
        {"nodes": tuple(f"patient {number}" for number in range(6))},
        {"classes": ("left", "right")},
        {"labels": np.array([1, 0, 0, 1, 1, -1])},
        {"edges": np.array([[0, 1], [1, 2], [2, 3], [3, 4], [3, 5]])},
    ],
)
def test_two_visitors_with_graphs_of_one_shape_never_share_a_result(change: dict) -> None:
    """Even where the model's own identity says nothing of it: what is shown is part of the case's by construction."""
    assert node_fingerprint(graph()) == node_fingerprint(graph())
    assert node_fingerprint(graph(**change)) != node_fingerprint(graph())


def test_two_targets_of_one_table_never_share_a_result() -> None:
    model = gl.load_model("recommender/census")
    assert isinstance(model, RecommenderModel)

    def fingerprint(**changes: Any) -> str | None:
        values = {
            "model_id": "recommender/own",
            "title": "A table",
            "fields": model.fields,
            "network": model._network,
            "target": "bought",
            "rows": model.rows.head(5),
        }
        made = RecommenderModel(**(values | changes))
        return made.instance(2).case(Settings()).fingerprint

    assert fingerprint() == fingerprint()
    others = [
        fingerprint(target="died"),
        fingerprint(rows=model.rows.tail(5)),
        fingerprint(rows=model.rows.head(5).assign(age=99)),
        fingerprint(model_id="recommender/other"),
    ]
    assert len({fingerprint(), *others}) == 5


def test_two_functions_of_one_fingerprint_never_share_a_result() -> None:
    def first(masks):
        return masks[:, 0] * 1.0

    def second(masks):
        return masks[:, 1] * 1.0

    def fingerprint(predict, names: str = "ab", explained: str = "y", identity: str | None = "v1") -> str | None:
        instance = gl.FunctionInstance(list(names), predict, explained=explained, fingerprint=identity)
        return instance.case(Settings()).fingerprint

    assert fingerprint(first) == fingerprint(first)
    others = [
        fingerprint(second),
        fingerprint(first, "xy"),
        fingerprint(first, explained="z"),
        fingerprint(first, identity="v2"),
    ]
    assert len({fingerprint(first), *others}) == 5
    assert fingerprint(first, identity=None) is None


@pytest.mark.parametrize(
    ("model_id", "first", "second"),
    [
        ("sentiment/lstm", ("not bad", {}), ("not bad", {"off_state": "delete"})),
        ("sentiment/lstm", ("not bad", {}), ("not  bad", {})),
        (
            "dna/cnn",
            ("CGTTAATTACTCCTCCACGTGTTGTCCTACACTACC", {}),
            ("CGTTAATTACTCCTCCACGTGTTGTCCTACACTACC", {"seed": 1}),
        ),
        ("image/small50", ("sample:Cat", {}), ("sample:Cat", {"off_state": "blur"})),
        ("image/small50", ("sample:Cat", {}), ("sample:Cat", {"target": 1})),
        ("image/small50", ("sample:Cat", {}), ("sample:Coffee", {})),
        ("image/small50", ("sample:Cat", {}), ("sample:Cat", {"quickshift": {"max_dist": 100.0}})),
        ("graph/karate", ("9", {}), ("27", {})),
        ("graph/karate", ("9", {}), ("9", {"target": "Officer's side"})),
        ("recommender/simulated", (0, {}), (1, {})),
    ],
)
def test_a_case_gives_its_instance_again(model_id: str, first: tuple, second: tuple) -> None:
    """From the case alone, by JSON, comes an instance of the same fingerprint; another question has another one."""
    model, fingerprints = gl.load_model(model_id), []
    for raw, options in (first, second):
        case = model.instance(raw, **options).case(Settings(seed=3))
        again = Case.from_json(case.to_json())
        assert again == case
        rebuilt = model.instance(again.raw, **again.options).case(again.settings)
        assert rebuilt.fingerprint == case.fingerprint
        assert json.loads(case.to_json())["model"] == model_id
        fingerprints.append(case.fingerprint)
    assert None not in fingerprints
    assert fingerprints[0] != fingerprints[1]
