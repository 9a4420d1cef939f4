"""Pictures of more than 8 bits: which of their values is black, and which white."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidInput

# "own": from the picture's least value to its greatest; "middle": the same without half a per cent at either end, for a
# picture with a few dead or hot pixels; "type": all that its kind of number can hold, 0 to 1 for floats.
Levels = Literal["own", "middle", "type"]
LEVELS: tuple[Levels, ...] = get_args(Levels)
_SAMPLE = 1_000_000  # values that the ends are estimated from
_CHUNK = 4_000_000  # values that are worked on at once


def to_bytes(
    values: NDArray[Any], levels: Levels = "own", *, white_is_least: bool = False
) -> tuple[NDArray[np.uint8], str]:
    """The values (height, width) or (height, width, 3), of any kind of number, as bytes of the same shape; and how.

    Colours share their range, so that hues stay. Values that are no numbers become black.

    Raises:
        InvalidInput: no value is a number; or the values are not real.
    """
    if values.dtype.kind not in "uif":
        raise InvalidInput(f"The picture's values are of the kind {values.dtype}; whole numbers or floats are read.")
    flat = values.reshape(-1)
    low, high, odd = _ends(flat, levels)
    out = np.zeros(flat.shape, dtype=np.uint8)
    half = 0.5  # of both, so that the distance of two floats is one, too
    for start in range(0, len(flat), _CHUNK):
        part = flat[start : start + _CHUNK].astype(np.float64)
        if high > low:
            with np.errstate(invalid="ignore", over="ignore"):
                part = (part * half - low * half) / (high * half - low * half)
            shown = np.nan_to_num(part, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)
            shown = 1 - shown if white_is_least else shown
            out[start : start + _CHUNK] = np.where(np.isnan(part), 0, np.rint(255 * shown))
    return out.reshape(values.shape), _told(values, levels, low, high, odd, white_is_least)


def _ends(flat: NDArray[Any], levels: Levels) -> tuple[float, float, int]:
    """The values that become black and white, and how many values are no finite numbers."""
    odd = 0
    if flat.dtype.kind == "f":
        finite = np.isfinite(flat)
        odd = int(len(flat) - np.count_nonzero(finite))
        if odd == len(flat):
            raise InvalidInput("The picture holds no number at all: every value is NaN or infinite.")
        flat = flat[finite] if odd else flat
    if levels == "type":
        if flat.dtype.kind == "f":
            return 0.0, 1.0, odd
        kind = np.iinfo(flat.dtype.name)
        return float(kind.min), float(kind.max), odd
    if levels == "middle":
        low, high = np.percentile(flat[:: max(1, len(flat) // _SAMPLE)].astype(np.float64), [0.5, 99.5])
        return float(low), float(high), odd
    return float(flat.min()), float(flat.max()), odd


def _told(values: NDArray[Any], levels: Levels, low: float, high: float, odd: int, white_is_least: bool) -> str:
    colour = "grey" if values.ndim == 2 else "colour"
    kind = {"u": "", "i": "signed ", "f": "floating-point "}[values.dtype.kind]
    ends = "white to black" if white_is_least else "black to white"
    which = {
        "own": "its values, {} to {}, are",
        "middle": "its values without the outermost 0.5 % at either end, {} to {}, are",
        "type": "all values that it can hold, {} to {}, are",
    }[levels].format(_number(low), _number(high))
    told = f"The picture is {values.dtype.itemsize * 8}-bit {kind}{colour}; {which} shown from {ends}."
    return told + (f" {odd:,} values are no numbers; they are shown black." if odd else "")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e10 else f"{value:.4g}"
