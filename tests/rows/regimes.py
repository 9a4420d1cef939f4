"""A model of rows whose interactions are known."""

from __future__ import annotations

import os
import signal
from typing import Any

import numpy as np
import pandas as pd

import glider_core as gl

QUICK = gl.Settings(n_train=400, n_validation=50, n_test=50, epochs=3, hidden=(32, 16))


class TwoRegimes:
    """Six fields; a and b interact where x is 1, else c and d."""

    id = "test/rows"
    identity: str | None = "v1"

    def instance(self, raw: Any, /) -> gl.FunctionInstance:
        x = raw["x"]

        def black_box(masks):
            sets = [[0, 1]] if x else [[2, 3]]
            return masks @ np.arange(6.0) + sum(5.0 * masks[:, s].all(axis=1) for s in sets)

        return gl.FunctionInstance(list("abcdef"), black_box)


class Deadly(TwoRegimes):
    """Ends the process that first explains the row 20, which is any but the one with this number."""

    def __init__(self, mark: str) -> None:
        self.mark, self.survivor = mark, os.getpid()

    def instance(self, raw, /):
        if raw["n"] == 20 and os.getpid() != self.survivor and not os.path.exists(self.mark):
            with open(self.mark, "w"):
                os.kill(os.getpid(), signal.SIGKILL)
        return super().instance(raw)


def table(n: int) -> pd.DataFrame:
    return pd.DataFrame({"x": np.arange(n) % 3 > 0})
