"""How a file is read where there is a choice, and how large a picture may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from glider_core.domains.image.levels import LEVELS, Levels
from glider_core.errors import InvalidInput

Ground = Literal["white", "black"]

MAX_PIXELS = (
    40_000_000  # of a frame, before anything is unpacked; in 16-bit colours they take 800 MB while they are read
)
MIN_SIDE = 16
MAX_RATIO = 128  # of the sides
MAX_FRAMES = 100  # that are counted, where counting means walking through the file
_UNPACKED = 1_000_000_000  # pixels at most, on the way to a later frame
REMARKS = "Glider reading"  # a text in PNG files of ours: what was assumed when the picture was first read


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is read where there is a choice."""

    frame: int = 1  # of an animation, or page of a TIFF; counted from 1
    levels: Levels = "own"  # what becomes black and white in a picture of more than 8 bits
    ground: Ground = "white"  # behind transparent parts

    @classmethod
    def of(cls, told: Reading | Mapping[str, Any] | None) -> Reading:
        """The reading that a mapping names.

        Raises:
            InvalidInput: it names something else.
        """
        if isinstance(told, Reading) or told is None:
            return told or cls()
        known = {field.name for field in fields(cls)}
        frame = told.get("frame", 1) if isinstance(told, Mapping) else 0
        if (
            not isinstance(told, Mapping)
            or set(told) - known
            or not (isinstance(frame, int) and 1 <= frame <= 100_000)
            or told.get("levels", "own") not in LEVELS
            or told.get("ground", "white") not in ("white", "black")
        ):
            raise InvalidInput(
                f"Got the reading {str(told)[:80]}; it has a frame from 1 on, levels (own, middle, type) and a ground "
                "(white, black)."
            )
        return cls(**told)


def check_size(width: int, height: int, *, at_most: int = MAX_PIXELS) -> None:
    """Raise InvalidInput where a frame has too many pixels, or too few or too many on one side for the other."""
    if width * height > at_most:
        raise InvalidInput(
            f"The picture claims {width} x {height} pixels; at most {at_most / 1e6:.0f} million can be read. Scale "
            "it down first."
        )
    if min(width, height) < MIN_SIDE:
        raise InvalidInput(
            f"The picture is {width} x {height} pixels; each side needs {MIN_SIDE} or more. Enlarge it, or give more "
            "of it."
        )
    if max(width, height) > MAX_RATIO * min(width, height):
        raise InvalidInput(
            f"The picture is {width} x {height} pixels, one side more than {MAX_RATIO} times the other. Cut a piece "
            "out of it."
        )


def check_frame(frame: int, width: int, height: int) -> None:
    """Raise InvalidInput where all frames up to this one are too much to unpack."""
    if frame > 1 and frame * width * height > _UNPACKED:
        raise InvalidInput(
            f"Frame {frame} of {width} x {height} pixels is only reached through all before it, which is too much. "
            "Save that frame alone."
        )
