"""What becomes of a graph that was read: attributes, nodes, memory, and the files of the shelf."""

import json
import os
import pickle
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import glider_core as gl
from glider_core.domains.graph.model import GraphModel, train_own
from glider_core.domains.graph.network import GCN
from glider_core.domains.graph.own import ParsedGraph, read_graphml
from glider_core.domains.graph.payload import NeighbourhoodPayload
from glider_core.payload import read_payload
from tests.inputs.graph_files import CASES, PLAIN, edges, graphml, nodes


@pytest.mark.parametrize(
    ("values", "european", "numbers", "remark"),
    [
        pytest.param(["1", "2.5", "-3e2"], False, [1, 2.5, -300], "", id="plain"),
        pytest.param(["1,5", "2,25", "3"], False, [1.5, 2.25, 3], "decimal mark", id="decimal-comma"),
        pytest.param(["1,500", "2,250", "3"], False, [1500, 2250, 3], "thousands", id="thousands"),
        pytest.param(["1,500", "2,250", "3"], True, [1.5, 2.25, 3], "decimal mark", id="european"),
        pytest.param(["1.234,50", "2,5"], False, [1234.5, 2.5], "decimal mark", id="points-and-comma"),
        pytest.param(["1", "NA", "nan", "", "3"], False, [1, None, None, None, 3], "NA is read", id="missing"),
        pytest.param(["007", "7", "70"], False, None, "", id="codes"),
        pytest.param(["1_000", "2"], False, None, "", id="underscore"),
        pytest.param(["inf", "1"], False, None, "", id="infinite"),
        pytest.param(["1e999", "1"], False, None, "", id="too-large"),
        pytest.param(["١", "٢"], False, None, "", id="other-digits"),
        pytest.param(["x", "1"], False, None, "", id="texts"),
        pytest.param(["NA", "x"], False, None, "", id="namibia"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_written(
    values: list[str], european: bool, numbers: list | None, remark: str
) -> None:
    from glider_core.domains.graph.numbers import column_of

    column = column_of(values, european=european)
    if numbers is None:
        assert column.numbers is None
    else:
        assert column.numbers is not None
        assert column.numbers == pytest.approx([np.nan if n is None else n for n in numbers], nan_ok=True)
        assert remark in column.remark


def test_what_becomes_of_attributes_is_said() -> None:
    names = [f"n{n}" for n in range(60)]
    rows = [
        {"kind": "xy"[n % 2], "size": f"{n},5", "note": f"text {n}", "same": "1", "town": "PQ"[n % 2]}
        for n in range(60)
    ]
    parsed = ParsedGraph(names, rows, [("n0", "n1")])
    graph, sentences = parsed.build("kind")
    assert graph.width == 3
    assert sentences == (
        "Features: size (number), town (2 texts).",
        "Left out: note (60 different texts, more than 50), same (one value).",
        "size: the comma is read as the decimal mark.",
    )
    assert parsed.build("town")[1][0] == "Features: kind (2 texts), size (number)."


_PROGRAM = """
import pickle, sys
from glider_core.domains.graph.own import read_graphml, read_tables
from glider_core.errors import InvalidInput
for name, contents in pickle.load(sys.stdin.buffer).items():
    try:
        parsed = read_graphml(*contents) if len(contents) == 1 else read_tables(*contents)
        print(name, "| read", len(parsed.names))
    except InvalidInput as error:
        print(name, "|", error)
# Of this program alone, where `ru_maxrss` would begin with that of the process that started it.
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def _hostile() -> dict[str, tuple[bytes, ...]]:
    laughs = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    head = b"n," + b",".join(b"c%d" % n for n in range(300)) + b"\n"
    rows = b"".join(b"n%d" % n + b",0.123" * 300 + b"\n" for n in range(10_000))
    defaults = "".join(f"<key id='d{n}' for='node' attr.name='d{n}'><default>1</default></key>" for n in range(2000))
    return {
        "laughs": (f'<!DOCTYPE x [<!ENTITY e0 "ha">{laughs}]><graphml><graph id="&e12;"/></graphml>'.encode(),),
        "deep": (b"<graphml>" + b"<graph>" * 2_000_000,),
        "keys": (graphml("".join(f"<node id='{n}'/>" for n in range(20_000)), defaults),),
        "attributes": (graphml("".join(f"<node id='{n}'><data key='{n}'>1</data></node>" for n in range(20_000)), ""),),
        "wide": (b"a,b\n", head + rows),
        "cells": (b"a,b\n", b"a,b\n" + b"1," * 9_000_000),
        "nothing but quotes": (b"a,b\n", b'"' * 5_000_000),
    }


def test_hostile_graphs_stay_within_their_memory() -> None:
    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))

    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], input=pickle.dumps(_hostile()), capture_output=True, preexec_fn=bounded,
        cwd=Path(__file__).parents[2], env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    *sentences, peak = done.stdout.decode().splitlines()
    assert len(sentences) == len(_hostile())
    assert not any("| read" in sentence for sentence in sentences if not sentence.startswith("wide")), sentences
    assert int(peak) < 1500  # MB, with all libraries


# --- Nodes


def untrained(parsed: ParsedGraph) -> GraphModel:
    torch.manual_seed(0)
    graph = parsed.graph()
    return GraphModel("graph/own", "A graph", graph, GCN(graph.width, len(graph.classes)).eval(), graph.fingerprint)


def payload_of(instance: gl.Instance) -> NeighbourhoodPayload:
    assert isinstance(instance.payload, NeighbourhoodPayload)
    return instance.payload


FEW = gl.Settings(n_train=400, n_validation=60, n_test=60)


@pytest.mark.parametrize(
    ("pairs", "node", "around"),
    [
        ([("a", "b")], "c", {"c"}),
        ([("a", "b")], "a", {"a", "b"}),
        ([("a", "b"), ("a", "b"), ("a", "a"), ("c", "c")], "a", {"a", "b"}),
        ([("b", "a"), ("c", "a"), ("d", "a")], "a", {"a", "b", "c", "d"}),
    ],
    ids=["alone", "one-edge", "parallel-and-loop", "only-inwards"],
)  # fmt: skip
def test_nodes_with_few_neighbours_are_explained(pairs: list[tuple[str, str]], node: str, around: set[str]) -> None:
    model = untrained(read_graphml(graphml(nodes() + edges(pairs), attributes='edgedefault="directed"')))
    instance = model.instance(node)
    assert set(instance.names) == around
    assert payload_of(instance).node == instance.names.index(node)
    explanation = gl.explain(instance, FEW)
    assert set(explanation.names) == around
    from glider_core.drawings import draw

    assert node in draw(explanation)


@pytest.mark.parametrize("name", ["nobody", "#²", "#4", "#-1", "#", "", "  ", "A", "a b", "#1e3", "#٣"])
def test_a_node_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(gl.InvalidInput, match="There is no node"):
        untrained(read_graphml(PLAIN)).find(name)


@pytest.mark.parametrize(("name", "number"), [("a", 0), (" b ", 1), ("#2", 2), ("#3 ", 3)])
def test_a_node_is_found_by_its_name_or_number(name: str, number: int) -> None:
    assert untrained(read_graphml(PLAIN)).find(name) == number


@pytest.mark.parametrize("options", [{"max_nodes": 0}, {"max_nodes": "x"}, {"max_nodes": True}, {"target": 3}])
def test_options_that_make_no_sense_are_refused(options: dict) -> None:
    with pytest.raises(gl.InvalidInput):
        untrained(read_graphml(PLAIN)).instance("a", **options)


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b"{}", b'{"node": 1e999}'])
def test_a_payload_that_is_nested_or_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read_payload("graph", content)
    with pytest.raises(gl.InvalidInput):
        gl.Explanation.from_json(content.decode())


# --- The shelf of cases


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("leak_graph_A.graphml", ("patient-00", "patient-29")),
        ("leak_graph_B.graphml", ("bob-00", "bob-29")),
        ("node_names_with_spaces.graphml", (" n0 ", " n29 ")),
    ],
)
def test_the_files_of_the_shelf_are_learned_and_their_nodes_explained(file: str, names: tuple[str, str]) -> None:
    if not CASES.is_dir():
        pytest.skip("the shelf of cases is not here")
    graph = read_graphml((CASES / file).read_bytes()).graph()
    assert (graph.nodes[0], graph.nodes[-1]) == names
    model, _ = train_own(graph)
    for name in names:
        instance = model.instance(name)
        assert instance.names[payload_of(instance).node] == name
        assert json.loads(instance.case(FEW).to_json())["raw"] == name


def test_graphs_that_differ_in_names_or_classes_have_different_results() -> None:
    if not CASES.is_dir():
        pytest.skip("the shelf of cases is not here")
    models = [untrained(read_graphml((CASES / f"leak_graph_{x}.graphml").read_bytes())) for x in "AB"]
    first, second = (model.instance(model.graph.nodes[0]).case(FEW) for model in models)
    assert first.fingerprint != second.fingerprint
