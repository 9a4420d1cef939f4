"""Trains the shipped networks on graphs: the karate club and Cora."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import save_file

from glider_core.domains.graph.data import karate, load_cora
from glider_core.domains.graph.network import Fit, Graph, fit, split_nodes


def train(data: Path, out: Path, *, seed: int = 0) -> None:
    """Train from scratch and write weights and model card; seconds. Which graph is told by the folder's name.

    Raises:
        ModelUnavailable: the data folder lacks Cora.
    """
    if out.name == "karate":
        graph = karate()
        parts = split_nodes(graph, seed, train=0.4, validation=0.2)
        source = "Zachary's karate club (1977), 34 members, 78 ties, as it comes with networkx; who a member is, is its only feature"
        terms, split = "public data", "members dealt at random within each side"
        limits = "34 nodes: one more right or wrong is 7 points of test accuracy."
    else:
        graph, parts = load_cora(data / "cora")
        source = "Cora in the Planetoid format: 2708 papers, 1433 words, 7 fields, 5278 distinct citations"
        terms, split = (
            "public research data; only what the weights learned is here",
            "the standard one (Yang et al. 2016)",
        )
        limits = "one split and one seed; the literature's scatter over seeds is a point or two."
    result = fit(graph, parts, seed=seed)
    print(result.accuracy, flush=True)
    out.mkdir(parents=True, exist_ok=True)
    save_file(dict(result.network.state_dict()), out / "weights.safetensors")
    (out / "README.md").write_text(_card(graph, result, source, terms, split, limits, seed, out), encoding="utf-8")


def _card(graph: Graph, result: Fit, source: str, terms: str, split: str, limits: str, seed: int, out: Path) -> str:
    sizes = " / ".join(str(size) for size in result.sizes.values())
    scores = ", ".join(f"{part} {score:.1%}" for part, score in result.accuracy.items())
    return f"""# GCN on {graph.title}

Three graph convolutions (16 hidden units, ReLU, dropout 0.5): a node's class from the nodes within three hops.

| | |
| --- | --- |
| data | {source} |
| terms | {terms} |
| split | {split}: {sizes} train / validation / test |
| accuracy | {scores} (validation chose the epoch) |
| seed | {seed} |
| size | {(out / "weights.safetensors").stat().st_size / 1e6:.3f} MB, float32 safetensors |
| recipe | `python -m glider_core train graph/{out.name} --data $GLIDER_DATA --seed {seed}` |

Limits: {limits}
"""
