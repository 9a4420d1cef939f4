"""The visitor: whose private token a browser brings along, and what is kept for it on the disk of the server.

The token is a cookie that `gate` gives to each browser. It is in no address, so that a link that is shared shows what
its writer asked, and gives away nothing that is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeGuard

import streamlit as st

import glider_core as gl
from glider_core.drawings.text import markdown
from glider_core.keeping import Keeper, Kept, Limits

COOKIE = "glider_visitor"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes
_LOST = "visitor.lost"  # of the session: by kind, a sentence on what could not be restored
_PROBLEMS = "visitor.problems"  # of the session: by kind, why it is not kept
_DELETED = "visitor.deleted"  # of the session: how often the visitor had all deleted


def is_token(text: Any) -> TypeGuard[str]:
    """Whether this is a token as `gate` gives it."""
    return isinstance(text, str) and _TOKEN.fullmatch(text) is not None


def keeper() -> Keeper | None:
    """What keeps for this visitor, also from a worker's thread once it is made; None: nothing is kept.

    Nothing is kept where the browser takes no cookies, or where the server was told to keep nothing.
    """
    token, limits = st.context.cookies.get(COOKIE), Limits.of_environment()
    return Keeper(token, limits=limits) if is_token(token) and limits.age > 0 else None


def keep(
    kind: str, *, name: str = "", meta: Mapping[str, Any] | None = None, files: Mapping[str, bytes] | None = None
) -> None:
    """Keep this for the visitor, in place of what was kept of its kind; where it cannot be, `note` says so.

    Args:
        kind: lower-case words with dots between them; a visitor has one of each: "table", "table.model".
        name: as the visitor calls it, such as the name of the uploaded file.
        meta: JSON values.
        files: contents by part; weights as safetensors.
    """
    mine, problems = keeper(), st.session_state.setdefault(_PROBLEMS, {})
    for told in (problems, st.session_state.get(_LOST, {})):
        told.pop(kind, None)
    if mine is not None:
        try:
            mine.keep(kind, name=name, meta=meta, files=files)
        except gl.GliderError as error:
            problems[kind] = str(error)


def kept(kind: str) -> Kept | None:
    """What is kept of a kind for this visitor; None: nothing.

    Raises:
        GliderError: something is, but cannot be read; the sentence is for the visitor.
    """
    mine = keeper()
    return None if mine is None else mine.kept(kind)


def content(thing: Kept, part: str) -> bytes:
    """The content of one part of what is kept.

    Raises:
        GliderError: it is gone or damaged; the sentence is for the visitor.
    """
    mine = keeper()
    if mine is None:
        raise gl.InvalidInput(f"{thing.name or thing.kind} is not kept any more.")
    return mine.read(thing, part)


def forget(kind: str | None = None) -> None:
    """Delete what is kept of a kind for this visitor, by default everything.

    Raises:
        GliderError: it cannot be deleted.
    """
    mine = keeper()
    if mine is not None:
        mine.forget(kind)


def lost(kind: str, problem: object) -> None:
    """Note a sentence on what was kept of a kind and cannot be restored.

    `tell_lost` says it until something of the kind is kept anew.
    """
    st.session_state.setdefault(_LOST, {})[kind] = str(problem)


def tell_lost() -> None:
    """Say what could not be restored."""
    for sentence in st.session_state.get(_LOST, {}).values():
        st.warning(markdown(sentence), icon=":material/restore_page:")


def key(name: str) -> str:
    """The key of an upload's widget: another one once the visitor had all deleted, so that it is empty again."""
    deleted = st.session_state.get(_DELETED, 0)
    return f"{name}.{deleted}" if deleted else name


def note(*kinds: str) -> str:
    """A sentence on what becomes of things of these kinds; Markdown."""
    problems = st.session_state.get(_PROBLEMS, {})
    if problem := next((problems[kind] for kind in kinds if kind in problems), ""):
        return f":material/warning: {markdown(problem)} It is gone when the server restarts or the page is closed."
    mine = keeper()
    if mine is None:
        return "Nothing is kept here: what you upload and train is gone when the server restarts or the page is closed."
    return (
        f"Kept for this browser alone, on the server's disk, until {mine.limits.age / 86_400:g} days after it was last "
        "used; to be deleted in the side bar."
    )


def panel(also: Callable[[], None] = lambda: None) -> None:
    """What is kept of the visitor, and one button that deletes all of it; nothing, where nothing is kept.

    Args:
        also: deletes what is kept elsewhere; may raise GliderError.
    """
    mine = keeper()
    things = [] if mine is None else mine.everything()
    if mine is None or not things:
        return
    named = list(dict.fromkeys(thing.name for thing in things if thing.name))
    ends = datetime.now() + timedelta(seconds=mine.limits.age)
    size = max(sum(thing.size for thing in things) / 1e6, 0.1)
    st.caption(
        f"Kept for this browser: {markdown(', '.join(named)[:200]) or 'results'}, {size:.1f} MB, until "
        f"{ends.day} {ends:%B} unless it is used again."
    )
    st.button(
        "Delete all of it", icon=":material/delete:", key="visitor.delete", on_click=_delete, args=(mine, also),
        help="Deletes your uploads, models, results and cases from the server's disk and from this visit.",
    )  # fmt: skip


def _delete(mine: Keeper, also: Callable[[], None]) -> None:
    """Delete all from the disk and from this visit."""
    try:
        mine.forget()
        also()
    except gl.GliderError as error:
        lost("visitor", error)
        return
    deleted = st.session_state.get(_DELETED, 0) + 1
    st.session_state.clear()
    st.session_state[_DELETED] = deleted
