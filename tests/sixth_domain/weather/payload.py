"""What the picture of a day needs: its signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from glider_core.payload import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherPayload(Payload):
    """The signs of a day, in order."""

    domain: ClassVar[str] = "weather"

    signs: tuple[str, ...]
