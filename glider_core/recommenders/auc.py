"""How far an AUC can be trusted: an interval that also holds for few positives."""

from __future__ import annotations

import math
from collections.abc import Callable

Z95 = 1.959963984540054
FEW = 10  # positives or negatives among test rows, below which an AUC is little more than a guess


def auc_interval(auc: float, positives: int, negatives: int, z: float = Z95) -> tuple[float, float] | None:
    """The 95 % interval of an AUC measured on so many rows of each kind; None where there is no AUC.

    The values of the true AUC whose Hanley-McNeil deviation does not set them apart from the measured one (method 5 of
    Newcombe, Statistics in Medicine 25, 2006). Unlike DeLong's interval and the bootstrap, it has a width where the
    measured AUC is 1, and where there is one positive row.
    """
    if not (math.isfinite(auc) and positives > 0 and negatives > 0):
        return None
    extra = (positives + negatives) / 2 - 1

    def apart(true: float) -> bool:
        spread = 1 + extra * (1 - true) / (2 - true) + extra * true / (1 + true)
        return (auc - true) ** 2 > z * z * true * (1 - true) * spread / (positives * negatives)

    return _edge(apart, 0.0, auc), _edge(apart, 1.0, auc)


def _edge(apart: Callable[[float], bool], outside: float, inside: float) -> float:
    """Where values begin to be set apart, on the way from the measured one outwards."""
    for _ in range(60):
        middle = (outside + inside) / 2
        if apart(middle):
            outside = middle
        else:
            inside = middle
    return inside
