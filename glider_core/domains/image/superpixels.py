"""Superpixels: parts of a picture that belong together by colour and place (quickshift; Vedaldi and Soatto 2008)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from glider_core.domains.image.picture import Picture
from glider_core.errors import InvalidInput

MAX_SUPERPIXELS = 300


@dataclass(frozen=True, slots=True)
class Quickshift:
    """Settings of the segmentation; the defaults are LIME's, which give photos of this size 40 to 90 superpixels."""

    kernel_size: float = 4.0  # pixels over which colours are smoothed
    max_dist: float = 200.0  # the larger, the fewer superpixels
    ratio: float = 0.2  # 0: nearness counts alone, 1: colour alone


# What people ask for, by title: about twice as many superpixels as usual on our samples, and half as many.
GRAINS = {"fine": Quickshift(kernel_size=3.0), "as usual": Quickshift(), "coarse": Quickshift(kernel_size=6.0)}


def quickshift_of(told: Quickshift | Mapping[str, float] | None) -> Quickshift | None:
    """The settings that a mapping names.

    Raises:
        InvalidInput: it names something else.
    """
    if isinstance(told, Quickshift) or told is None:
        return told
    known = [field.name for field in fields(Quickshift)]
    if not isinstance(told, Mapping) or set(told) - set(known):
        raise InvalidInput(f"Got the quickshift {str(told)[:80]}; it has {', '.join(known)}.")
    return Quickshift(**told)


def segment(picture: Picture, settings: Quickshift | None = None) -> NDArray[np.int64]:
    """Superpixel numbers (height, width), 0..d-1 in reading order of their first pixels.

    Raises:
        InvalidInput: settings out of range; fewer than 2 superpixels, or more than 300.
    """
    return _segment(picture.tobytes(), picture.shape, settings or Quickshift())


@lru_cache(maxsize=16)  # a page asks once to show the superpixels and once to explain them
def _segment(pixels: bytes, shape: tuple[int, ...], settings: Quickshift) -> NDArray[np.int64]:
    picture = np.frombuffer(pixels, dtype=np.uint8).reshape(shape)
    for name, value, low, high in (
        ("kernel size", settings.kernel_size, 1.0, 12.0),
        ("maximal distance", settings.max_dist, 2.0, 500.0),
        ("ratio", settings.ratio, 0.0, 1.0),
    ):
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise InvalidInput(f"The {name} is {value!s:.40}; it must be {low:g} to {high:g}.")
    if (picture == picture[0, 0]).all():
        raise InvalidInput(
            f"All {shape[1]} x {shape[0]} pixels have one colour: there are no parts that could act together. Give a "
            "picture that shows something."
        )
    from skimage.segmentation import quickshift

    raw = quickshift(
        picture,
        kernel_size=settings.kernel_size,  # type: ignore[arg-type]  # whatever its annotation says, any number
        max_dist=settings.max_dist,  # type: ignore[arg-type]
        ratio=settings.ratio,
        rng=0,
    )
    kinds, first, inverse = np.unique(raw, return_index=True, return_inverse=True)
    if not 2 <= len(kinds) <= MAX_SUPERPIXELS:
        few = "Lower kernel size or maximal distance, or enlarge the picture."
        do = "Raise kernel size or maximal distance." if len(kinds) > 2 else few
        raise InvalidInput(
            f"The picture, {shape[1]} x {shape[0]} pixels as it is divided, falls into {len(kinds)} "
            f"superpixel{'s' if len(kinds) > 1 else ''}; 2 to {MAX_SUPERPIXELS} can be explained. {do}"
        )
    number = np.empty(len(kinds), dtype=np.int64)
    number[np.argsort(first)] = np.arange(len(kinds))
    labels = number[inverse].reshape(raw.shape)
    labels.setflags(write=False)
    return labels


def means(picture: Picture, labels: NDArray[np.int64]) -> Picture:
    """The picture with every superpixel in its mean colour; pixels in none, -1, stay as they are."""
    inside, d = labels >= 0, int(labels.max()) + 1
    flat = labels[inside]
    counts = np.bincount(flat, minlength=d)
    colours = np.stack(
        [np.bincount(flat, weights=picture[inside][:, c], minlength=d) / counts for c in range(3)], axis=1
    )
    averaged = picture.copy()
    averaged[inside] = colours[flat].round().astype(np.uint8)
    return averaged


def outlines(labels: NDArray[np.int64]) -> list[list[NDArray[np.float64]]]:
    """Per superpixel its closed outlines, each (points, 2) of x and y in pixels; neighbours nearly share theirs."""
    from skimage.measure import find_contours

    closed = []
    for number in range(int(labels.max()) + 1):
        rows, columns = np.nonzero(labels == number)
        top, left = rows.min(), columns.min()
        part = np.zeros((rows.max() - top + 3, columns.max() - left + 3))
        part[rows - top + 1, columns - left + 1] = 1.0
        curves = (_simplified(curve) for curve in find_contours(part, 0.5))
        closed.append([curve[:, ::-1] + (left - 0.5, top - 0.5) for curve in curves if len(curve) > 3])
    return closed


_NEAR = 0.7  # pixels that an outline may lie beside its superpixel's


def _simplified(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points of a curve (n, 2) that are needed to stay near it (Douglas and Peucker 1973).

    Points lie between pixels, at halves, so that all is worked out in whole numbers: scikit-image's has sines in it,
    and of points equally far away takes on every processor another one.
    """
    points = np.rint(2 * curve).astype(np.int64)
    needed = np.zeros(len(points), dtype=bool)
    needed[[0, -1]] = True
    stretches = [(0, len(points) - 1)]
    while stretches:
        start, end = stretches.pop()
        if end - start < 2:
            continue
        from_start, from_end = points[start + 1 : end] - points[start], points[start + 1 : end] - points[end]
        span = points[end] - points[start]
        length = max(int(span @ span), 1)  # squared; 1 where the curve is closed, and distances are those to its start
        beside = (from_start @ span > 0) & (from_end @ span < 0)
        across = from_start[:, 0] * span[1] - from_start[:, 1] * span[0]
        to_ends = np.minimum((from_start**2).sum(axis=1), (from_end**2).sum(axis=1))
        distances = np.where(beside, across**2, length * to_ends)  # squared, times the length squared
        if distances.max() > (2 * _NEAR) ** 2 * length:
            farthest = start + 1 + int(distances.argmax())
            needed[farthest] = True
            stretches += [(start, farthest), (farthest, end)]
    return curve[needed]
