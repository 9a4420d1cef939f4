"""The state of a page whose choices stand in the address bar: a dataclass of fields that know their form there."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

import streamlit as st

from pages.parts import unknown
from pages.parts.state import left
from pages.parts.ties import chosen, tied

Texts = Mapping[str, Sequence[str]]  # of an address: the values of each name
Read = Callable[[Sequence[str]], Any]  # raises ValueError for values that make no sense
STALE_SECONDS = 1.0  # in which a browser may still send the address that was just replaced


def linked(name: str, default: Any, read: Read, *, always: bool = False) -> Any:
    """A field that stands in the address.

    Args:
        name: in the address.
        default: its value where the address says nothing, or nothing that makes sense.
        read: its value from what the address says.
        always: whether it stands there with its default, too.
    """
    return field(default=default, metadata={"name": name, "read": read, "always": always})


def text(values: Sequence[str]) -> str:
    """The last of the values."""
    return values[-1]


def texts(values: Sequence[str]) -> tuple[str, ...]:
    """All values."""
    return tuple(values)


def switch(values: Sequence[str]) -> bool:
    """Whether it is on."""
    return values[-1] == "1"


def choice_of(known: Collection[Any]) -> Read:
    """One of these."""
    by_text = {str(value): value for value in known}

    def read(values: Sequence[str]) -> Any:
        if values[-1] not in by_text:
            raise ValueError(values[-1])
        return by_text[values[-1]]

    return read


def whole_number(low: int, high: int) -> Read:
    """A number, brought into a range."""

    def read(values: Sequence[str]) -> int:
        if not values[-1].isdecimal() or len(values[-1]) > 10:
            raise ValueError(values[-1])
        return min(max(int(values[-1]), low), high)

    return read


@dataclass
class LinkedState:
    """What a page asks and shows. It outlives the page's widgets, which are gone while another page is open."""

    PAGE: ClassVar[str]  # in front of the keys of its widgets

    address: dict[str, list[str]] = field(default_factory=dict)  # as last written
    former_address: dict[str, list[str]] = field(default_factory=dict)  # the one before it
    written_at: float = 0.0  # seconds of time.monotonic

    @classmethod
    def of_visit(cls) -> Self:
        """The state of this visit if the page was open before, else of the address.

        An address that differs from the one that was written last is a link, or one that the visitor went back to.
        """
        left()  # to a page of the other kind, this one is another page
        query = {name: st.query_params.get_all(name) for name in st.query_params}
        key = f"glider.{cls.PAGE}"
        state: Self | None = st.session_state.get(key)
        if state is None:
            state = st.session_state[key] = cls()
            unread = state.take(query)
            known = {place.metadata["name"] for place in fields(cls) if "read" in place.metadata}
            unknown.note((name for name in query if name not in known), unread)
        elif query and query != state.address and not state._is_stale(query):
            state.take(query)
        return state

    def take(self, query: Texts) -> list[str]:
        """Become what an address says, as far as it makes sense; the parameters whose values make none."""
        unread = []
        for place in fields(self):
            if "read" not in place.metadata:
                continue
            value, values = place.default, query.get(place.metadata["name"])
            if values:
                try:
                    value = place.metadata["read"](values)
                except ValueError:
                    unread.append(place.metadata["name"])
            setattr(self, place.name, value)
        return unread

    def to_query(self) -> dict[str, list[str]]:
        """What the address says of this state."""
        query: dict[str, list[str]] = {}
        for place in fields(self):
            value = getattr(self, place.name)
            if "read" in place.metadata and (place.metadata["always"] or value != place.default):
                query[place.metadata["name"]] = _texts_of(value)
        return query

    def link(self, query: Mapping[str, list[str]]) -> None:
        """Write the address bar, which is empty when the visitor comes from another page."""
        if query != self.address:
            self.former_address, self.address, self.written_at = self.address, dict(query), time.monotonic()
        st.query_params.from_dict(self.address)

    def tie(self, name: str, *, usual: Any = None, then: Callable[[], object] | None = None) -> dict[str, Any]:
        """Keyword arguments that make a widget show and set the field of this name.

        Args:
            name: of a field.
            usual: what the widget shows as long as the field is None.
            then: called when the visitor has changed it, before the page is drawn.
        """
        value = getattr(self, name)
        value = usual if value is None else value
        key = f"{self.PAGE}.{name}"

        def changed() -> None:
            now = chosen(key)
            if now is None and self.__dataclass_fields__[name].default is not None:
                return  # a browser that draws a choice anew may tell of none for a moment
            setattr(self, name, tuple(now) if isinstance(now, list) else now)
            if then is not None:
                then()

        return tied(key, list(value) if isinstance(value, tuple) else value, changed) | {"on_change": changed}

    def _is_stale(self, query: Texts) -> bool:
        """Whether the browser sent the address that it had before it heard of the latest one."""
        return query == self.former_address and time.monotonic() - self.written_at < STALE_SECONDS


def _texts_of(value: Any) -> list[str]:
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return [str(int(value)) if isinstance(value, bool) else str(value)]
