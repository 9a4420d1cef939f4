"""The list of models: what ships is there, small, and described."""

import pytest

import glider_core as gl
from glider_core.models import entries
from glider_core.shipped import ASSETS

TRAINED = sorted(model_id for model_id, entry in entries().items() if entry.recipe is not None)


def test_every_shipped_model_is_available() -> None:
    models = {model.id: model for model in gl.list_models()}
    assert len([model for model in models.values() if model.tier == "shipped"]) >= 7
    assert all(model.available for model in models.values() if model.tier == "shipped")


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
