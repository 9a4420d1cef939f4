import copy
import io
import os
import pickle
from dataclasses import replace
from pathlib import Path

import networkx
import numpy as np
import pytest
import torch
from scipy import sparse

import glider_core as gl
from glider_core.domains.graph.data import CORA_FILES, karate, load_cora
from glider_core.domains.graph.instance import neighbourhood
from glider_core.domains.graph.layout import positions
from glider_core.domains.graph.model import GraphModel, train_own
from glider_core.domains.graph.network import GCN, Graph, as_tensor, split_nodes
from glider_core.domains.graph.own import ParsedGraph, read_graphml, read_tables
from glider_core.domains.graph.payload import NeighbourhoodPayload

DATA = os.environ.get("GLIDER_DATA")
FEW = gl.Settings(n_train=400, n_validation=60, n_test=60)


def payload_of(instance: gl.Instance) -> NeighbourhoodPayload:
    assert isinstance(instance.payload, NeighbourhoodPayload)
    return instance.payload


@pytest.fixture(scope="module")
def model() -> GraphModel:
    found = gl.load_model("graph/karate")
    assert isinstance(found, GraphModel)
    return found


def _graphml(graph: networkx.Graph) -> bytes:
    graph.graph.clear()  # what generators note there cannot be written
    file = io.BytesIO()
    networkx.write_graphml(graph, file)
    return file.getvalue()


def test_masked_answers_are_those_of_the_whole_graph(model: GraphModel) -> None:
    rng = np.random.default_rng(0)
    for node in ("Mr. Hi", "27", "12"):
        instance = model.instance(node)
        masks = rng.random((5, len(instance.names))) < 0.6
        answers = instance.predict(masks)
        for mask, answer in zip(masks, answers, strict=True):
            features = model.graph.features.toarray()
            features[np.array(payload_of(instance).numbers)[~mask]] = 0
            with torch.inference_mode():
                full = model._network(as_tensor(model.graph.propagation()), torch.from_numpy(features))
            number = model.graph.nodes.index(node)
            assert answer == pytest.approx(full[number, payload_of(instance).target].item(), abs=1e-4)


def test_features_are_the_nodes_within_three_hops(model: GraphModel) -> None:
    instance = model.instance("27")
    club = networkx.karate_club_graph()
    near = networkx.single_source_shortest_path_length(club, 26, cutoff=3)
    assert sorted(payload_of(instance).numbers) == sorted(near)
    hops = dict(zip(payload_of(instance).numbers, payload_of(instance).hops, strict=True))
    assert hops == near


def test_a_large_neighbourhood_keeps_the_nodes_that_weigh_most(model: GraphModel) -> None:
    whole, part = model.instance("Mr. Hi"), model.instance("Mr. Hi", max_nodes=10)
    assert len(part.names) == 10
    assert payload_of(part).reach == len(whole.names)
    assert "Mr. Hi" in part.names
    full = np.ones((1, len(whole.names)), dtype=bool)
    assert part.predict(full[:, :10]) == pytest.approx(whole.predict(full), abs=1e-5)


def test_the_shipped_network_knows_most_sides(model: GraphModel) -> None:
    right = model.predict_nodes().argmax(axis=1) == model.graph.labels
    assert right.mean() > 0.9


def test_a_node_is_explained(model: GraphModel) -> None:
    explanation = gl.explain(model.instance("27"), FEW)
    assert explanation.model_id == "graph/karate"
    assert explanation.explained == "Officer's side"
    assert explanation.main_effects[explanation.names.index("30")] > 0  # a close friend on that side


@pytest.mark.parametrize(("node", "target"), [("nobody", None), ("27", "No such side"), ("#99", None)])
def test_unknown_nodes_and_classes_are_named(model: GraphModel, node: str, target: str | None) -> None:
    with pytest.raises(gl.InvalidInput, match="There is no"):
        model.instance(node, target=target)


def test_graphml_is_read_and_learned() -> None:
    graph = networkx.planted_partition_graph(2, 20, 0.5, 0.03, seed=1)
    for node in graph:
        graph.nodes[node].clear()
        graph.nodes[node]["group"] = "left" if node < 20 else "right"
        graph.nodes[node]["age"] = 20 + node
    parsed = read_graphml(_graphml(graph))
    assert parsed.labels()[0] == "group"
    trained, fit = train_own(parsed.graph())
    assert fit.accuracy["test"] > 0.8
    assert trained.graph.width == 1  # age; the class is no feature
    assert gl.explain(trained.instance("3"), FEW).explained in ("left", "right")


def test_tables_are_read() -> None:
    table = b"node;kind;size\na;x;1\nb;x;2\nc;y;3\nd;y;\n"
    parsed = read_tables(b"source target\na b\nb c\nc d\na a\n", table)
    graph = parsed.graph("kind")
    assert graph.edges.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert graph.classes == ("x", "y")
    assert graph.features.toarray()[:, 0] == pytest.approx([-1.2247, 0, 1.2247, 0], abs=1e-3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<graphml>", "cannot be read as GraphML"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><graphml/>', "document type or entities"),
        (b"\xff\xfe", "cannot be read as GraphML"),
        (_graphml(networkx.path_graph(3)), "has 3 nodes"),
    ],
)
def test_hostile_graphml_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(gl.InvalidInput, match=message):
        read_graphml(content)


@pytest.mark.parametrize(
    ("edges", "table", "message"),
    [
        (b"a b\n", b"node,kind\n", "needs a header"),
        (b"a b\n", b"node,kind\na,x,3\n", "Line 2"),
        (b"a,z\n", b"node,kind\na,x\nb,y\nc,x\nd,y\n", "names a node"),
        (b"a,c\n", b"node,kind\na,x\na,y\nc,x\nd,y\n", "Two nodes are called 'a'"),
        (b"a\n", b"node,kind\na,x\nb,y\nc,x\nd,y\n", "single value"),
        (b"", b"node,kind\na,x\nb,y\nc,x\nd,y\n", "edge list is empty"),
    ],
)
def test_hostile_tables_are_refused(edges: bytes, table: bytes, message: str) -> None:
    with pytest.raises(gl.InvalidInput, match=message):
        read_tables(edges, table)


def test_a_graph_without_classes_or_edges_is_refused() -> None:
    names = ["a", "b", "c", "d"]
    with pytest.raises(gl.InvalidInput, match="No attribute"):
        ParsedGraph(names, [{"name": n} for n in names], [("a", "b")]).graph()
    with pytest.raises(gl.InvalidInput, match="no edge"):
        ParsedGraph(names, [{"kind": k} for k in "xxyy"], [("a", "a")]).graph()


def test_splits_are_disjoint_and_hold_every_class() -> None:
    graph = karate()
    parts = split_nodes(graph, 0)
    together = np.concatenate(list(parts.values()))
    assert sorted(together.tolist()) == list(range(34))
    assert set(graph.labels[parts["train"]]) == {0, 1}


def test_positions_are_the_same_each_time_and_inside(model: GraphModel) -> None:
    payload = payload_of(model.instance("9"))
    one, two = (positions(len(payload.numbers), payload.edges, payload.node, payload.hops) for _ in range(2))
    assert np.array_equal(one, two)
    assert one.min() >= 0
    assert one.max() <= 1
    assert len(np.unique(one.round(3), axis=0)) == len(one)  # no two on top of each other


@pytest.mark.skipif(not DATA, reason="GLIDER_DATA is not set")
def test_cora_is_read_and_its_network_does_as_its_card_says() -> None:
    folder = Path(DATA or "") / "cora"
    graph, split = load_cora(folder)
    assert (len(graph), graph.width, len(graph.edges)) == (2708, 1433, 5278)
    assert np.bincount(graph.labels).tolist() == [351, 217, 418, 818, 426, 298, 180]
    model = gl.load_model("graph/cora", path=folder)
    assert isinstance(model, GraphModel)
    right = model.predict_nodes().argmax(axis=1) == graph.labels
    assert right[split["test"]].mean() == pytest.approx(0.81, abs=0.005)
    assert len(neighbourhood(graph.propagation(), 8)[-1]) == 100


class _Evil:
    def __reduce__(self):
        return os.system, ("true",)


def test_a_pickle_that_calls_something_is_refused(tmp_path: Path) -> None:
    for name in CORA_FILES:
        (tmp_path / name).write_bytes(pickle.dumps(_Evil()))
    with pytest.raises(gl.ModelUnavailable, match=r"asks for (posix|nt)\.system"):
        load_cora(tmp_path)


def test_missing_and_cut_cora_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(gl.ModelUnavailable, match="cannot be read"):
        load_cora(tmp_path)
    for name in CORA_FILES:
        (tmp_path / name).write_bytes(b"\x80\x02cnumpy")
    with pytest.raises(gl.ModelUnavailable, match="damaged"):
        load_cora(tmp_path)


def features_of(n: int, seed: int) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.random.default_rng(seed).random((n, 5)).round().astype(np.float32))


def hub(n: int) -> Graph:
    """A node whose neighbours all have neighbours of their own, and one that hangs on by a single thread."""
    edges = [(0, i) for i in range(1, n)] + [(i, i + 1) for i in range(1, n - 1)]
    return Graph(
        title="hub",
        nodes=tuple(f"n{i}" for i in range(n)),
        features=features_of(n, seed=0),
        edges=np.array(edges),
        labels=np.arange(n) % 2,
        classes=("a", "b"),
    )


def graph_model(graph: Graph) -> GraphModel:
    torch.manual_seed(0)
    return GraphModel("graph/own", "A graph", graph, GCN(graph.width, len(graph.classes)).eval(), graph.fingerprint)


def test_a_node_is_always_in_its_own_explanation() -> None:
    model = graph_model(hub(320))
    for node in ("n0", "n1", "n160", "n319"):
        instance = model.instance(node)
        assert len(instance.names) == 300
        assert instance.names[payload_of(instance).node] == node
        few = model.instance(node, max_nodes=2)
        assert node in few.names


def test_a_large_neighbourhood_is_held_sparse_and_answers_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    model = graph_model(hub(120))
    dense = model.instance("n7")
    monkeypatch.setattr("glider_core.domains.graph.instance.MAX_DENSE", 0)
    held_sparse = model.instance("n7")
    assert any(mix.layout == torch.sparse_csr for mix in held_sparse._mix)
    masks = np.random.default_rng(0).random((50, len(dense.names))) < 0.6
    assert held_sparse.predict(masks) == pytest.approx(dense.predict(masks), abs=1e-5)


@pytest.mark.parametrize("name", [" n0", "n0 ", "\u00a0n0", "007", "7", " ", "#1", "#²", "a\tb", "é"])
def test_names_are_taken_exactly_as_they_are(name: str) -> None:
    others = tuple(other for other in ("n0", "07", "70", "other") if other != name)
    graph = replace(hub(5), nodes=(name, *others[:4]))
    assert payload_of(graph_model(graph).instance(name)).node == graph_model(graph).instance(name).names.index(name)
    assert graph_model(graph).instance(name).case(gl.Settings()).raw == name


@pytest.mark.parametrize("name", ["#²", "#99", "#-1", "#", "nobody", "", "#1e3"])
def test_a_node_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(gl.InvalidInput, match="There is no node"):
        graph_model(hub(5)).instance(name)
    with pytest.raises(gl.InvalidInput, match="by its name"):
        graph_model(hub(5)).instance(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"nodes": ("x", "n1", "n2", "n3", "n4")},
        {"classes": ("left", "right")},
        {"labels": np.array([1, 1, 0, 1, 0])},
        {"edges": np.array([[0, 1], [0, 2], [0, 3], [0, 4], [1, 2], [2, 3]])},
        {"features": features_of(5, seed=1)},
        {"title": "other"},
    ],
)
def test_a_graph_is_told_apart_by_everything_in_it(change: dict) -> None:
    assert hub(5).fingerprint == hub(5).fingerprint
    assert replace(hub(5), **change).fingerprint != hub(5).fingerprint


def test_a_case_is_the_same_where_arithmetic_differs_by_little() -> None:
    model = gl.load_model("graph/karate")
    assert isinstance(model, GraphModel)
    other = copy.deepcopy(model)
    with torch.no_grad():
        for weight in other._network.parameters():  # as on another processor, where sums are rounded otherwise
            weight *= 1 + 1e-7
    assert not np.array_equal(model.predict_nodes(), other.predict_nodes())
    for node in ("4", "9", "Officer"):
        mine, theirs = model.instance(node), other.instance(node)
        assert mine.payload == theirs.payload
        assert mine.identity == theirs.identity
