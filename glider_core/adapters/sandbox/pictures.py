"""Pictures as a model file reads them: resized to its input, scaled, and laid out as it wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.sandbox.file_model import FileModel
from glider_core.errors import InvalidInput

SCALINGS = {
    "imagenet": "ImageNet's mean and deviation", "unit": "0 to 1", "signed": "-1 to 1", "bytes": "0 to 255",
}  # fmt: skip
_USUAL = 224  # pixels, where the file leaves the size open
_MEAN, _DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


class PictureFile:
    """A model file whose input are pictures, as `gl.image` takes it.

    Args:
        model: of a file that reads pictures.
        scaling: of `SCALINGS`, what its pixels are.

    Raises:
        InvalidInput: its input is no picture, or the scaling is not known.
    """

    def __init__(self, model: FileModel, scaling: str = "imagenet") -> None:
        if model.described.reads != "picture" or scaling not in SCALINGS:
            raise InvalidInput(f"{model.name[:80]} reads no pictures, or the scaling {scaling!r:.40} is not known.")
        shape = model.described.inputs[0][2]
        self._first = shape[1] in (1, 3) or shape[3] not in (1, 3)  # channels stand before height and width
        channels, height, width = (shape[1], shape[2], shape[3]) if self._first else (shape[3], shape[1], shape[2])
        self._grey = channels == 1
        self.size = (int(height or _USUAL), int(width or _USUAL))
        if max(self.size) > 2048:
            raise InvalidInput(
                f"{model.name[:80]} reads pictures of {self.size}; up to 2048 pixels a side are read here."
            )
        self._model, self._scaling = model, scaling
        self.own_identity = None if model.own_identity is None else f"{model.own_identity} {scaling}"

    def __call__(self, pictures: Sequence[NDArray[np.uint8]]) -> Any:
        """Raw answers to pictures, each (height, width, 3)."""
        from PIL import Image

        height, width = self.size
        resized = [
            np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR), dtype=np.float64)
            for picture in pictures
        ]
        pixels = np.stack(resized) / 255.0
        if self._scaling == "imagenet":
            pixels = (pixels - _MEAN) / _DEVIATION
        elif self._scaling == "signed":
            pixels = 2.0 * pixels - 1.0
        elif self._scaling == "bytes":
            pixels = 255.0 * pixels
        if self._grey:
            pixels = pixels.mean(axis=3, keepdims=True)
        return self._model.ask((pixels.transpose(0, 3, 1, 2) if self._first else pixels).astype(np.float32))
