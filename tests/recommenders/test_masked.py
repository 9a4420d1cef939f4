"""AutoInt asked for many masks of one row, against zeroed embeddings."""

import numpy as np
import pytest
import torch

from glider_core.engine.masks import sample_masks
from glider_core.recommenders.masked import MaskedRow
from glider_core.recommenders.network import AutoInt
from glider_core.tables.fields import Field


def row_of(d: int, scale: float) -> tuple[AutoInt, torch.Tensor]:
    torch.manual_seed(d)
    fields = [Field(f"f{i}", "categorical", ("(other)", "a")) for i in range(d)]
    network = AutoInt(fields).eval()
    for name, weight in network.attention.named_parameters():
        assert name.endswith("inputs.weight")
        torch.nn.init.normal_(weight, std=0.4)
    return network, torch.randn(d, 16) * scale


@pytest.mark.parametrize(("d", "scale"), [(2, 1.0), (5, 1.0), (13, 1.0), (40, 1.0), (13, 40.0), (6, 5.0)])
@torch.inference_mode()
def test_masked_rows_are_answered_like_rows_with_zeroed_embeddings(d, scale) -> None:
    network, vectors = row_of(d, scale)
    masks = torch.from_numpy(np.concatenate([sample_masks(d, 700, np.random.default_rng(0)), np.zeros((1, d), bool)]))
    expected = torch.cat([network.from_vectors(vectors * part[..., None]) for part in masks.split(100)])
    found = MaskedRow(network, vectors).logits(masks)
    assert found.numpy() == pytest.approx(expected.numpy(), rel=2e-5, abs=2e-5 * max(1.0, float(expected.abs().max())))
