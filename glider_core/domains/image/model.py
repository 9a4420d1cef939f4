"""Image classifiers: ours, and torchvision's by their names with their own weights and transforms."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from glider_core.compat import import_torchvision
from glider_core.domains.base import Progress
from glider_core.domains.image.instance import ImageInstance, OffState, half_precision
from glider_core.domains.image.network import SIZE, mobilenet_v2
from glider_core.domains.image.payload import png
from glider_core.domains.image.picture import Picture, read_picture, sample
from glider_core.domains.image.superpixels import Quickshift, means, segment
from glider_core.downloads import cache_folder, check_hash, fetch
from glider_core.errors import InvalidInput, ModelUnavailable
from glider_core.provenance import fingerprint
from glider_core.shipped import ASSETS
from glider_core.weights import load_weights

BLUR = 12.0  # pixels, the deviation of the Gaussian that takes a superpixel's place
# Google's MobileNetV2 as converted from TensorFlow Lite: other padding and scaling than torchvision's own.
TENSORFLOW = "mobilenet_v2_tf"


@dataclass(frozen=True, slots=True)
class Input:
    """What a network wants to see: the shorter side resized, the middle cut out, colours normalised."""

    resize: int | None  # None: the whole picture, squeezed into the square
    crop: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]

    def prepare(self, picture: Picture) -> Tensor:
        """(3, crop, crop) of a picture (height, width, 3)."""
        pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255
        scaled = nn.functional.interpolate(
            pixels[None], size=self._scaled(picture.shape), mode="bilinear", antialias=True, align_corners=False
        )[0]
        mean, deviation = (torch.tensor(value).view(3, 1, 1) for value in (self.mean, self.deviation))
        return self._middle((scaled - mean) / deviation).contiguous()

    def place(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """(crop, crop): which superpixel each input pixel belongs to."""
        numbers = torch.from_numpy(labels.astype(np.float32))[None, None]
        scaled = nn.functional.interpolate(numbers, size=self._scaled(labels.shape), mode="nearest-exact")[0]
        return self._middle(scaled)[0].long().numpy()

    def _scaled(self, shape: tuple[int, ...]) -> tuple[int, int]:
        if self.resize is None:
            return self.crop, self.crop
        height, width = shape[:2]
        scale = self.resize / min(height, width)
        return max(self.crop, round(height * scale)), max(self.crop, round(width * scale))

    def _middle(self, scaled: Tensor) -> Tensor:
        top, left = ((side - self.crop) // 2 for side in scaled.shape[-2:])
        return scaled[..., top : top + self.crop, left : left + self.crop]


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

    def instance(
        self,
        raw: bytes | Picture | str,
        /,
        *,
        quickshift: Quickshift | Mapping[str, float] | None = None,
        off_state: OffState = "mean",
        target: int | str | None = None,
    ) -> ImageInstance:
        """A picture as an instance.

        Args:
            raw: content of a PNG, JPEG or WebP file; the path of one; or pixels (height, width, 3) of uint8.
            quickshift: how superpixels are found.
            off_state: "mean" shows a superpixel's mean colour, "blur" the blurred picture.
            target: the explained class by name, or by its rank (0: the likeliest, the default).

        Raises:
            InvalidInput: no picture; too few or too many superpixels; no such class.
        """
        if off_state not in ("mean", "blur"):
            raise InvalidInput(f"Got off state {off_state!r:.40}; choose 'mean' or 'blur'.")
        quickshift = Quickshift(**quickshift) if isinstance(quickshift, Mapping) else quickshift
        picture = self._read(raw)
        labels = segment(picture, quickshift)
        off = means(picture, labels) if off_state == "mean" else _blurred(picture)
        return ImageInstance(
            picture,
            labels,
            (self._input.prepare(picture), self._input.prepare(off)),
            self._input.place(labels),
            self._network,
            target=self._target(picture, target),
            classes=self.classes,
            identity=self.identity,
            model_id=self.id,
            off_state=off_state,
            bfloat16=self._bfloat16,
            raw=raw if isinstance(raw, str) and raw.startswith("sample:") else png(picture),
            options={
                "quickshift": None if quickshift is None else asdict(quickshift),
                "off_state": off_state,
                "target": target,
            },
        )

    def top(self, picture: Picture) -> list[tuple[str, float]]:
        """The five likeliest classes with their probabilities."""
        return [(self.classes[number], probability) for number, probability in self._top(picture)]

    @torch.inference_mode()
    def _top(self, picture: Picture) -> list[tuple[int, float]]:
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            logits = self._network(self._input.prepare(picture)[None].contiguous(memory_format=torch.channels_last))
        best = logits.float().softmax(1)[0].topk(min(5, len(self.classes)))
        return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))

    @torch.inference_mode()
    def seconds_per_picture(self) -> float:
        """Measured now, on a batch of 16 and after a first one to warm up."""
        batch = torch.zeros(16, 3, self._input.crop, self._input.crop).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            self._network(batch)
            started = time.perf_counter()
            self._network(batch)
        return (time.perf_counter() - started) / len(batch)

    def _read(self, raw: bytes | Picture | str) -> Picture:
        if isinstance(raw, np.ndarray):
            if raw.ndim != 3 or raw.shape[2] != 3 or raw.dtype != np.uint8:
                raise InvalidInput(f"Got an array of {raw.shape} {raw.dtype}; give (height, width, 3) of uint8.")
            return raw
        if isinstance(raw, str) and raw.startswith("sample:"):
            return read_picture(sample(raw.removeprefix("sample:")))
        if isinstance(raw, str):
            try:
                raw = Path(raw).read_bytes()
            except OSError as error:
                raise InvalidInput(f"The picture {raw[-80:]} cannot be read ({type(error).__name__}).") from None
        return read_picture(raw)

    def _target(self, picture: Picture, target: int | str | None) -> int:
        if isinstance(target, str):
            if target not in self.classes:
                raise InvalidInput(f"This model has no class {target[:60]!r}; its likeliest ones are shown above.")
            return self.classes.index(target)
        rank = target or 0
        if not 0 <= rank < min(5, len(self.classes)):
            raise InvalidInput(f"Got class rank {rank}; choose one of the top five, 0 to 4.")
        return self._top(picture)[rank][0]


def _blurred(picture: Picture) -> Picture:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(picture, (BLUR, BLUR, 0)), dtype=np.uint8)


def load(model_id: str, *, path: Path | None = None, on_progress: Progress | None = None) -> ImageModel:
    """The model with this id; `path` is a folder for ours, a weights file (.pth, .safetensors) for the others.

    A torchvision classifier's weights come from `path`, else from a file in the folder GLIDER_WEIGHTS whose name
    begins with the model's, else from the cache, else from PyTorch's own address, with its hash checked.

    Raises:
        ModelUnavailable: no such classifier; weights missing, damaged or another model's; or no network.
    """
    name = model_id.partition("/")[2]
    if name == "small50":
        return _load_small(model_id, path or ASSETS / model_id)
    if name == TENSORFLOW:
        file = path or local_file(name)
        if file is None:
            raise ModelUnavailable(f"There is no download of {name}; {_way_in(name)}.")
        # Its classes are ImageNet's, whose names come with torchvision's own weights.
        network, classes = mobilenet_v2(1000), _weights_enum("mobilenet_v2").meta["categories"]
        identity = _fill(network, file)
        seen = Input(None, 224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
        return ImageModel(model_id, "MobileNetV2", network, tuple(classes), seen, identity)
    weights = _weights_enum(name)
    if path is not None or (path := local_file(name)) is not None:
        file = path
    else:
        file = fetch(weights.url, folder="image", sha256=_hash_in(weights.url), on_progress=on_progress)
    if file.name == Path(weights.url).name:
        check_hash(file, _hash_in(weights.url))
    network = import_torchvision().models.get_model(name, weights=None)
    transforms = weights.transforms()
    seen = Input(
        int(transforms.resize_size[0]), int(transforms.crop_size[0]), tuple(transforms.mean), tuple(transforms.std)
    )
    identity = _fill(network, file)
    return ImageModel(model_id, name, network, tuple(weights.meta["categories"]), seen, identity)


def missing(model_id: str) -> str:
    """What keeps a torchvision classifier from running without network; asks no torchvision, which is slow to load."""
    name = model_id.partition("/")[2]
    if local_file(name) or list((cache_folder() / "image").glob(f"{name}-*.pth")):
        return ""
    return f"its weights; {_way_in(name)}" + ("" if name == TENSORFLOW else ", or load it once with network")


def local_file(name: str) -> Path | None:
    """A file of this model's weights in the folder that GLIDER_WEIGHTS names."""
    folder = os.environ.get("GLIDER_WEIGHTS")
    if not folder or not Path(folder).is_dir():
        return None
    pattern = re.compile(rf"{re.escape(name)}([-.]|_imagenet)(.*\.)?(pth|safetensors)")
    return next((file for file in sorted(Path(folder).iterdir()) if pattern.fullmatch(file.name)), None)


def _way_in(name: str) -> str:
    return f"put a file {name}*.safetensors or .pth into the folder that GLIDER_WEIGHTS names"


def is_known(name: str) -> bool:
    """Whether torchvision has a classifier of this name."""
    models = import_torchvision().models
    return name in models.list_models(module=models)


def _weights_enum(name: str) -> Any:
    models = import_torchvision().models
    if name not in models.list_models(module=models):
        raise ModelUnavailable(
            f"torchvision has no classifier {name[:60]!r}; its names are like resnet152, resnet18, mobilenet_v2."
        )
    enum: Any = models.get_model_weights(name)
    return enum.DEFAULT


def _hash_in(url: str) -> str:
    """The digits of the SHA-256 that PyTorch writes into the names of its files."""
    found = re.search(r"-([0-9a-f]{8,})\.pth$", url)
    if found is None:
        raise ModelUnavailable(f"The address {url} names no hash; download the file yourself and give its path.")
    return found[1]


def _fill(network: nn.Module, file: Path) -> str:
    """Load the file's weights into the network; their identity."""
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    if file.suffix == ".safetensors":
        needed = {name: shape for name, shape in wanted.items() if not name.endswith("num_batches_tracked")}
        tensors, identity = load_weights(file, needed, optional=wanted)
        network.load_state_dict({**network.state_dict(), **tensors})
        return identity
    try:
        raw = file.read_bytes()
        tensors = torch.load(file, map_location="cpu", weights_only=True)
        if not isinstance(tensors, dict) or not all(isinstance(value, Tensor) for value in tensors.values()):
            raise ValueError("no table of tensors")
    except OSError as error:
        raise ModelUnavailable(f"The weights {file.name} cannot be read ({type(error).__name__}).") from None
    except Exception as error:  # zip, pickle and PyTorch each have their own for a damaged or a hostile file
        raise ModelUnavailable(
            f"The weights {file.name} are damaged, truncated or not plain weights ({type(error).__name__}). "
            "Fetch the file again."
        ) from None
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        first = str(error).splitlines()[1:2] or [""]
        raise ModelUnavailable(f"The weights {file.name} are another model's:{first[0][:160]}") from None
    return hashlib.sha256(raw).hexdigest()


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
    identity = _fill(network, folder / "weights.safetensors")
    seen = Input(None, SIZE, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    # In bfloat16 its logits are off by 0.1 (spread over masks: 1.8), which is the size of small interactions.
    return ImageModel(model_id, "Small classifier", network, tuple(classes), seen, identity, bfloat16=False)
