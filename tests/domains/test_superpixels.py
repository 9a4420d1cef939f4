"""Outlines of superpixels: few points, and near what they go round."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.measure import find_contours

from glider_core.domains.image.superpixels import outlines


@pytest.mark.parametrize("seed", range(5))
def test_an_outline_has_few_points_and_stays_near_its_superpixel(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(size=(40, 50))
    inside = gaussian_filter(noise, 3) > 0.05
    (found,) = outlines(np.where(inside, 0, -1))
    curves = find_contours(np.pad(inside, 1).astype(float), 0.5)
    assert sum(map(len, found)) < 0.7 * sum(map(len, curves))
    for curve in curves:
        if len(curve) < 15:  # an island of a few pixels, which is not drawn
            continue
        points = curve[:, ::-1] - 0.5
        assert min(_to_segments(points, kept).max() for kept in found) <= 0.7


def _to_segments(points: NDArray[np.float64], closed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances of points (n, 2) to a line through others."""
    starts, spans = closed[:-1], np.diff(closed, axis=0)
    along = ((points[:, None] - starts) * spans).sum(axis=2) / (spans**2).sum(axis=1)
    nearest = starts + np.clip(along, 0, 1)[:, :, None] * spans
    return np.sqrt(((points[:, None] - nearest) ** 2).sum(axis=2)).min(axis=1)
