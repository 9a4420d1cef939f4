"""torchvision's classifiers, by their names, with their own weights, classes and transforms."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from glider_core.compat import import_torchvision
from glider_core.domains.base import Progress
from glider_core.domains.image.framing import Input
from glider_core.domains.image.network import mobilenet_v2
from glider_core.downloads import cache_folder, check_hash, fetch
from glider_core.errors import ModelUnavailable
from glider_core.weights import load_weights

# Google's MobileNetV2 as converted from TensorFlow Lite: other padding and scaling than torchvision's own.
TENSORFLOW = "mobilenet_v2_tf"

Parts = tuple[nn.Module, tuple[str, ...], Input, str]  # network, names of its classes, its input, its weights' identity


def imagenet_names() -> tuple[str, ...]:
    """Names of ImageNet's 1000 classes in their usual order, as they come with torchvision's own weights."""
    return tuple(_weights_enum("mobilenet_v2").meta["categories"])


def load_classifier(name: str, *, path: Path | None = None, on_progress: Progress | None = None) -> Parts:
    """The network of this name with its weights.

    They come from `path`, else from a file in the folder GLIDER_WEIGHTS whose name begins with the network's, else from
    the cache, else from PyTorch's own address, with their hash checked.

    Raises:
        ModelUnavailable: no such classifier; weights missing, damaged or another model's; or no network.
    """
    if name == TENSORFLOW:
        file = path or local_file(name)
        if file is None:
            raise ModelUnavailable(f"There is no download of {name}; {_way_in(name)}.")
        network, classes = mobilenet_v2(1000), imagenet_names()
        return network, classes, Input(None, 224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)), fill(network, file)
    weights = _weights_enum(name)
    file = path or local_file(name)
    if file is None:
        file = fetch(weights.url, folder="image", sha256=_hash_in(weights.url), on_progress=on_progress)
    if file.name == Path(weights.url).name:
        check_hash(file, _hash_in(weights.url))
    network = import_torchvision().models.get_model(name, weights=None)
    return network, tuple(weights.meta["categories"]), input_of(name), fill(network, file)


def input_of(name: str) -> Input:
    """What the network of this name wants to see, as its own transforms say."""
    transforms = _weights_enum(name).transforms()
    return Input(
        int(transforms.resize_size[0]),
        int(transforms.crop_size[0]),
        tuple(transforms.mean),
        tuple(transforms.std),
        interpolation=transforms.interpolation.value,
    )


def missing_weights(name: str) -> str:
    """What keeps a classifier from running without network; asks no torchvision, which is slow to load."""
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


def is_known(name: str) -> bool:
    """Whether torchvision has a classifier of this name."""
    models = import_torchvision().models
    return name in models.list_models(module=models)


def fill(network: nn.Module, file: Path) -> str:
    """Load the file's weights into the network; their identity.

    Raises:
        ModelUnavailable: the file is damaged, holds more than plain weights, or another model's.
    """
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


def _way_in(name: str) -> str:
    return f"put a file {name}*.safetensors or .pth into the folder that GLIDER_WEIGHTS names"


def _weights_enum(name: str) -> Any:
    if not is_known(name):
        raise ModelUnavailable(
            f"torchvision has no classifier {name[:60]!r}; its names are like resnet152, resnet18, mobilenet_v2."
        )
    enum: Any = import_torchvision().models.get_model_weights(name)
    return enum.DEFAULT


def _hash_in(url: str) -> str:
    """The digits of the SHA-256 that PyTorch writes into the names of its files."""
    digits = re.search(r"-([0-9a-f]{8,})\.pth$", url)
    if digits is None:
        raise ModelUnavailable(f"The address {url} names no hash; download the file yourself and give its path.")
    return digits[1]
