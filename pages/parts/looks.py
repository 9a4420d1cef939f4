"""What is looked at in a result, as an address says it: the chosen set, what is switched off, the picture's view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import glider_core as gl

NAMES = ("set", "off", "view", "layer", "book")  # in an address: what no run depends on
_MOST = 5000  # features


@dataclass(frozen=True, slots=True)
class Look:
    """A chosen set and switched-off features, by places of features: a result that is found anew may number its sets
    otherwise."""

    chosen: tuple[int, ...] = ()
    off: tuple[int, ...] = ()

    @staticmethod
    def of(explanation: gl.Explanation, chosen: int | None, off: Sequence[int]) -> Look:
        """What is chosen and off in an explanation; `chosen` is the position of an interaction."""
        features = () if chosen is None else explanation.interactions[chosen].features
        return Look(features, tuple(sorted(off)))

    @staticmethod
    def from_query(query: Mapping[str, str]) -> Look:
        """What an address says, as far as it makes sense."""
        return Look(_places(query.get("set", "")), _places(query.get("off", "")))

    def to_query(self) -> dict[str, str]:
        """The parameters of an address."""
        told = {"set": "-".join(map(str, self.chosen)), "off": "-".join(map(str, self.off))}
        return {name: value for name, value in told.items() if value}

    def within(self, explanation: gl.Explanation) -> tuple[int | None, list[int]]:
        """Position of the chosen interaction and features that are off, as far as an explanation has them."""
        numbers = (n for n, each in enumerate(explanation.interactions) if each.features == self.chosen)
        return next(numbers, None), [i for i in self.off if i < len(explanation.names)]


def of(query: Mapping[str, str]) -> dict[str, str]:
    """What an address says of what is looked at alone."""
    return {name: value for name, value in query.items() if name in NAMES}


def without(query: Mapping[str, str]) -> dict[str, str]:
    """What an address says of the case alone."""
    return {name: value for name, value in query.items() if name not in NAMES}


def _places(told: str) -> tuple[int, ...]:
    parts = told.split("-") if told else []
    readable = len(parts) <= _MOST and all(part.isascii() and part.isdecimal() and len(part) < 7 for part in parts)
    return tuple(sorted(set(map(int, parts)))) if readable else ()
