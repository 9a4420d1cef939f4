"""Own functions: anything that answers masks, named in the configuration of whoever runs Glider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glider_core.domains.base import Domain, ModelEntry
from glider_core.domains.function.configured import configured
from glider_core.numerals import signed
from glider_core.results import Explanation

MODULE = "glider_core.domains.function.model"
EXAMPLE = "function/umbrella"


def answer(value: float) -> str:
    """The function's answer."""
    return signed(value, 3)


def _heading(explanation: Explanation) -> str:
    unit = " in log-odds" if explanation.scale == "log-odds" else ""
    return f"{explanation.explained}: {signed(explanation.prediction)}{unit}"


def _read(text: str) -> Any:
    """The number of an instance among those that the function makes."""
    return json.loads(text) if text.strip().isdigit() else text


def _more(name: str) -> ModelEntry | None:
    """A function that the configuration names, as `module:function`."""
    if name not in configured():
        return None
    return ModelEntry(title=name, tier="own", detail="Named by who runs Glider", module=MODULE)


def _examples(model_id: str) -> Mapping[str, Any]:
    return {"Worth an umbrella?": 0} if model_id == EXAMPLE else {}


DOMAIN = Domain(
    name="function",
    title="Your model",
    icon="code",
    question="Any function from on/off features to a number can be explained, whatever is inside it.",
    feature="feature",
    unit="units",  # of whatever the function answers
    answer=answer,
    heading=_heading,
    examples=_examples,
    read=_read,
    more=_more,
    models={
        EXAMPLE: ModelEntry(
            title="An example: is it worth taking an umbrella?",
            tier="shipped",
            detail="A formula of five features that anyone can check",
            module=MODULE,
        ),
    },
)
