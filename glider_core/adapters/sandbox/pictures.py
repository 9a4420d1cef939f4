"""Pictures as a model file reads them: resized to its input, scaled, and laid out as it wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.sandbox.description import Description
from glider_core.adapters.sandbox.file_model import FileModel
from glider_core.errors import InvalidInput

SCALINGS = {
    "imagenet": "ImageNet's mean and deviation", "unit": "0 to 1", "signed": "-1 to 1", "bytes": "0 to 255",
    "own": "another mean and deviation",
}  # fmt: skip
LAYOUTS = {"NCHW": "channels first (NCHW)", "NHWC": "channels last (NHWC)"}
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_USUAL = 224  # pixels, where the file leaves the size open
_LARGEST = 2048  # pixels of a side
_AT_ONCE = 400_000  # pixels of one batch: it may take so long only, and a large input does not fill the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """What a model file does not say of the pictures that it reads.

    Args:
        scaling: of `SCALINGS`, what pixels are.
        layout: of `LAYOUTS`; None: as the input's shape looks.
        size: height and width; None: the input's, and 224 where it leaves them open.
        mean: of "own", what is taken from each channel of pixels from 0 to 1, red, green, blue.
        deviation: of "own", what the rest is divided by.
    """

    scaling: str = "imagenet"
    layout: str | None = None
    size: tuple[int, int] | None = None
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    deviation: tuple[float, ...] = (1.0, 1.0, 1.0)


def usual_pixels(described: Description) -> Pixels:
    """What the input of a model of pictures looks like: its layout, its size, and numbers of one byte as they are."""
    _, sort, shape = described.inputs[0]
    last = shape[3] in (1, 3) and shape[1] not in (1, 3)
    sides = (shape[1], shape[2]) if last else (shape[2], shape[3])
    height, width = (_USUAL if side is None else side for side in sides)
    scaling = "bytes" if sort == "tensor(uint8)" else "unit" if shape[3 if last else 1] == 1 else "imagenet"
    return Pixels(scaling=scaling, layout="NHWC" if last else "NCHW", size=(height, width))


class PictureFile:
    """A model file whose input are pictures, as `gl.image` takes it.

    Args:
        model: of a file that reads pictures.
        pixels: what the file does not say; None: as its input looks, with ImageNet's scaling.

    Raises:
        InvalidInput: its input is no picture, or it does not fit what is said of pixels.
    """

    def __init__(self, model: FileModel, pixels: Any = None) -> None:
        if model.described.reads != "picture":
            raise InvalidInput(f"{model.name[:80]} reads no pictures.")
        if not isinstance(pixels, Pixels | None):
            raise InvalidInput(
                f"Got a {type(pixels).__name__} as transform; the pictures of a model file are told by `gl.Pixels`."
            )
        usual = usual_pixels(model.described)
        pixels = pixels or usual
        layout = pixels.layout or usual.layout
        if pixels.scaling not in SCALINGS or layout not in LAYOUTS:
            raise InvalidInput(
                f"Got the scaling {pixels.scaling!r:.40} and the layout {layout!r:.40}; choose {', '.join(SCALINGS)}, "
                f"and {' or '.join(LAYOUTS)}."
            )
        self._first = layout == "NCHW"
        shape = model.described.inputs[0][2]
        channels, height, width = (shape[1:]) if self._first else (shape[3], shape[1], shape[2])
        if channels not in (None, 1, 3):
            raise InvalidInput(
                f"{model.name[:80]} reads pictures of {channels:,} channels in this layout; 1 or 3 are given here."
            )
        wanted = pixels.size or (_USUAL, _USUAL)
        self.size = height or wanted[0], width or wanted[1]
        if not 1 <= min(self.size) <= max(self.size) <= _LARGEST:
            raise InvalidInput(
                f"{model.name[:80]} reads pictures of {self.size}; 1 to {_LARGEST} pixels a side are read here."
            )
        self._grey = channels == 1
        self._mean, self._deviation = _normalisation(pixels)
        self._model, self.classes = model, model.described.classes or None
        told = f"{layout} {self.size} {self._mean.tolist()} {self._deviation.tolist()}"
        self.own_identity = None if model.own_identity is None else f"{model.own_identity} {told}"

    def __call__(self, pictures: Sequence[NDArray[np.uint8]]) -> Any:
        """Raw answers to pictures, each (height, width, 3)."""
        at_once = max(1, _AT_ONCE // (self.size[0] * self.size[1]))
        parts = [self._ask(pictures[start : start + at_once]) for start in range(0, len(pictures), at_once)]
        return np.concatenate(parts)

    def _ask(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        from PIL import Image

        height, width = self.size
        resized = [
            np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)
            for picture in pictures
        ]
        pixels = (np.stack(resized) - self._mean) / self._deviation
        if self._grey:
            pixels = pixels.mean(axis=3, keepdims=True)
        return self._model.ask(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2) if self._first else pixels))


def _normalisation(pixels: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What is taken from each channel of bytes, and what the rest is divided by."""
    if pixels.scaling == "own" and not (
        len(pixels.mean) == len(pixels.deviation) == 3 and min(pixels.deviation) > 0
        and np.isfinite([*pixels.mean, *pixels.deviation]).all()
    ):  # fmt: skip
        raise InvalidInput(
            f"Got the mean {pixels.mean} and the deviation {pixels.deviation}; give three numbers each, for red, green "
            "and blue from 0 to 1, deviations above 0."
        )
    mean, deviation = {
        "imagenet": IMAGENET, "unit": ((0.0,) * 3, (1.0,) * 3), "signed": ((0.5,) * 3, (0.5,) * 3),
        "bytes": ((0.0,) * 3, (1 / 255,) * 3), "own": (pixels.mean, pixels.deviation),
    }[pixels.scaling]  # fmt: skip
    return np.array(mean, dtype=np.float32) * 255, np.array(deviation, dtype=np.float32) * 255
