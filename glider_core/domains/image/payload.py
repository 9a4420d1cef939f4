"""What the picture of a photo needs: its pixels, and which superpixel each belongs to."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from glider_core.domains.image.reading import REMARKS
from glider_core.payload import Payload

_UNSEEN = "The model sees the middle of the picture only; the shaded rest has no part in what it says."
MAX_PIXELS = 4_000_000  # of a picture that is explained; uploads are reduced to far fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePayload(Payload):
    """A picture and its superpixels."""

    domain: ClassVar[str] = "image"

    png: bytes  # the picture, (height, width, 3)
    labels_png: bytes  # superpixel numbers (height, width), a 16-bit grey PNG; pixels in none have 65535
    off_state: str
    target: int  # number of the explained class
    assumptions: tuple[str, ...] = ()  # sentences on how the file was read

    @classmethod
    def of(
        cls,
        picture: NDArray[np.uint8],
        labels: NDArray[np.int64],
        *,
        off_state: str,
        target: int,
        assumptions: tuple[str, ...] = (),
    ) -> ImagePayload:
        """The payload of a picture (height, width, 3) and its superpixel numbers (height, width), -1 for none."""
        return cls(
            png=png(picture),
            labels_png=png(np.where(labels < 0, 65535, labels).astype(np.uint16)),
            off_state=off_state,
            target=target,
            assumptions=assumptions,
        )

    def grouped(self, members: Sequence[Sequence[int]], names: Sequence[str]) -> ImagePayload:
        """A group of superpixels is one."""
        number = np.empty(sum(map(len, members)) + 1, dtype=np.int64)
        number[-1] = -1  # of pixels in none
        for place, inside in enumerate(members):
            number[list(inside)] = place
        labels = number[self.labels]
        return replace(self, labels_png=png(np.where(labels < 0, 65535, labels).astype(np.uint16)))

    def fits(self, d: int) -> bool:
        """Both parts are pictures of one size, and the superpixels are the features."""
        try:
            return self.picture.shape[:2] == self.labels.shape and int(self.labels.max()) == d - 1
        except (OSError, ValueError, SyntaxError):  # of Pillow, for what is no picture
            return False

    def remarks(self) -> tuple[str, ...]:
        """How the file was read, and what of the picture the model does not see."""
        return (*self.assumptions, *([_UNSEEN] if (self.labels < 0).any() else []))

    @property
    def picture(self) -> NDArray[np.uint8]:
        """(height, width, 3)."""
        return np.asarray(_open(self.png).convert("RGB"), dtype=np.uint8)

    @property
    def labels(self) -> NDArray[np.int64]:
        """(height, width), 0..d-1; -1 where a pixel is in no superpixel."""
        labels = np.asarray(_open(self.labels_png), dtype=np.int64)
        return np.where(labels == 65535, -1, labels)


def png(pixels: NDArray[np.uint8] | NDArray[np.uint16], remarks: tuple[str, ...] = ()) -> bytes:
    """The pixels as a PNG file, which loses nothing; with what was assumed when they were read, for who reads it."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    file, noted = io.BytesIO(), PngInfo()
    if remarks:
        noted.add_itxt(REMARKS, "\n".join(remarks))
    Image.fromarray(pixels).save(file, "PNG", pnginfo=noted)
    return file.getvalue()


def _open(content: bytes):
    """A PNG file of ours, from which nothing larger is unpacked than we would have made.

    Raises:
        ValueError: it is larger.
        OSError: it is no picture.
    """
    from PIL import Image

    opened = Image.open(io.BytesIO(content), formats=("PNG",))
    if opened.width * opened.height > MAX_PIXELS:
        raise ValueError(f"a picture of {opened.width} x {opened.height} pixels")
    return opened
