"""Whose case book a visitor sees, and what goes into it by itself: every finished run of the visit.

A book is of a browser (by its cookie), of a person who has signed in, of everyone where whoever runs the server has
named it, or of those who were given its link. Nobody opens another's.
"""

from __future__ import annotations

import difflib
import hashlib
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

import glider_core as gl
from glider_core.batches import known_label
from glider_core.keeping import Limits
from glider_core.models import find_entry
from glider_core.store import ReviewedBook, Reviewer, Store, default_url
from pages.parts import visitor

OWN, NAMED, SHARED = "", "named:", "shared:"  # of an address: one's own book, in front of a name, in front of a key
MOST_LOOSE = 500  # runs that nobody cared for, in one book
_GUEST = "books.guest"  # of the session: who this is, where nothing is kept
_TAKEN = "books.taken"  # of the session: by page, the explanation that was taken last, and its case
_SIMILAR = 0.5  # of two texts, from which one is an edit of the other
_LONGEST_COMPARED = 2000  # characters
_log = logging.getLogger(__name__)


@dataclass
class _Stores:
    """The process's stores: the kept one, and one in memory for visitors of whom nothing is kept."""

    lock: threading.Lock
    kept: Store | gl.GliderError | None = None
    memory: Store | None = None


_STORES = _Stores(threading.Lock())


def store(*, kept: bool) -> Store:
    """The store of this process.

    Raises:
        GliderError: it cannot be opened; the sentence is for whoever runs the server.
    """
    with _STORES.lock:
        if not kept:
            _STORES.memory = _STORES.memory or Store("sqlite://")
            return _STORES.memory
        if not isinstance(_STORES.kept, Store):  # one that could not be opened is tried again
            _STORES.kept = Store(default_url())
        return _STORES.kept


def owner() -> tuple[str, bool]:
    """What tells this visitor from all others, and whether anything is kept for them."""
    user: Any = st.user
    if getattr(user, "is_logged_in", False):
        return f"user {user.get('iss', '')} {user.get('sub') or user.get('email', '')}", True
    token = st.context.cookies.get(visitor.COOKIE)
    if visitor.is_token(token) and Limits.of_environment().age > 0:
        return f"browser {token}", True
    return st.session_state.setdefault(_GUEST, secrets.token_urlsafe(32)), False


def signed_in_name() -> str:
    """The name of whoever has signed in; nothing for others."""
    user: Any = st.user
    return str(user.get("name") or user.get("email") or "") if getattr(user, "is_logged_in", False) else ""


def own() -> ReviewedBook:
    """The visitor's own book.

    Raises:
        GliderError: the store cannot be used.
    """
    who, kept = owner()
    return store(kept=kept).private_book(who)


def book(choice: str) -> ReviewedBook:
    """The book that an address names.

    Raises:
        InvalidInput: there is none, or the link opens none.
        GliderError: the store cannot be used.
    """
    _, kept = owner()
    if choice.startswith(SHARED):
        return store(kept=kept).shared_book(choice.removeprefix(SHARED))
    if choice.startswith(NAMED):
        name = choice.removeprefix(NAMED)
        if name not in named():
            raise gl.InvalidInput(f"There is no case book {name!r:.60} in this store.")
        return store(kept=True).book(name)
    return own()


def named() -> list[str]:
    """Books that whoever runs the server has named, such as by `glider explain --batch`.

    Raises:
        GliderError: the store cannot be used.
    """
    return store(kept=True).books() if owner()[1] else []


def reviewer(name: str | None = None) -> Reviewer:
    """The visitor as one who judges.

    Args:
        name: to be shown from now on; by default the one that is known.

    Raises:
        GliderError: the store cannot be used.
    """
    who, kept = owner()
    usual = signed_in_name() or f"Reviewer {hashlib.sha256(who.encode()).hexdigest()[:4]}"
    return store(kept=kept).reviewer(who, name, usual=usual)


def take(page: str, explanation: gl.Explanation, model: Any = None) -> None:
    """Keep a finished run in the visitor's book; what cannot be kept is noted in the log, and the page goes on.

    Args:
        page: that it stands on.
        explanation: the result.
        model: one that the page has made itself.
    """
    taken: dict[str, tuple[int, int, Any]] = st.session_state.setdefault(_TAKEN, {})
    former = taken.get(page)
    if former is not None and former[0] == id(explanation):
        return
    try:
        mine = own()
        parent = None if former is None else _parent(former, explanation)
        number = mine.add(explanation, label=_label(explanation, model), parent=parent)
        mine.tidy(age=max(Limits.of_environment().age, 86_400.0), most=MOST_LOOSE)
    except gl.GliderError as error:
        _log.warning("A run is not in the case book: %s", error)
        number = 0
    taken[page] = (id(explanation), number, explanation)


def taken(page: str) -> int | None:
    """The case of the run that stands on a page."""
    kept = st.session_state.get(_TAKEN, {}).get(page)
    return kept[1] or None if kept is not None else None


def recall() -> Callable[[str], gl.Explanation | None]:
    """Looks up a stored result by its fingerprint, from any thread; what cannot be read counts as not there."""
    _, kept = owner()

    def look_up(fingerprint: str) -> gl.Explanation | None:
        try:
            return store(kept=kept).explanation(fingerprint)
        except gl.GliderError as error:
            _log.warning("Stored results cannot be read: %s", error)
            return None

    return look_up


def forget() -> None:
    """Delete the visitor's own book."""
    who, kept = owner()
    store(kept=kept).forget_book(who)


def _label(explanation: gl.Explanation, model: Any) -> str | None:
    """The true label of a row that came with its model."""
    if explanation.domain != "recommender" or type(explanation.case.raw) is not int:
        return None
    if model is None and find_entry(explanation.case.model) is not None:
        model = gl.load_model(explanation.case.model)  # which the page has, too
    return known_label(model, explanation.case.raw)


def _parent(former: tuple[int, int, Any], explanation: gl.Explanation) -> int | None:
    """The case that this one was edited from: the former text of the page, if much of it is left."""
    before, now = former[2].case.raw, explanation.case.raw
    if not isinstance(before, str) or not isinstance(now, str) or before == now or not former[1]:
        return None
    if former[2].domain != explanation.domain:
        return None
    before, now = before[:_LONGEST_COMPARED], now[:_LONGEST_COMPARED]
    return former[1] if difflib.SequenceMatcher(None, before, now).ratio() > _SIMILAR else None
