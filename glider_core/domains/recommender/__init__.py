"""Recommenders: will this user click, buy, rate high? From a row of fields."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from glider_core.domains.base import Domain, ModelEntry
from glider_core.results import Explanation

# Rows, by number, whose fields the model reads together more than most.
EXAMPLES = {
    "recommender/census": {
        "At 79, seven hours a week": 36,
        "At 83, never married": 274,
        "At 63, ten hours a week": 233,
        "A married craftsman of his own": 63,
    },
    "recommender/simulated": {"Three fields at once": 4, "Two pairs": 1},
}


def answer(logits: float) -> str:
    """The model's answer as a probability."""
    return f"{probability(logits):.1%}"


def probability(logits: float) -> float:
    """The probability that a logit means."""
    return 1 / (1 + math.exp(-max(min(logits, 50.0), -50.0)))


def _heading(explanation: Explanation) -> str:
    return f"{explanation.explained}: {answer(explanation.prediction)}"


def _truth(explanation: Explanation) -> str | None:
    """What really happened in the row, where the model's answer is on the other side of 50 %."""
    truth = getattr(explanation.payload, "truth", None)
    if truth is None or truth == (explanation.prediction >= 0):
        return None
    return f"in truth {'yes' if truth else 'no'}"


def _examples(model_id: str) -> Mapping[str, int]:
    return EXAMPLES.get(model_id, {})


def _read(text: str) -> Any:
    """A row's number, or its values as JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


DOMAIN = Domain(
    name="recommender",
    title="Recommender",
    icon="ads_click",
    question="Which fields of a row decide *together* whether someone clicks?",
    feature="field",
    unit="logits",
    answer=answer,
    heading=_heading,
    examples=_examples,
    probability=probability,
    truth=_truth,
    read=_read,
    models={
        "recommender/census": ModelEntry(
            title="AutoInt on Census Income",
            tier="shipped",
            detail="Who earns more than 50,000 dollars a year (1994)",
            module="glider_core.domains.recommender.model",
            recipe="glider_core.domains.recommender.train",
        ),
        "recommender/simulated": ModelEntry(
            title="AutoInt on a simulated click log",
            tier="shipped",
            detail="Clicks of our simulator, whose interactions are known",
            module="glider_core.domains.recommender.model",
            recipe="glider_core.domains.recommender.train",
        ),
    },
)
