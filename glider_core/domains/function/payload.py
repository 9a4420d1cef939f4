"""What the picture of an own model needs: the features' values, and how its answer is to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import TypeAdapter

from glider_core.payload import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionPayload(Payload):
    """Of a function; the names of its features stand in the explanation."""

    domain: ClassVar[str] = "function"

    values: tuple[str, ...] = ()  # of each feature, where there is more to say than "on"
    known: tuple[bool, ...] = ()  # of each feature, whether the model has met its value; empty: nothing is known of it
    notes: tuple[str, ...] = ()  # how input and answer were read, in sentences
    unit: str = ""  # of an effect, such as "logits"; empty: the domain's

    def grouped(self, members: Sequence[Sequence[int]], names: Sequence[str]) -> FunctionPayload:
        """A group of features has all of their values."""
        values = tuple(" · ".join(self.values[i] for i in inside) for inside in members) if self.values else ()
        known = tuple(all(self.known[i] for i in inside) for inside in members) if self.known else ()
        return replace(self, values=values, known=known)

    def fits(self, d: int) -> bool:
        """A value is of a feature, where there are values at all."""
        return len(self.values) in (0, d) and len(self.known) in (0, d)

    def unknown(self) -> tuple[int, ...]:
        """Positions of features whose value does not stand in the table that the model reads."""
        return tuple(place for place, known in enumerate(self.known) if not known)

    def remarks(self) -> tuple[str, ...]:
        """How input and answer were read."""
        return self.notes

    def to_json(self) -> bytes:
        """The record as JSON, without what is as usual."""
        return TypeAdapter(type(self)).dump_json(self, exclude_defaults=True)
