"""What the picture of an own function needs: nothing but whether its features are what they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glider_core.payload import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionPayload(Payload):
    """Of a function; the names of its features stand in the explanation."""

    domain: ClassVar[str] = "function"

    values: tuple[str, ...] = ()  # of each feature, where there is more to say than "on"

    def fits(self, d: int) -> bool:
        """A value is of a feature, where there are values at all."""
        return len(self.values) in (0, d)
