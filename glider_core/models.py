"""The models that Glider knows: what there is, and how to load one by its id `<domain>/<name>`."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

from glider_core import domains
from glider_core.engine.instance import Instance
from glider_core.errors import ModelUnavailable

ASSETS = Path(__file__).resolve().parent.parent / "assets"
Tier = Literal["shipped", "paper", "own"]
Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0: unknown)


class Model(Protocol):
    """A trained black box that turns raw input into instances."""

    id: str
    title: str

    def instance(self, raw: Any, /, **options: Any) -> Instance:
        """The raw input (text, sequence, ...) as an instance; raises InvalidInput when it cannot be one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """How a domain announces a model, in the `MODELS` of its package.

    Its module has `load(model_id, *, path, on_progress) -> Model`. A model that is not shipped also has
    `missing(model_id) -> str` there: why it cannot be loaded without network, or nothing.
    """

    title: str
    tier: Tier
    detail: str
    module: str
    recipe: str | None = None  # module with train(data, out, *, seed), for a model that we trained


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A line of the model list."""

    id: str
    title: str
    tier: Tier
    available: bool  # can be loaded right now, without network
    detail: str  # what it is, or why it is not available


@cache
def entries() -> dict[str, ModelEntry]:
    """Every domain's models by their ids."""
    found: dict[str, ModelEntry] = {}
    for package in pkgutil.iter_modules(domains.__path__, f"{domains.__name__}."):
        found |= importlib.import_module(package.name).MODELS
    return found


def find_entry(model_id: str) -> ModelEntry | None:
    """The model's entry; a domain may know more names than it lists (`more(name)` in its package)."""
    if model_id in entries():
        return entries()[model_id]
    domain, _, name = model_id.partition("/")
    if not any(domain == known.partition("/")[0] for known in entries()):
        return None
    package = importlib.import_module(f"{domains.__name__}.{domain}")
    return package.more(name) if hasattr(package, "more") else None


def list_models() -> list[ModelInfo]:
    """Every model Glider knows, with whether it can be used right now without network."""
    return [_info(model_id, entry) for model_id, entry in entries().items()]


def _info(model_id: str, entry: ModelEntry) -> ModelInfo:
    if entry.tier == "shipped":
        missing = "" if (ASSETS / model_id / "weights.safetensors").is_file() else f"its files, in assets/{model_id}"
    else:
        missing = importlib.import_module(entry.module).missing(model_id)
    detail = f"{entry.detail}. Missing: {missing}" if missing else entry.detail
    return ModelInfo(id=model_id, title=entry.title, tier=entry.tier, available=not missing, detail=detail)


_loaded: dict[tuple[str, Path | None], Model] = {}
_loading = threading.Lock()


def load_model(model_id: str, *, path: str | Path | None = None, on_progress: Progress | None = None) -> Model:
    """The model with this id, loaded once per process.

    Args:
        model_id: as in `list_models`.
        path: a local file or folder of its weights, to be read instead of the shipped, cached or downloaded ones.
        on_progress: called while weights are downloaded.

    Raises:
        ModelUnavailable: no such id; its files are missing or damaged; or they cannot be downloaded.
    """
    entry = find_entry(model_id)
    if entry is None:
        raise ModelUnavailable(f"There is no model {model_id!r:.80}; choose one of {', '.join(entries())}.")
    key = (model_id, None if path is None else Path(path).resolve())
    with _loading:
        if key not in _loaded:
            module = importlib.import_module(entry.module)
            _loaded[key] = module.load(model_id, path=key[1], on_progress=on_progress)
        return _loaded[key]
