"""Memory that is free, and that the system's allocator keeps all the same, given back."""

from __future__ import annotations

import contextlib
import ctypes
import gc


def give_back(*, collect: bool = True) -> None:
    """Let go of what is free: the allocator keeps it in pieces, too many for what comes next to fit into.

    Args:
        collect: whether parts that name one another are looked for as well.
    """
    if collect:
        gc.collect()
    with contextlib.suppress(AttributeError, OSError):  # other than glibc
        ctypes.CDLL(None).malloc_trim(0)
