"""The inputs on which experiments stand: each domain's examples, or the first rows of a table."""

from __future__ import annotations

from typing import Any

from glider_core.domains import DOMAINS


def inputs_of(model_id: str, limit: int) -> list[Any]:
    """At most so many inputs of a model: its domain's examples; of a table, whose rows are numbered, the first rows."""
    examples = list(DOMAINS[model_id.partition("/")[0]].examples(model_id).values())
    return (examples or list(range(limit)))[:limit]
