"""The networks, each against its formula."""

from typing import Any, cast

import numpy as np
import pytest
import torch

from glider_core.recommenders.network import (
    CROSS_LAYERS,
    RECOMMENDERS,
    DeepCross,
    DeepFM,
    Dropout,
    Recommender,
    WideDeep,
    XDeepFM,
)
from glider_core.tables.fields import Field

FIELDS = (
    Field("a", "categorical", ("(other)", "x", "y")),
    Field("price", "dense"),
    Field("b", "categorical", ("(other)", "u", "v", "w")),
)


def inputs(n: int = 7, crosses: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(0)
    ids = np.stack([rng.integers(0, 3, n), rng.integers(0, 4, n), *[rng.integers(0, 5, n)] * crosses], axis=1)
    return torch.from_numpy(ids), torch.from_numpy(rng.normal(size=(n, 1)).astype(np.float32))


def built(kind: type[Recommender], *, crosses: tuple[int, ...] = (5,)) -> Recommender:
    torch.manual_seed(0)
    network = kind(FIELDS, crosses).eval()
    for parameter in network.parameters():  # zeros and small numbers would hide mistakes
        torch.nn.init.normal_(parameter, std=0.3)
    return network


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_fields_keep_their_order_and_crosses_follow(name) -> None:
    network, (ids, dense) = built(RECOMMENDERS[name]), inputs()
    vectors = network.vectors(ids, dense)
    assert vectors.shape == (7, 4, 16)
    offsets = [0, 3, 7]  # a, b, the cross
    expected = [network.embedding(ids[:, column] + offset) for column, offset in enumerate(offsets)]
    assert torch.equal(vectors[:, 0], expected[0])
    assert torch.equal(vectors[:, 1], dense * network.dense_vectors[0])
    assert torch.equal(vectors[:, 2], expected[1])
    assert torch.equal(vectors[:, 3], expected[2])
    assert network(ids, dense).shape == (7,)
    assert network.n_parameters == sum(p.numel() for p in network.parameters())


def test_wide_and_deep_adds_up_first_order_and_deep() -> None:
    network, (ids, dense) = cast(WideDeep, built(WideDeep)), inputs()
    weights = network.weights.weight[:, 0]
    wide = weights[ids[:, 0]] + weights[ids[:, 1] + 3] + weights[ids[:, 2] + 7] + dense[:, 0] * network.dense_weights[0]
    expected = network.deep(network.vectors(ids, dense))[:, 0] + wide + network.bias
    assert torch.allclose(network(ids, dense), expected, atol=1e-5)


def test_a_factorization_machine_adds_the_inner_products_of_all_pairs() -> None:
    network, (ids, dense) = cast(DeepFM, built(DeepFM)), inputs()
    vectors, first = network.vectors(ids, dense), network.first(ids, dense)
    without = WideDeep.from_vectors(network, vectors, first)
    pairs: Any = sum((vectors[:, i] * vectors[:, j]).sum(1) for i in range(4) for j in range(i))
    assert torch.allclose(network(ids, dense) - without, pairs, atol=1e-4)


def test_cross_layers_multiply_the_input_by_a_number() -> None:
    network, (ids, dense) = cast(DeepCross, built(DeepCross)), inputs()
    vectors = network.vectors(ids, dense)
    for row in range(3):
        start = x = vectors[row].flatten()
        for layer in range(CROSS_LAYERS):
            x = start * torch.dot(x, network.cross_weights[layer]) + network.cross_biases[layer] + x
        expected = network.deep(vectors[row : row + 1])[0, 0] + network.cross_out(x)[0]
        assert network(ids, dense)[row].item() == pytest.approx(expected.item(), abs=1e-3)


def test_compressed_interactions_are_weighted_products_of_vectors() -> None:
    network, (ids, dense) = cast(XDeepFM, built(XDeepFM)), inputs()
    vectors = network.vectors(ids, dense)
    maps, pooled = vectors, []
    for weight in network.compress:
        shaped = weight.unflatten(0, (4, -1))  # fields, maps, next maps
        maps = torch.einsum("nie,nje,ijh->nhe", vectors, maps, shaped)
        pooled.append(maps.sum(2))
    first = network.first(ids, dense)
    assert first is not None
    expected = network.cin_out(torch.cat(pooled, 1))[:, 0] + network.deep(vectors)[:, 0] + first.sum(1) + network.bias
    assert torch.allclose(network(ids, dense), expected, atol=1e-3)


def test_dropout_with_a_generator_is_torch_s_own_number_by_number() -> None:
    x = torch.randn(50, 40)
    torch.manual_seed(3)
    expected = torch.nn.functional.dropout(x, 0.3, training=True)
    dropout = Dropout(0.3)
    dropout.generator = torch.Generator().manual_seed(3)
    torch.manual_seed(99)
    assert torch.equal(dropout(x), expected)
    assert torch.equal(dropout.eval()(x), x)
