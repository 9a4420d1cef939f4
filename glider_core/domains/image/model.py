"""Image classifiers: ours, and torchvision's by their names with their own weights and transforms."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from copy import copy, deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from glider_core.domains.base import Progress
from glider_core.domains.image.classifiers import TENSORFLOW, fill, load_classifier, missing_weights
from glider_core.domains.image.framing import Input
from glider_core.domains.image.instance import ImageInstance, OffState, device_of, half_precision
from glider_core.domains.image.network import SIZE, mobilenet_v2
from glider_core.domains.image.payload import MAX_PIXELS, png
from glider_core.domains.image.picture import Picture, ReadPicture, decode, read_file, sample
from glider_core.domains.image.reading import Reading, check_size
from glider_core.domains.image.superpixels import Quickshift, means, quickshift_of, segment
from glider_core.errors import InvalidInput, ModelUnavailable
from glider_core.provenance import fingerprint
from glider_core.shipped import ASSETS

BLUR = 12.0  # pixels, the deviation of the Gaussian that takes a superpixel's place
SHIPPED = "small50"


class ImageModel:
    """A classifier of pictures."""

    def __init__(
        self,
        model_id: str,
        title: str,
        network: nn.Module,
        classes: tuple[str, ...],
        seen: Input,
        identity: str,
        *,
        bfloat16: bool | None = None,
    ) -> None:
        self.id, self.title, self.classes = model_id, title, classes
        self._network = network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._input, self.identity = seen, fingerprint(identity, *classes, str(seen))
        self._bfloat16 = half_precision() if bfloat16 is None else bfloat16

    def to(self, device: str) -> ImageModel:
        """The same model computing on a device, such as "cuda"; on a GPU in float32, whatever the processor likes."""
        moved = copy(self)
        moved._network = deepcopy(self._network).to(device)
        moved._bfloat16 = self._bfloat16 and moved._device.type == "cpu"
        return moved

    @property
    def _device(self) -> torch.device:
        return device_of(self._network)

    def instance(
        self,
        raw: bytes | Picture | str,
        /,
        *,
        reading: Reading | Mapping[str, Any] | None = None,
        quickshift: Quickshift | Mapping[str, float] | None = None,
        off_state: OffState = "mean",
        target: int | str | None = None,
        against: str | None = None,
    ) -> ImageInstance:
        """A picture as an instance.

        Args:
            raw: content of a PNG, JPEG, WebP, GIF, TIFF or BMP file; the path of one; or pixels (height, width, 3) of
                uint8.
            reading: how the file is read where there is a choice: which frame, what becomes black and white.
            quickshift: how superpixels are found.
            off_state: "mean" shows a superpixel's mean colour, "blur" the blurred picture.
            target: the explained class by name, or by its rank (0: the likeliest, the default).
            against: name of another class: explained is by how many logits the first one is ahead of it.

        Raises:
            InvalidInput: no picture; too few or too many superpixels; no such class.
        """
        if off_state not in ("mean", "blur"):
            raise InvalidInput(f"Got off state {off_state!r:.40}; choose 'mean' or 'blur'.")
        quickshift = quickshift_of(quickshift)
        if against is not None and against not in self.classes:
            raise InvalidInput(f"This model has no class {str(against)[:60]!r}; choose one of its {len(self.classes)}.")
        read = self._read(raw, Reading.of(reading))
        picture = read.picture
        labels, input_labels = self._superpixels(picture, quickshift)
        off = means(picture, labels) if off_state == "mean" else _blurred(picture)
        number = self._target(picture, target)
        if against == self.classes[number]:
            raise InvalidInput(f"The class {str(against)[:60]!r} cannot stand against itself; choose another one.")
        instance = ImageInstance(
            picture,
            labels,
            (self._input.prepare(picture), self._input.prepare(off)),
            input_labels,
            self._network,
            target=number,
            against=None if against is None else self.classes.index(against),
            classes=self.classes,
            identity=self.identity,
            model_id=self.id,
            off_state=off_state,
            bfloat16=self._bfloat16,
            # As it was read, so that it says the same wherever it is explained again.
            raw=raw if isinstance(raw, str) and raw.startswith("sample:") else png(picture, read.assumptions),
            assumptions=read.assumptions,
            options={
                "quickshift": None if quickshift is None else asdict(quickshift),
                "off_state": off_state,
                "target": target,
                **({} if against is None else {"against": against}),
            },
        )
        other: OffState = "blur" if off_state == "mean" else "mean"
        return instance.beside(
            lambda: self.instance(
                raw,
                reading=reading,
                quickshift=quickshift,
                off_state=other,
                target=self.classes[number],
                against=against,
            )
        )

    def _superpixels(
        self, picture: Picture, quickshift: Quickshift | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Superpixel numbers of the picture (height, width) and of the network's input (crop, crop).

        Only what the network sees is divided: a superpixel beside it would be a feature that cannot matter. The rest of
        the picture, and a superpixel so small that no pixel of the input shows it, is in none, -1.
        """
        left, top, right, bottom = self._input.frame(picture.shape)
        labels = np.full(picture.shape[:2], -1, dtype=np.int64)
        height, width = picture.shape[:2]
        told = f"Of the picture, read as {width} x {height} pixels, the model sees {right - left} x {bottom - top}. "
        try:
            labels[top:bottom, left:right] = segment(np.ascontiguousarray(picture[top:bottom, left:right]), quickshift)
        except InvalidInput as error:
            if (left, top, right, bottom) == (0, 0, width, height):
                raise
            raise InvalidInput(f"{told}{error}") from None
        input_labels = self._input.place(labels)
        seen = np.unique(input_labels)
        if len(seen) < 2:
            raise InvalidInput(f"{told}Only one superpixel is large enough to be seen. Lower kernel size or distance.")
        number = np.full(int(labels.max()) + 2, -1, dtype=np.int64)  # the last place is that of -1
        number[seen] = np.arange(len(seen))
        return number[labels], number[input_labels]

    def top(self, picture: Picture) -> list[tuple[str, float]]:
        """The five likeliest classes with their probabilities."""
        return [(self.classes[number], probability) for number, probability in self._top(picture)]

    @torch.inference_mode()
    def _top(self, picture: Picture) -> list[tuple[int, float]]:
        seen = self._input.prepare(picture)[None].contiguous(memory_format=torch.channels_last).to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bfloat16):
            logits = self._network(seen)
        best = logits.float().softmax(1)[0].topk(min(5, len(self.classes)))
        return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))

    @torch.inference_mode()
    def seconds_per_picture(self) -> float:
        """Measured now, on a batch of 16 and after a first one to warm up."""
        side = self._input.crop
        batch = torch.zeros(16, 3, side, side, device=self._device).to(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bfloat16):
            self._network(batch)
            started = time.perf_counter()
            self._network(batch)
        return (time.perf_counter() - started) / len(batch)

    def _read(self, raw: bytes | Picture | str, reading: Reading) -> ReadPicture:
        if isinstance(raw, np.ndarray):
            if raw.ndim != 3 or raw.shape[2] != 3 or raw.dtype != np.uint8:
                raise InvalidInput(f"Got an array of {raw.shape} {raw.dtype}; give (height, width, 3) of uint8.")
            check_size(raw.shape[1], raw.shape[0], at_most=MAX_PIXELS)
            return ReadPicture(raw)
        if isinstance(raw, str):
            named = raw.startswith("sample:")
            raw = sample(raw.removeprefix("sample:")) if named else read_file(raw)
        if not isinstance(raw, bytes | bytearray | memoryview):
            raise InvalidInput(f"Got a {type(raw).__name__}; give the content of a file, its path, or an array.")
        return decode(bytes(raw), reading)

    def _target(self, picture: Picture, target: int | str | None) -> int:
        if isinstance(target, str):
            if target not in self.classes:
                raise InvalidInput(f"This model has no class {target[:60]!r}; its likeliest ones are shown above.")
            return self.classes.index(target)
        rank = 0 if target is None else target
        if not isinstance(rank, int) or not 0 <= rank < min(5, len(self.classes)):
            raise InvalidInput(f"Got class rank {rank!s:.40}; choose one of the top five, 0 to 4.")
        return self._top(picture)[rank][0]


def _blurred(picture: Picture) -> Picture:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(picture, (BLUR, BLUR, 0)), dtype=np.uint8)


def load(model_id: str, *, path: Path | None = None, on_progress: Progress | None = None) -> ImageModel:
    """The model with this id; `path` is a folder for ours, a weights file (.pth, .safetensors) for the others.

    Raises:
        ModelUnavailable: as for `load_classifier`.
    """
    name = model_id.partition("/")[2]
    if name == SHIPPED:
        return _load_small(model_id, path or ASSETS / model_id)
    title = "MobileNetV2" if name == TENSORFLOW else name
    return ImageModel(model_id, title, *load_classifier(name, path=path, on_progress=on_progress))


def missing(model_id: str) -> str:
    """What keeps a torchvision classifier from running without network, or nothing."""
    return missing_weights(model_id.partition("/")[2])


def _load_small(model_id: str, folder: Path) -> ImageModel:
    try:
        classes = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
        if not (isinstance(classes, list) and all(isinstance(name, str) for name in classes)):
            raise ValueError("no list of names")
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"The class names in {'/'.join(folder.parts[-3:])} cannot be read ({type(error).__name__}); "
            "restore them or train the model anew."
        ) from None
    network = mobilenet_v2(len(classes))
    identity = fill(network, folder / "weights.safetensors")
    seen = Input(None, SIZE, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    # In bfloat16 its logits are off by 0.1 (spread over masks: 1.8), which is the size of small interactions.
    return ImageModel(model_id, "Small classifier", network, tuple(classes), seen, identity, bfloat16=False)
