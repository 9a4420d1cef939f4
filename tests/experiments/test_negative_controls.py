"""Negative controls: what they do to models that others have loaded."""

from __future__ import annotations

from typing import Any

from glider_core.domains.graph.model import load
from glider_core.experiments import negative_controls
from glider_core.models import load_model


def test_random_weights_do_not_reach_the_model_that_others_get() -> None:
    shared: Any = load_model("graph/karate")
    vars(shared).pop("_predicted", None)  # what it remembers of its nodes, should somebody have asked before
    negative_controls._untrained("graph/karate", 1)
    assert shared.instance("13").identity == load("graph/karate").instance("13").identity
