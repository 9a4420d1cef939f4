"""What of a link its page could not use: said above the page until the visitor looks at something else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import streamlit as st

from glider_core.drawings.text import markdown

_NOTED = "glider.unknown"  # of the session
_MOST, _LONGEST = 5, 40  # names that are told, and characters of one


@dataclass(frozen=True, slots=True)
class _Noted:
    names: tuple[str, ...]  # parameters that the page does not know
    unread: tuple[str, ...]  # those that it knows, with values that make no sense
    shown: tuple[str, dict[str, list[str]]] | None = None  # page and its address, as first drawn with this link


def note(names: Iterable[str], unread: Iterable[str] = ()) -> None:
    """Note what of a link is of no use, when a page is opened for the first time in a visit.

    Args:
        names: parameters that the page does not know.
        unread: those that it knows, with values that make no sense.
    """
    st.session_state[_NOTED] = _Noted(tuple(names), tuple(unread))


def tell(page: str) -> None:
    """Say what was noted, as long as page and address are what the link has made them; to be called after the page.

    Args:
        page: that was drawn, by its address.
    """
    noted: _Noted | None = st.session_state.get(_NOTED)
    if noted is None or not (noted.names or noted.unread):
        return
    now = page, {name: st.query_params.get_all(name) for name in st.query_params}
    if noted.shown is None or _not_yet_written_anew(noted, page):
        st.session_state[_NOTED] = replace(noted, shown=now)
    elif noted.shown != now:
        del st.session_state[_NOTED]
        return
    told = []
    if noted.names:
        told.append(f"This link names {_listed(noted.names)}, which this page does not know.")
    if noted.unread:
        told.append(f"What it says of {_listed(noted.unread)} makes no sense here, so the usual is shown.")
    st.warning(" ".join(told), icon=":material/link_off:")


def _not_yet_written_anew(noted: _Noted, page: str) -> bool:
    """Whether the page had left the address as the link says it, when it was drawn last."""
    assert noted.shown is not None
    return noted.shown[0] == page and not noted.shown[1].keys().isdisjoint(noted.names)


def _listed(names: Collection[str]) -> str:
    shown = [f"**{markdown(name[:_LONGEST] or '(nothing)')}**" for name in list(names)[:_MOST]]
    if more := len(names) - len(shown):
        return f"{', '.join(shown)} and {more:,} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
