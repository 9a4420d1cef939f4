"""What a network sees of a picture: the shorter side resized, the middle cut out, colours normalised."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from glider_core.domains.image.picture import Picture

Frame = tuple[int, int, int, int]  # left, top, right, bottom, in pixels of the picture


@dataclass(frozen=True, slots=True)
class Input:
    """The way from a picture (height, width, 3) to a network's input (3, crop, crop)."""

    resize: int | None  # None: the whole picture, squeezed into the square
    crop: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    antialias: bool = True

    def prepare(self, picture: Picture) -> Tensor:
        """(3, crop, crop) of a picture."""
        pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255
        scaled = nn.functional.interpolate(
            pixels[None],
            size=self._scaled(picture.shape),
            mode=self.interpolation,
            antialias=self.antialias,
            align_corners=False,
        )[0].clamp(0, 1)  # bicubic curves swing beyond black and white
        mean, deviation = (torch.tensor(value).view(3, 1, 1) for value in (self.mean, self.deviation))
        return self._middle((scaled - mean) / deviation).contiguous()

    def frame(self, shape: tuple[int, ...]) -> Frame:
        """The part of a picture of this shape that the network sees: what lies in it by whole pixels."""
        scaled = self._scaled(shape)
        edges = []
        for side, scaled_side in zip(shape[:2], scaled, strict=True):
            start = self._start(scaled_side)
            edges.append((ceil(start * side / scaled_side), floor((start + self.crop) * side / scaled_side)))
        (top, bottom), (left, right) = edges
        return left, top, right, bottom

    def place(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """(crop, crop): which superpixel (height, width) each input pixel belongs to.

        Pixels in no superpixel, -1, lie outside the frame; what rounds to one at its border is the neighbour's.
        """
        left, top, right, bottom = self.frame(labels.shape)
        height, width = labels.shape
        inside = labels[top:bottom, left:right]
        spread = np.pad(inside, ((top, height - bottom), (left, width - right)), mode="edge")
        numbers = torch.from_numpy(spread.astype(np.float32))[None, None]
        scaled = nn.functional.interpolate(numbers, size=self._scaled(labels.shape), mode="nearest-exact")[0]
        return self._middle(scaled)[0].long().numpy()

    def _scaled(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width after resizing, rounded down as torchvision does."""
        if self.resize is None:
            return self.crop, self.crop
        height, width = shape[:2]
        short = min(height, width)
        return (
            max(self.crop, self.resize * height // short),
            max(self.crop, self.resize * width // short),
        )

    def _middle(self, scaled: Tensor) -> Tensor:
        top, left = (self._start(side) for side in scaled.shape[-2:])
        return scaled[..., top : top + self.crop, left : left + self.crop]

    def _start(self, side: int) -> int:
        return round((side - self.crop) / 2)
