"""Curves and boxes in the plane: how large, what lies in them, what lies over another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]  # left, top, right, bottom


def area(curve: NDArray[np.float64]) -> float:
    """Of what a closed curve (n, 2) surrounds."""
    x, y = curve.T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def contains(curve: NDArray[np.float64], x: float, y: float) -> bool:
    """Whether a point lies inside a closed curve: a ray from it crosses the curve an odd number of times."""
    (x1, y1), (x2, y2) = curve.T, np.roll(curve, -1, axis=0).T
    crossed = (y1 > y) != (y2 > y)
    at = x1 + (y - y1) / np.where(crossed, y2 - y1, 1.0) * (x2 - x1)
    return bool(np.count_nonzero(crossed & (x < at)) % 2)


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes have a part in common."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
