"""The models that Glider knows: what there is, and how to load one by its id `<domain>/<name>`."""

from __future__ import annotations

import importlib
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from glider_core.domains import DOMAINS
from glider_core.domains.base import Model, ModelEntry, Progress, Tier
from glider_core.errors import ModelUnavailable
from glider_core.shipped import ASSETS


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A line of the model list."""

    id: str
    title: str
    tier: Tier
    available: bool  # can be loaded right now, without network
    detail: str  # what it is, or why it is not available


def entries() -> dict[str, ModelEntry]:
    """Every domain's models by their ids."""
    return {model_id: entry for domain in DOMAINS.values() for model_id, entry in domain.models.items()}


def find_entry(model_id: str) -> ModelEntry | None:
    """The model's entry; a domain may know more names than it lists (`Domain.more`)."""
    domain, _, name = model_id.partition("/")
    if domain not in DOMAINS:
        return None
    more = DOMAINS[domain].more
    return DOMAINS[domain].models.get(model_id) or (more(name) if more else None)


def list_models() -> list[ModelInfo]:
    """Every model Glider knows, with whether it can be used right now without network."""
    return [_info(model_id, entry) for model_id, entry in entries().items()]


def model_info(model_id: str) -> ModelInfo | None:
    """The same of one model, whether it is listed or not; None: there is no such model."""
    entry = find_entry(model_id)
    return None if entry is None else _info(model_id, entry)


def _info(model_id: str, entry: ModelEntry) -> ModelInfo:
    module = None if entry.tier == "shipped" else importlib.import_module(entry.module)
    if module is not None and hasattr(module, "missing"):
        missing = module.missing(model_id)
    elif entry.recipe is None:  # it has no weights of its own that could be missing
        missing = ""
    else:
        missing = "" if (ASSETS / model_id / "weights.safetensors").is_file() else f"its files, in assets/{model_id}"
    detail = f"{entry.detail}. Missing: {missing}" if missing else entry.detail
    return ModelInfo(id=model_id, title=entry.title, tier=entry.tier, available=not missing, detail=detail)


_Key = tuple[str, Path | None]
_loaded: dict[_Key, Model] = {}
# A lock for each model, so that one that is being downloaded holds up nobody who wants another.
_loading: defaultdict[_Key, threading.Lock] = defaultdict(threading.Lock)
_table = threading.Lock()


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
    with _table:
        lock = _loading[key]
    with lock:
        if key not in _loaded:
            module = importlib.import_module(entry.module)
            _loaded[key] = module.load(model_id, path=key[1], on_progress=on_progress)
        return _loaded[key]


def loaded_id(model: Model) -> str | None:
    """The id by which another process can load this very model; None of one that is not from `load_model`."""
    with _table:
        known = list(_loading)
    return next((key[0] for key in known if key[1] is None and _loaded.get(key) is model), None)
