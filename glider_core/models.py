"""The models that ship with Glider: what there is, and how to load one by its id `<domain>/<name>`."""

from __future__ import annotations

import functools
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from glider_core.errors import ModelUnavailable
from glider_core.instance import Instance

ASSETS = Path(__file__).resolve().parent.parent / "assets"


class Model(Protocol):
    """A trained black box that turns raw input into instances."""

    id: str
    title: str

    def instance(self, raw: Any, /, **options: Any) -> Instance:
        """The raw input (text, sequence, ...) as an instance; raises InvalidInput when it cannot be one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A line of the model list."""

    id: str
    title: str
    tier: Literal["shipped", "paper"]
    available: bool  # can be loaded right now, without network
    detail: str  # what it is, or why it is not available


@dataclass(frozen=True, slots=True)
class _Entry:
    title: str
    tier: Literal["shipped", "paper"]
    module: str  # has load(folder: Path) -> Model
    detail: str


_MODELS = {
    "dna/cnn": _Entry(
        "DNA-CNN", "shipped", "glider_core.domains.dna.model", "Binding strength of 36 letters around an E-box"
    ),
    "sentiment/lstm": _Entry(
        "Sentiment-LSTM", "shipped", "glider_core.domains.sentiment.model", "Positive or negative film reviews"
    ),
}


def list_models() -> list[ModelInfo]:
    """Every model Glider knows, with whether it can be used right now without network."""
    return [
        ModelInfo(
            id=model_id,
            title=entry.title,
            tier=entry.tier,
            available=(available := (ASSETS / model_id / "weights.safetensors").is_file()),
            detail=entry.detail if available else f"Its files are missing from assets/{model_id}",
        )
        for model_id, entry in _MODELS.items()
    ]


@functools.cache
def load_model(model_id: str) -> Model:
    """The model with this id, loaded once per process.

    Raises:
        ModelUnavailable: no such id, or its files are missing or damaged.
    """
    if model_id not in _MODELS:
        raise ModelUnavailable(f"There is no model {model_id!r:.80}; choose one of {', '.join(_MODELS)}.")
    return importlib.import_module(_MODELS[model_id].module).load(ASSETS / model_id)
