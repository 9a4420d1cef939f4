"""Choosing a model, and fetching one that is not on this machine yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

import glider_core as gl
from glider_core.drawings.text import markdown
from glider_core.models import model_info
from pages.parts import run
from pages.parts.queue import Cost
from pages.parts.ties import tied


def choose(key: str, titles: Mapping[str, str], chosen: str, take: Callable[[str], None]) -> None:
    """Models to choose from; nothing, where there is but one.

    Args:
        key: of the widget.
        titles: of the models, by id.
        chosen: the id of the model that is chosen now; it need not be listed.
        take: called with another id when the visitor has chosen it.
    """
    titles = dict(titles)
    if chosen not in titles and (info := model_info(chosen)) is not None:
        titles[chosen] = info.title
    if len(titles) < 2:
        return

    def changed() -> None:
        take(st.session_state[key])

    st.selectbox("Model", list(titles), format_func=titles.__getitem__, on_change=changed, **tied(key, chosen))


def available(name: str, model_id: str) -> bool:
    """Whether the model can be used now; if not, says how to get it, with a button that fetches it."""
    run.progress(f"{name}.fetch")
    info = model_info(model_id)
    if info is None or info.available:
        return True
    st.info(markdown(info.detail), icon=":material/cloud_download:")
    if st.button("Fetch it", key=f"{name}-fetch", icon=":material/download:"):
        run.start(
            f"{name}.fetch",
            lambda report: gl.load_model(
                model_id, on_progress=lambda done, total: report("fetch", done / total if total else 0.0)
            ),
            doing="Fetching the weights",
            cost=Cost("fetch", guess=60.0),
        )
        st.rerun()
    return False
