"""Reading a model's weights: safetensors only, checked before use."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor

from glider_core.errors import ModelUnavailable

Shape = tuple[int, ...]


def load_weights(
    path: Path, shapes: Mapping[str, Shape], *, optional: Mapping[str, Shape] | None = None
) -> tuple[dict[str, Tensor], str]:
    """The file's tensors as float32, and its identity (SHA-256).

    Args:
        path: a safetensors file.
        shapes: the tensors that must be in it.
        optional: tensors that may be in it too; no others.

    Raises:
        ModelUnavailable: the file is missing, truncated, no safetensors, or of another model.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ModelUnavailable(f"The weights {_where(path)} are missing; restore them or train them anew.") from None
    except OSError as error:
        raise ModelUnavailable(f"The weights {_where(path)} cannot be read ({error}).") from None
    return read_weights(raw, shapes, optional=optional, name=_where(path)), hashlib.sha256(raw).hexdigest()


def read_weights(
    content: bytes, shapes: Mapping[str, Shape], *, optional: Mapping[str, Shape] | None = None, name: str = ""
) -> dict[str, Tensor]:
    """The tensors of a safetensors file's content as float32.

    Args:
        content: of the file.
        shapes: the tensors that must be in it.
        optional: tensors that may be in it too; no others.
        name: of the file, for errors.

    Raises:
        ModelUnavailable: it is truncated, no safetensors, or of another model.
    """
    try:
        tensors = load_safetensors(content)
    except (SafetensorError, ValueError) as error:
        raise ModelUnavailable(
            f"The weights {name} cannot be read ({error}); the file is damaged or no safetensors. "
            "Restore it or train it anew."
        ) from None
    stored = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    allowed = {*shapes.items(), *(optional or {}).items()}
    wrong = sorted(set(shapes.items()) - set(stored.items()) or set(stored.items()) - allowed)
    if wrong:
        raise ModelUnavailable(
            f"The weights {name} are not this model's: {wrong[0][0]} of shape {wrong[0][1]} does not fit."
        )
    return {name: tensor.float() for name, tensor in tensors.items()}


def _where(path: Path) -> str:
    return "/".join(path.parts[-4:])
