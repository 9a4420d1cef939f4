"""The formula: clouds and wind together bring rain; sun takes from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from glider_core.cases import Case
from glider_core.engine.instance import FunctionInstance, Instance
from glider_core.errors import InvalidInput
from tests.sixth_domain.weather.payload import WeatherPayload


class Formula:
    """Signs in the sky, as words, to logits of rain."""

    id, title, identity = "weather/formula", "A formula", "formula-1"

    def instance(self, raw: Any, /) -> Instance:
        """The day's signs, one feature each."""
        signs = str(raw).split()
        if len(signs) < 2:
            raise InvalidInput("A day needs at least two signs, such as: clouds wind.")
        clouds, wind, sun = (np.array([sign == name for sign in signs]) for name in ("clouds", "wind", "sun"))

        def rain(masks: np.ndarray) -> np.ndarray:
            return 3.0 * (masks @ clouds) * (masks @ wind) - 1.5 * (masks @ sun) - 0.5

        return FunctionInstance(
            signs,
            rain,
            explained="rain",
            payload=WeatherPayload(signs=tuple(signs)),
            case=Case(domain="weather", model=self.id, raw=raw, identity=self.identity),
        )


def load(model_id: str, **_: Any) -> Formula:
    """The formula; there is nothing to load."""
    return Formula()
