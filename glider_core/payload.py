"""A payload: what a domain's picture needs beside the explanation, as a frozen record that can be saved."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from glider_core.errors import InvalidInput
from glider_core.plugins import domain_packages


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """Base of every domain's payload; a subclass names its domain.

    Fields are plain: numbers, texts, bytes, tuples, and frozen dataclasses of these. Arrays are bytes with their shape.
    """

    domain: ClassVar[str] = ""
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    def fits(self, d: int) -> bool:
        """Whether it can be of an instance of d features; asked of what was read from a file, before it is drawn."""
        return True

    def unknown(self) -> tuple[int, ...]:
        """Positions of features that the model has never met, so that what it makes of them means little."""
        return ()

    def remarks(self) -> tuple[str, ...]:
        """What a reader must know of how the input was read, what was assumed or left out; plain sentences."""
        return ()

    def grouped(self, members: Sequence[Sequence[int]], names: Sequence[str]) -> Payload | None:
        """The payload of the same input with features joined; None: it cannot be drawn so, and names alone are shown.

        Args:
            members: the features, by their positions, that each of the new features joins; sorted, every one once.
            names: of the new features.
        """
        return None

    def to_json(self) -> bytes:
        """The record as JSON; `read_payload` gives an equal one back."""
        return _adapter(type(self)).dump_json(self)


def read_payload(domain: str, content: str | bytes) -> Payload:
    """A payload of this domain, from its JSON.

    Raises:
        InvalidInput: there is no such domain here.
        ValidationError: the content is not such a payload.
    """
    return _adapter(payload_type(domain)).validate_json(content)


@cache
def _adapter(kind: type[Payload]) -> TypeAdapter[Any]:
    # Making one takes milliseconds, as long as the rest of a row's identity takes for a hundred rows.
    return TypeAdapter(kind)


def payload_type(domain: str) -> type[Payload]:
    """The class of a domain's payloads.

    Raises:
        InvalidInput: there is no such domain here.
    """
    package = domain_packages().get(domain)
    if package is None:
        raise InvalidInput(
            f"This result is of the domain {domain[:40]!r}, which is not installed here; there are "
            f"{', '.join(domain_packages())}."
        )
    module: Any = importlib.import_module(f"{package}.payload")
    return next(
        member
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Payload) and member.domain == domain
    )
