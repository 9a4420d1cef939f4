import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glider_core as gl
from glider_core.engine.masks import distinct, lime_weights, sample_masks, split_masks


def test_masks_follow_limes_scheme() -> None:
    masks = sample_masks(10, 20_001, np.random.default_rng(0))
    assert masks[0].all()
    n_off = (~masks[1:]).sum(axis=1)
    # Uniform over 1..10, so each count appears in a tenth of the rows.
    assert np.bincount(n_off, minlength=11)[0] == 0
    assert np.bincount(n_off)[1:] / 20_000 == pytest.approx(np.full(10, 0.1), abs=0.01)
    # Which features are off is uniform too: on average 5.5 of 10.
    assert (~masks[1:]).mean(axis=0) == pytest.approx(np.full(10, 0.55), abs=0.015)


@pytest.mark.parametrize(("d", "n"), [(0, 5), (5, 0), (-1, 3)])
def test_masks_of_nothing_are_refused(d: int, n: int) -> None:
    with pytest.raises(gl.InvalidInput, match="at least 1"):
        sample_masks(d, n, np.random.default_rng(0))


def test_lime_weights_are_the_papers_kernel() -> None:
    masks = np.array([[1, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=bool)
    # Cosine distances to all ones: 0, 1 - 1/2, 1.
    expected = [1.0, np.sqrt(np.exp(-(0.5**2) / 0.25**2)), np.sqrt(np.exp(-1 / 0.25**2))]
    assert lime_weights(masks, 0.25) == pytest.approx(expected)
    assert lime_weights(masks, None).tolist() == [1, 1, 1]


def test_splits_share_nothing_and_keep_the_instance_in_training() -> None:
    for rng in (None, np.random.default_rng(3)):
        split = split_masks(50, 20, 30, rng)
        rows = np.concatenate([split.train, split.validation, split.test])
        assert sorted(rows.tolist()) == list(range(100))
        assert split.train[0] == 0
        assert split.test.tolist() == list(range(70, 100))


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_distinct_masks_rebuild_the_rows(d: int, seed: int) -> None:
    masks = np.random.default_rng(seed).random((60, d)) < 0.5
    unique, which = distinct(masks)
    assert (unique[which] == masks).all()
    assert len({row.tobytes() for row in unique}) == len(unique)
    assert (unique[0] == masks[0]).all()
