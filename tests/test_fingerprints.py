"""Two inputs that differ in any one thing that is computed from or shown have different fingerprints, in every domain.

Each test draws what a visitor can bring, changes one thing of it, and asks for the fingerprints that results are kept
under. What is left as it was has the fingerprint that it had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse

import glider_core as gl
from glider_core.domains.graph.model import own_model
from glider_core.domains.graph.network import GCN, Graph
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.recommenders.network import AutoInt
from glider_core.rows.run import run_case
from glider_core.settings import Settings
from glider_core.tables.fields import Field

USUAL = Settings()
LOOK = settings(max_examples=25)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
FLOATS = st.floats(-8, 8, width=32)


def of(instance: gl.Instance) -> str:
    fingerprint = instance.case(USUAL).fingerprint
    assert fingerprint is not None
    return fingerprint


# Graphs: what a visitor's file says of nodes, edges and classes.


@st.composite
def graphs(draw: Callable) -> dict[str, Any]:
    names = draw(st.lists(NAMES, min_size=4, max_size=6, unique=True))
    n = len(names)
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda pair: pair[0] < pair[1])
    return {
        "title": draw(NAMES),
        "nodes": names,
        "features": draw(st.lists(st.lists(FLOATS, min_size=2, max_size=2), min_size=n, max_size=n)),
        "edges": sorted(draw(st.sets(pairs, min_size=2))),
        "labels": draw(st.lists(st.integers(-1, 1), min_size=n, max_size=n)),
        "classes": draw(st.lists(NAMES, min_size=2, max_size=2, unique=True)),
    }


def graph_of(values: dict[str, Any]) -> Graph:
    return Graph(
        title=values["title"],
        nodes=tuple(values["nodes"]),
        features=sparse.csr_matrix(np.array(values["features"], dtype=np.float32)),
        edges=np.array(values["edges"], dtype=np.int64),
        labels=np.array(values["labels"], dtype=np.int64),
        classes=tuple(values["classes"]),
    )


def of_node(values: dict[str, Any], *, node: int = 0, target: int | None = None, weight: float = 0.0) -> str:
    torch.manual_seed(0)
    network = GCN(2, 2).eval()
    with torch.no_grad():
        network.linear[0].bias += weight  # type: ignore[operator]
    model = own_model(graph_of(values), network)
    name = None if target is None else values["classes"][target]
    return of(model.instance(values["nodes"][node], target=name))


@LOOK
@given(graphs(), graphs(), st.sampled_from(["title", "nodes", "features", "edges", "labels", "classes"]))
def test_graphs_that_differ_in_one_thing(first: dict, second: dict, part: str) -> None:
    if part in ("nodes", "features", "edges", "labels"):
        assume(len(first["nodes"]) == len(second["nodes"]))
    other = first | {part: second[part]}
    assert of_node(first) == of_node(dict(first))
    if first[part] != other[part]:
        assert of_node(first) != of_node(other)


@LOOK
@given(graphs(), st.data())
def test_one_name_of_one_node(values: dict, data: Any) -> None:
    """Also of a node that is far from the explained one: its name stands in the list that is chosen from."""
    place = data.draw(st.integers(0, len(values["nodes"]) - 1))
    name = data.draw(NAMES.filter(lambda name: name not in values["nodes"]))
    nodes = [name if number == place else former for number, former in enumerate(values["nodes"])]
    assert of_node(values) != of_node(values | {"nodes": nodes})


@LOOK
@given(graphs())
def test_what_is_asked_of_a_graph(values: dict) -> None:
    asked = {of_node(values), of_node(values, node=1), of_node(values, target=0), of_node(values, weight=0.5)}
    assert len(asked | {of_node(values, target=1)}) == 5  # the class that is explained by itself is asked for or not


# Tables: fields, target, the rows to choose from, the row.

FIELDS = (Field("city", "categorical", ("other", "Oslo", "Rome")), Field("age", "dense", mean=40.0, deviation=9.0))
ROWS = pd.DataFrame({"city": ["Oslo", "Rome", "Bonn"], "age": [20.0, 41.5, 60.0]})


def model_of(
    *, fields: tuple[Field, ...] = FIELDS, rows: pd.DataFrame = ROWS, target: str = "bought", seed: int = 0
) -> RecommenderModel:
    torch.manual_seed(seed)
    network = AutoInt(fields)
    return RecommenderModel("recommender/own", "A table", fields, network, target, rows)


@LOOK
@given(NAMES, NAMES)
def test_targets(first: str, second: str) -> None:
    of_first, of_second = (of(model_of(target=target).instance(0)) for target in (first, second))
    assert (of_first == of_second) == (first == second)


@LOOK
@given(
    st.sampled_from(
        [
            (FIELDS[0], {"name": "town"}),
            (FIELDS[0], {"values": ("other", "Rome", "Oslo")}),
            (FIELDS[0], {"values": ("other", "Oslo", "Roma")}),
            (FIELDS[1], {"name": "years"}),
            (FIELDS[1], {"mean": 41.0}),
            (FIELDS[1], {"deviation": 9.5}),
            (FIELDS[1], {"logarithm": True}),
        ]
    ),
    st.integers(0, 2),
)
def test_how_a_field_is_read(change: tuple[Field, dict], row: int) -> None:
    field, values = change
    fields = tuple(replace(other, **values) if other == field else other for other in FIELDS)
    rows = ROWS.rename(columns={field.name: values.get("name", field.name)})
    assert of(model_of(fields=fields, rows=rows).instance(row)) != of(model_of().instance(row))


CELLS = st.sampled_from(["Oslo", "Rome", "oslo", "Oslo ", "", "01", "1"]) | NAMES


@LOOK
@given(st.lists(st.tuples(CELLS, FLOATS), min_size=3, max_size=3), st.integers(0, 2), CELLS)
def test_one_cell_of_the_rows(rows: list, place: int, cell: str) -> None:
    """Also of a row that is not explained: it stands in the list that is chosen from."""
    table = pd.DataFrame(rows, columns=["city", "age"])
    other = table.copy()
    other.loc[place, "city"] = cell
    same = table["city"][place] == cell
    assert (of(model_of(rows=table).instance(0)) == of(model_of(rows=other).instance(0))) == same


@LOOK
@given(st.tuples(CELLS, FLOATS), st.tuples(CELLS, FLOATS))
def test_rows_that_are_typed(first: tuple, second: tuple) -> None:
    model = model_of()
    fingerprints = [of(model.instance(dict(zip(("city", "age"), row, strict=True)))) for row in (first, second)]
    assert (fingerprints[0] == fingerprints[1]) == (first == second and str(first[1]) == str(second[1]))


def test_weights_of_a_recommender_and_runs_over_its_rows() -> None:
    first, second = model_of(), model_of(seed=1)
    assert of(first.instance(0)) != of(second.instance(0))
    cases = [
        run_case(first, USUAL), run_case(second, USUAL), run_case(first, USUAL.model_copy(update={"seed": 1})),
        run_case(model_of(target="died"), USUAL),
    ]  # fmt: skip
    assert len({case.fingerprint for case in cases}) == 4


# Texts, sequences, functions.


@LOOK
@given(st.lists(st.sampled_from(["not", "bad", "at", "all", ",", "never", "!"]), min_size=1, max_size=6), st.data())
def test_texts(lstm: gl.Model, words: list[str], data: Any) -> None:
    text = " ".join(words)
    position = data.draw(st.integers(0, len(text)))
    other = text[:position] + data.draw(st.sampled_from([" ", "x", "!", "Ä", "\u0301"])) + text[position:]
    try:
        fingerprint = of(lstm.instance(other))
    except gl.InvalidInput:  # nothing but marks
        return
    assert fingerprint != of(lstm.instance(text))
    assert of(lstm.instance(text)) != of(lstm.instance(text, off_state="delete"))  # type: ignore[call-arg]


LETTERS = st.text("ACGT", min_size=36, max_size=36)


@LOOK
@given(LETTERS, LETTERS, st.integers(0, 3), st.integers(0, 3))
def test_sequences(cnn: gl.Model, first: str, second: str, seed: int, other_seed: int) -> None:
    fingerprints = [
        of(cnn.instance(first, seed=seed)),  # type: ignore[call-arg]
        of(cnn.instance(second, seed=other_seed)),  # type: ignore[call-arg]
    ]
    assert (fingerprints[0] == fingerprints[1]) == ((first, seed) == (second, other_seed))


def first_function(masks: Any) -> Any:
    return masks.sum(1)


def second_function(masks: Any) -> Any:
    return masks.sum(1) + 1


ASKED = st.fixed_dictionaries(
    {
        "names": st.lists(NAMES, min_size=2, max_size=4).map(tuple),
        "predict": st.sampled_from([first_function, second_function]),
        "explained": NAMES,
        "fingerprint": NAMES,
    }
)


@LOOK
@given(ASKED, ASKED)
def test_functions(first: dict, second: dict) -> None:
    assert (of(gl.FunctionInstance(**first)) == of(gl.FunctionInstance(**second))) == (first == second)
    for part in first:
        other = first | {part: second[part]}
        assert (of(gl.FunctionInstance(**first)) == of(gl.FunctionInstance(**other))) == (first == other)


# Pictures: one pixel, one setting of how they are divided.


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)


def of_photo(photo: np.ndarray, **options: Any) -> str:
    import io

    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(photo).save(content, "PNG")
    return of(gl.load_model("image/small50").instance(content.getvalue(), **options))


@settings(max_examples=6)
@given(st.integers(0, 63), st.integers(0, 63), st.integers(0, 2))
def test_pictures(photo: np.ndarray, row: int, column: int, channel: int) -> None:
    other = photo.copy()
    other[row, column, channel] ^= 128
    assert of_photo(photo) != of_photo(other)


def test_what_is_asked_of_a_picture(photo: np.ndarray) -> None:
    options: list[dict] = [{}, {"target": 3}, {"off_state": "blur"}, {"quickshift": {"max_dist": 50.0}}]
    assert len({of_photo(photo, **chosen) for chosen in options}) == len(options)
