"""What goes between a process that reads a stranger's file and the one that started it: JSON and plain arrays.

Nothing is pickled: whatever a file makes of the process that reads it, the other side parses JSON and numbers only.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 400_000_000  # of one frame
_KINDS = "biuf"  # of arrays: numbers, never objects


def packed(values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]] | None = None) -> bytes:
    """One frame: values as JSON, then arrays of numbers."""
    plain = {name: np.ascontiguousarray(array) for name, array in (arrays or {}).items()}
    told = [[name, array.dtype.str, list(array.shape)] for name, array in plain.items()]
    head = json.dumps({"values": dict(values), "arrays": told}, allow_nan=False).encode()
    body = b"".join(array.tobytes() for array in plain.values())
    return struct.pack(">QQ", len(head), len(body)) + head + body


def unpacked(read: Callable[[int], bytes]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The next frame.

    Args:
        read: returns exactly so many bytes.

    Raises:
        ValueError: it is no frame, or too large.
        EOFError: there is none; of `read`.
    """
    head_size, body_size = struct.unpack(">QQ", read(16))
    if head_size + body_size > MAX_BYTES:
        raise ValueError(f"a frame of {head_size + body_size} bytes")
    head, body = json.loads(read(head_size)), read(body_size)
    arrays: dict[str, NDArray[Any]] = {}
    place = 0
    for name, dtype, shape in head["arrays"]:
        kind = np.dtype(dtype)
        if kind.kind not in _KINDS:
            raise ValueError(f"an array of {kind}")
        count = int(np.prod(shape, dtype=np.int64))
        if count < 0 or place + count * kind.itemsize > len(body):
            raise ValueError("an array beyond its frame")
        arrays[name] = np.frombuffer(body, kind, count, place).reshape(shape)
        place += count * kind.itemsize
    return head["values"], arrays


def plain_name(name: str) -> str:
    """The name of a column as converters write it: letters and figures only."""
    return "".join(character if character.isalnum() else "_" for character in name)
