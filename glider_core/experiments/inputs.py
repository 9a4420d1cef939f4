"""The inputs on which experiments stand: each domain's examples, or the first rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glider_core.domains import DOMAINS

_SLOW = {"image/small50": (2, 2000)}  # so many inputs and masks do, of models that take long to answer


def enough_for(model_id: str, inputs: int, masks: int) -> tuple[int, int]:
    """Inputs and masks that a model is measured on, of as many as are asked for."""
    few = _SLOW.get(model_id, (inputs, masks))
    return min(inputs, few[0]), min(masks, few[1])


def fewer_masks(entry: Mapping[str, Any]) -> str:
    """What a table adds to the number of inputs where an entry of a result has "masks" of its own, fewer than asked."""
    return f"; {entry['masks']} masks" if "masks" in entry else ""


def inputs_of(model_id: str, limit: int) -> list[Any]:
    """At most so many inputs of a model: its domain's examples; of a table, whose rows are numbered, the first rows."""
    examples = list(DOMAINS[model_id.partition("/")[0]].examples(model_id).values())
    return (examples or list(range(limit)))[:limit]
