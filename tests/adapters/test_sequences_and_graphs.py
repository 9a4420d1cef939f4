from typing import Any

import numpy as np
import pytest
import torch
from torch_geometric.data import Data
from torch_geometric.nn import GATConv, GCNConv, GINConv, global_add_pool

import glider_core as gl


def hairpin(sequences: Any) -> np.ndarray:
    return np.array([2.0 * (s[5] == "U" and s[9] == "C") + 0.5 * (s[0] == "A") for s in sequences])


def test_a_planted_pair_of_letters_is_found() -> None:
    letters = "AAGGUUAAACAAUUUAC"
    explanation = gl.explain(gl.sequence(hairpin, "RNA", off_state="N").instance(f">record\n{letters.lower()}\n"))
    (found,) = explanation.interactions
    assert found.names == ("U6", "C10")
    assert found.effect == pytest.approx(2.0)
    random = gl.explain(gl.sequence(hairpin, "RNA").instance(letters))
    assert random.interactions[0].names == ("U6", "C10")
    assert gl.Explanation.from_json(random.to_json()) == random


def test_random_letters_are_others_and_the_same_for_the_same_mask() -> None:
    instance: Any = gl.sequence(hairpin, "DNA").instance("ACGTACGTACGT")
    masks = np.random.default_rng(0).random((30, 12)) < 0.5
    whole, one = instance.sequences(masks), instance.sequences(masks[7:8])
    assert one == whole[7 * len(one) : 8 * len(one)]
    for mask, start in zip(masks, range(0, len(whole), len(one)), strict=True):
        for made in whole[start : start + len(one)]:
            assert [a == b for a, b in zip(made, "ACGTACGTACGT", strict=True)] == mask.tolist()
    assert instance.redrawn(1).sequences(masks) != whole


def test_long_sequences_fall_into_runs_of_letters() -> None:
    protein = "MKV" * 1000
    instance: Any = gl.sequence(lambda s: [float(len(one)) for one in s], "protein", off_state="A").instance(protein)
    assert len(instance.names) == 200
    assert instance.names[1] == "16–30"
    (made,) = instance.sequences(np.arange(200)[None] != 1)
    assert made == protein[:15] + "A" * 15 + protein[30:]
    both = gl.sequence(lambda s: [2.0 * (one[20] == "V" and one[100] == "K") for one in s], "protein", off_state="A")
    assert [i.names for i in gl.explain(both.instance(protein)).interactions] == [("16–30", "91–105")]
    with pytest.raises(gl.InvalidInput, match="Letter 4 of the sequence is 'B'"):
        gl.sequence(hairpin, "protein").instance("MKVBB")


class Pair(torch.nn.Module):
    """Two layers; class 1 where two neighbours of a node are on together."""

    def __init__(self, kind: Any) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = kind(4, 8), kind(8, 3)

    def forward(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x, edge_index).relu(), edge_index)


def random_graph(nodes: int = 60) -> Data:
    torch.manual_seed(1)
    ends = torch.randint(0, nodes, (2, 150))
    return Data(x=torch.randn(nodes, 4), edge_index=torch.cat([ends, ends.flip(0)], 1), y=torch.arange(nodes) % 3)


@pytest.mark.parametrize("kind", [GCNConv, GATConv])
def test_a_neighbourhood_answers_as_the_whole_graph(kind: Any) -> None:
    data, network = random_graph(), Pair(kind).eval()
    instance: Any = gl.graph(network, data).instance(7, target="1")
    masks = np.random.default_rng(0).random((6, len(instance.names))) < 0.5
    answers = instance.predict(masks)
    for mask, answer in zip(masks, answers, strict=True):
        x = data.x.clone()  # type: ignore[union-attr]
        x[[int(name) for name, kept in zip(instance.names, mask, strict=True) if not kept]] = 0
        with torch.inference_mode():
            z = network(x, data.edge_index)[7]
        assert answer == pytest.approx(float(z[1] - torch.logsumexp(z[[0, 2]], 0)), abs=1e-5)
    assert instance.identity is not None
    assert instance.payload.fits(len(instance.names))


def test_a_planted_pair_of_neighbours_is_found() -> None:
    class Both(torch.nn.Module):
        """Class 1 where a neighbour has the first feature and one the second, by PyTorch Geometric's own layer."""

        def __init__(self) -> None:
            super().__init__()
            inner = torch.nn.Linear(2, 1)
            self.layer = GINConv(torch.nn.Sequential(inner, torch.nn.ReLU()))  # which draws the weights anew
            with torch.no_grad():
                inner.weight.fill_(1.0)
                inner.bias.fill_(-1.0)

        def forward(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
            both = self.layer(x, edge_index)
            return torch.cat([torch.zeros_like(both), 3.0 * both], 1)

    x = torch.zeros(5, 2)
    x[1, 0] = x[3, 1] = 1.0
    data = Data(x=x, edge_index=torch.tensor([[1, 2, 3, 4], [0, 0, 0, 0]]))
    explanation = gl.explain(gl.graph(Both(), data).instance(0, target="1"))
    (found,) = explanation.interactions
    assert found.names == ("1", "3")
    assert found.effect == pytest.approx(3.0)
    assert gl.Explanation.from_json(explanation.to_json()) == explanation


def test_a_network_of_whole_graphs() -> None:
    class Whole(torch.nn.Module):
        def forward(self, x: torch.Tensor, edge_index: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
            return global_add_pool(x, batch)

    data = random_graph(8)
    data.edge_index = torch.tensor([[0, 1], [1, 0]])
    instance = gl.graph(Whole(), data, level="graph").instance()
    assert len(instance.names) == 8
    explanation = gl.explain(instance)
    assert explanation.names == tuple("01234567")
    with pytest.raises(gl.InvalidInput, match="nodes 0 to 7"):
        gl.graph(Whole(), data, level="graph").instance(8)
