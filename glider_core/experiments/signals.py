"""How large a set's joint effect in a black box is beside that of any other set, near an instance and far from it."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.exhaustive import all_masks
from glider_core.engine.interaction_sets import Features

Rows = NDArray[np.float64]


def signal_and_noise(
    predict: Callable[[Rows], Rows], instance: Rows, others: Rows, planted: Features
) -> tuple[float, float]:
    """Joint effects of sets of as many features, in all contexts of the others, and several draws of what is off.

    Args:
        predict: (n, d) values to (n,) answers.
        instance: (d,).
        others: (draws, d) what values are when off, a draw each.
        planted: the set in question.

    Returns:
        The root of the mean square over the draws of the planted set's mean effect, and the largest such of any set of
        as many features that is not this one.
    """
    d, order = len(instance), len(planted)
    masks = all_masks(d)  # feature j is off where bit j of the row's number is set
    answers = np.stack([predict(np.where(masks, instance, other)) for other in others], axis=1).astype(np.float64)
    cube = answers.reshape(*(2,) * d, len(others))  # axis a is feature d - 1 - a: 0 on, 1 off
    squares = {}
    for features in itertools.combinations(range(d), order):
        table = cube
        for feature in range(d):  # from the last axis, so that the places of the others stay
            axis = d - 1 - feature
            if feature in features:
                table = np.take(table, [0], axis) - np.take(table, [1], axis)
            else:
                table = table.mean(axis=axis, keepdims=True)
        squares[features] = float((table.ravel() ** 2).mean())
    signal = squares.pop(planted)
    return signal**0.5, max(squares.values()) ** 0.5
