"""One core for NumPy's and SciPy's products.

Threads would wait for each other at every one of many small products, and rounding would depend on their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import scipy.linalg  # noqa: F401  brings a library of its own, which is to be found below
from threadpoolctl import ThreadpoolController


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Products inside are computed on one core."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    # Looking for the loaded libraries takes longer than a scan of pairs.
    return ThreadpoolController()
