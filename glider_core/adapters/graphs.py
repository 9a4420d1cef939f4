"""Networks of PyTorch Geometric as instances: a feature per node around the explained one, or per node of a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.answers import Answer, Outputs, Scale, outputs_of
from glider_core.adapters.identity import model_identity
from glider_core.cases import Case
from glider_core.domains.graph.payload import NeighbourhoodPayload
from glider_core.engine.instance import Instance
from glider_core.errors import InvalidInput, ModelUnavailable
from glider_core.provenance import fingerprint

MAX_NODES = 300  # features of one instance; the nearest nodes of a larger neighbourhood, the others stay on
_NODES_AT_ONCE = 40_000  # in one pass, over all masks in it
_SAME = 1e-4  # logits: an answer of the neighbourhood alone must be this near to that of the whole graph


class GraphModel:
    """A network that rates nodes, or whole graphs, which makes instances; what `gl.graph` returns."""

    def __init__(
        self, network: Any, data: Any, *, hops: int | None, title: str, classes: Any, whole: bool, off_state: str,
        identity: str | None, model_id: str,
    ) -> None:  # fmt: skip
        self.id, self.title = model_id, title
        self._network, self._data, self._classes, self._whole = network.eval(), data, classes, whole
        self._hops, self._off = hops or _depth(network), off_state
        settings = (str(hops), str(classes), str(whole), off_state)
        self.identity = None if identity is None else fingerprint("graph", identity, *settings)

    def instance(
        self, raw: int = 0, /, *, target: Any = None, against: Any = None, scale: Scale | None = None
    ) -> GraphInstance:
        """A node as an instance, or the graph where the network rates graphs.

        Args:
            raw: number of the node; of a graph, 0.
            target: the explained class; by default the predicted one.
            against: the class that it is held against; by default all others.
            scale: "log-odds" or "probability".

        Raises:
            InvalidInput: no such node or class.
        """
        count = int(self._data.num_nodes)
        if isinstance(raw, bool) or not isinstance(raw, int | np.integer) or not 0 <= raw < count:
            raise InvalidInput(f"There is no node {raw!r:.40}; the graph has nodes 0 to {count - 1}.")
        node = 0 if self._whole else int(raw)
        near = _Near(self._network, self._data, node, self._hops, whole=self._whole)
        outputs: Outputs = outputs_of(near.everything_on, self._classes)
        told = {"target": target, "against": against, "scale": scale}
        answer, options = outputs.chosen(near.everything_on, told, {}, second_of_two=False)
        case = Case(domain="graph", model=self.id, raw=node, options=options, identity=self.identity)
        return GraphInstance(near, answer, outputs, self._off, case)


class GraphInstance(Instance):
    """A node's neighbourhood, or a graph, whose nodes' features can be switched off.

    Args:
        near: what the network is asked about.
        answer: which number is explained.
        outputs: what the network's answers are.
        off_state: "zero" or "mean", what the features of a node become.
        case: what was asked.
    """

    def __init__(self, near: _Near, answer: Answer, outputs: Outputs, off_state: str, case: Case) -> None:
        labels, raw = near.labels, np.asarray(near.everything_on, dtype=np.float64)
        classes = outputs.classes or ("answer",)
        probabilities = tuple(
            float(outputs.answer(k, None, "probability")(raw)[0]) if outputs.classes else 1.0
            for k in range(len(classes))
        )  # fmt: skip
        super().__init__(
            [str(number) for number in near.switched],
            explained=answer.name,
            payload=NeighbourhoodPayload(
                node=near.place,
                numbers=tuple(near.switched),
                labels=tuple(label if -1 <= label < len(classes) else -1 for label in labels),
                hops=near.hops,
                edges=near.edges,
                classes=classes,
                target=answer.target or 0,
                probabilities=probabilities,
                reach=near.reach,
            ),
            case=case,
        )
        self._near, self._answer = near, answer
        self._off = near.mean if off_state == "mean" else None
        self.batch = max(1, _NODES_AT_ONCE // near.size)
        self.scale, self.resolution = answer.known_scale, answer.resolution

    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """The explained number (n,) with the features of masked nodes (n, d) off."""
        return self._answer(self._near.ask(masks, self._off))


class _Near:
    """The part of a graph that an answer depends on, asked about as many copies of it side by side."""

    def __init__(self, network: Any, data: Any, node: int, hops: int, *, whole: bool) -> None:
        import torch
        from torch_geometric.utils import k_hop_subgraph

        self._network, self._whole = network, whole
        edge_index, count = data.edge_index, int(data.num_nodes)
        self._extra = next((n for n in ("edge_weight", "edge_attr") if getattr(data, n, None) is not None), None)
        inside, nodes, edges = torch.arange(count), torch.arange(count), edge_index
        kept = torch.ones(edge_index.shape[1], dtype=torch.bool)
        if whole:
            reached = torch.zeros(count, dtype=torch.long)
        else:
            # One hop more than the network sees, so that the outermost nodes it does see have all of their edges.
            nodes, edges, inside, kept = k_hop_subgraph(node, hops + 1, edge_index, relabel_nodes=True, num_nodes=count)
            reached = _distances(edges, int(inside), len(nodes), hops)
        self._take(data, nodes, edges, kept, 0 if whole else int(inside))
        weights = None if self._extra is None else data[self._extra]
        full = self._forward(data.x, edge_index, weights, 0 if whole else node, 1)
        self.everything_on = self.ask(np.ones((1, self.size), dtype=bool), None, all_nodes=True)
        if not whole and not torch.allclose(self.everything_on, full, atol=_SAME):
            # Something in it looks at the graph as a whole, such as a normalisation over all nodes.
            self._take(data, torch.arange(count), edge_index, torch.ones_like(kept), node)
            reached = _distances(edge_index, node, count, hops)
            nodes = torch.arange(count)
            self.everything_on = full
        seen = np.flatnonzero(reached.numpy() >= 0)
        seen = seen[np.lexsort((seen, reached.numpy()[seen]))][:MAX_NODES]
        self._columns = np.sort(seen)
        self.reach = int((reached >= 0).sum())
        self.switched = [int(nodes[column]) for column in self._columns]
        self.hops = tuple(int(reached[column]) for column in self._columns)
        y: Any = getattr(data, "y", None)
        known = y is not None and y.ndim == 1 and len(y) == count and not y.is_floating_point()
        classes = y.tolist() if known and y is not None else [-1] * count
        self.labels = tuple(classes[number] for number in self.switched)
        self.place = int(np.searchsorted(self._columns, self._node)) if not whole else 0
        where = {int(column): place for place, column in enumerate(self._columns)}
        ends = [(where.get(a), where.get(b)) for a, b in self._edges.T.tolist()]
        self.edges = tuple(sorted({(min(a, b), max(a, b)) for a, b in ends if a is not None and b is not None}))
        self.mean = data.x.float().mean(0)

    def _take(self, data: Any, nodes: Any, edges: Any, kept: Any, node: int) -> None:
        self._x, self._edges, self._node = data.x[nodes], edges, node
        self._weights = None if self._extra is None else data[self._extra][kept]
        self.size = len(nodes)

    def ask(self, masks: NDArray[np.bool_], off: Any, *, all_nodes: bool = False) -> Any:
        """Raw answers (n, classes)."""
        import torch

        kept = np.ones((len(masks), self.size), dtype=bool)
        if not all_nodes:
            kept[:, self._columns] = masks
        on = torch.from_numpy(kept.reshape(-1, 1))
        x = self._x.repeat(len(masks), 1)
        x = torch.where(on, x, torch.zeros_like(x) if off is None else off.to(x.dtype).expand_as(x))
        step = torch.arange(len(masks)).repeat_interleave(self._edges.shape[1]) * self.size
        edges = self._edges.repeat(1, len(masks)) + step
        weights = None if self._weights is None else self._weights.repeat(
            len(masks), *([1] * (self._weights.ndim - 1))
        )  # fmt: skip
        return self._forward(x, edges, weights, self._node, len(masks))

    def _forward(self, x: Any, edges: Any, weights: Any, node: int, copies: int) -> Any:
        import torch

        more = [] if weights is None else [weights]
        with torch.inference_mode():
            if self._whole:
                batch = torch.arange(copies).repeat_interleave(len(x) // copies)
                return _tensor(self._network(x, edges, *more, batch=batch)).float().reshape(copies, -1)
            answers = _tensor(self._network(x, edges, *more)).float()
            return answers.reshape(len(x), -1)[torch.arange(copies) * (len(x) // copies) + node]


def graph(
    model: Any,
    data: Any,
    *,
    level: str = "node",
    off_state: str = "zero",
    hops: int | None = None,
    classes: Any = None,
    title: str | None = None,
    identity: str | None = None,
    model_id: str = "function/graph",
) -> GraphModel:
    """A network of PyTorch Geometric, ready to make an instance of any node: `gl.explain(gl.graph(net, data).instance(5))`.

    Args:
        model: a module, called as model(x, edge_index), with `edge_weight` or `edge_attr` behind them where the data
            have one; for whole graphs with batch=... besides.
        data: a `torch_geometric.data.Data` with `x` and `edge_index`.
        level: "node", the network rates each node; "graph", the graph as a whole.
        off_state: what the features of a node become that is off: "zero", or "mean", those of all nodes on average.
        hops: how far the network looks; by default the number of its message passing layers.
        classes: names for the columns of the answer.
        title: for people.
        identity: of model and data, where it cannot be told from parameters; results are kept only with one.
        model_id: what results are said to be of.

    Raises:
        InvalidInput: no graph, or an unknown level or off state.
        ModelUnavailable: PyTorch Geometric is not installed.
    """  # noqa: E501
    try:
        import torch_geometric  # noqa: F401
    except ImportError:
        raise ModelUnavailable('PyTorch Geometric is not installed: `pip install "glider[torch-geometric]"`.') from None
    if getattr(data, "x", None) is None or getattr(data, "edge_index", None) is None:
        raise InvalidInput(f"Got a {type(data).__name__} as data; give a Data with features `x` and `edge_index`.")
    if level not in ("node", "graph") or off_state not in ("zero", "mean"):
        raise InvalidInput(
            f"Got level {level!r:.40} and off state {off_state!r:.40}; choose node or graph, zero or mean."
        )
    contents = [(key, data[key].numpy().tobytes()) for key in sorted(data.keys()) if hasattr(data[key], "numpy")]
    return GraphModel(
        model, data, hops=hops, title=title or type(model).__name__, classes=classes, whole=level == "graph",
        off_state=off_state, identity=identity or model_identity(model, contents), model_id=model_id,
    )  # fmt: skip


def _depth(network: Any) -> int:
    from torch_geometric.nn import MessagePassing

    def steps(module: Any) -> int:
        return max(int(getattr(module, "K", 1) or 1), 1)

    return sum(steps(module) for module in network.modules() if isinstance(module, MessagePassing)) or 1


def _distances(edges: Any, node: int, count: int, most: int) -> Any:
    """(count,) hops of each node to this one along its incoming edges, -1 beyond `most`."""
    import torch

    distance = torch.full((count,), -1, dtype=torch.long)
    distance[node], front = 0, torch.tensor([node])
    for hop in range(1, most + 1):
        front = edges[0][torch.isin(edges[1], front)].unique()
        front = front[distance[front] < 0]
        distance[front] = hop
    return distance


def _tensor(answers: Any) -> Any:
    return answers[0] if isinstance(answers, tuple) else answers
