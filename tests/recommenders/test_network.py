"""The networks, each against its formula."""

from dataclasses import replace
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


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_the_vector_of_a_number_bends_at_its_knots_and_is_zero_at_the_mean(name: str) -> None:
    fields = (FIELDS[0], replace(FIELDS[1], knots=(-1.0, 0.5, 2.0)), FIELDS[2], Field("other", "dense"))
    torch.manual_seed(0)
    network = RECOMMENDERS[name](fields).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)

    def of(price: float) -> torch.Tensor:
        vectors = network.vectors(torch.tensor([[1, 2]]), torch.tensor([[price, 0.7]]))[0]
        assert torch.allclose(vectors[3], 0.7 * network.dense_vectors[1])  # no knots: a line
        return vectors[1]

    assert torch.equal(of(0.0), torch.zeros(16))  # the mean is the off state
    line, (low, high) = network.dense_vectors[0], network.curve_vectors[0]
    # At 0 two thirds of the first stretch are done, at 1.25 all of it and half of the second.
    assert torch.allclose(of(1.25), 1.25 * line + (1 - 2 / 3) * low + 0.5 * high, atol=1e-6)
    assert torch.allclose(of(-3.0), -3.0 * line - 2 / 3 * low, atol=1e-6)
    assert torch.allclose(of(9.0) - of(3.0), 6.0 * line, atol=1e-5)  # beyond the last knot: the line alone
    if network.first_order:
        first = network.first(torch.tensor([[1, 2]]), torch.tensor([[1.25, 0.0]]))
        assert first is not None
        weights = network.curve_weights[0]
        assert torch.allclose(first[0, 1], 1.25 * network.dense_weights[0] + weights[0] / 3 + weights[1] / 2, atol=1e-6)


def test_the_vector_of_a_number_may_jump_at_its_knots() -> None:
    torch.manual_seed(0)
    jumps = replace(FIELDS[1], knots=(-1.0, -0.5, 0.5, 2.0), steps=True)
    network = WideDeep((FIELDS[0], jumps, FIELDS[2], replace(FIELDS[1], name="bends", knots=(-1.0, 0.0, 1.0))))
    low, middle, high = network.curve_vectors[0]

    def of(price: float) -> torch.Tensor:
        return network.vectors(torch.tensor([[1, 2]]), torch.tensor([[price, 1.0]]))[0, 1] - (
            price * network.dense_vectors[0]
        )

    assert torch.equal(of(0.0), torch.zeros(16))
    assert torch.equal(of(0.3), torch.zeros(16))  # in the mean's own stretch
    assert torch.allclose(of(-7.0), low - middle, atol=1e-6)
    assert torch.allclose(of(0.6), high - middle, atol=1e-6)
    assert torch.allclose(of(7.0), high - middle, atol=1e-6)
    bent = network.vectors(torch.tensor([[1, 2]]), torch.tensor([[0.0, 0.5]]))[0, 3]
    assert torch.allclose(bent, 0.5 * network.dense_vectors[1] + 0.5 * network.curve_vectors[1, 1], atol=1e-6)
