"""The list of models: what ships is there, small, and described."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import glider_core as gl
from glider_core import models
from glider_core.models import entries
from glider_core.shipped import ASSETS

TRAINED = sorted(model_id for model_id, entry in entries().items() if entry.recipe is not None)


def test_every_shipped_model_is_available() -> None:
    listed = {model.id: model for model in gl.list_models()}
    assert len([model for model in listed.values() if model.tier == "shipped"]) >= 7
    assert all(model.available for model in listed.values() if model.tier == "shipped")


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(gl.ModelUnavailable, match="dna/cnn"):
        gl.load_model("dna/transformer")


@pytest.mark.parametrize("model_id", TRAINED)
def test_weights_that_we_trained_are_small_and_have_a_card_with_terms(model_id: str) -> None:
    files = list((ASSETS / model_id).iterdir())
    assert sum(file.stat().st_size for file in files) < 12e6
    card = (ASSETS / model_id / "README.md").read_text(encoding="utf-8")
    for fact in ("| data |", "| terms |", "| seed |", "| recipe |"):
        assert fact in card, fact


def test_a_model_that_is_being_fetched_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """One slow download; meanwhile another model loads, and a second asker of the same one gets the same object."""
    begun, finish = threading.Event(), threading.Event()
    loads: list[str] = []

    class Slow:
        @staticmethod
        def load(model_id: str, *, path: Path | None, on_progress: object) -> object:
            loads.append(model_id)
            begun.set()
            assert finish.wait(60)
            return object()

    original = models.importlib.import_module
    monkeypatch.setattr(
        models.importlib, "import_module", lambda name: Slow if name.endswith("distilbert") else original(name)
    )
    monkeypatch.setattr(models, "_loaded", {})
    with ThreadPoolExecutor(2) as pool:
        askers = [pool.submit(gl.load_model, "sentiment/distilbert") for _ in range(2)]
        assert begun.wait(60)
        try:
            assert gl.load_model("graph/karate").id == "graph/karate"
            assert not any(asker.done() for asker in askers)
        finally:
            finish.set()
        first, second = (asker.result(60) for asker in askers)
    assert first is second
    assert loads == ["sentiment/distilbert"]
