"""Choosing a model, and fetching one that is not on this machine yet."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

import glider_core as gl
from glider_core.drawings.text import markdown
from pages.parts import run_panel, training


def select(page: str, domain: str, *, on_change: Callable[[], None] | None = None) -> str:
    """A list of the domain's models; the id of the chosen one. Its key is `<page>.model`."""
    titles = {info.id: info.title for info in gl.list_models() if info.id.startswith(f"{domain}/")}
    if st.session_state.get(f"{page}.model") not in titles:
        st.session_state[f"{page}.model"] = next(iter(titles))
    return st.selectbox("Model", list(titles), format_func=titles.__getitem__, key=f"{page}.model", on_change=on_change)


def ready(page: str, model_id: str) -> gl.Model | None:
    """The model; None after saying how to get it, with a button that fetches it, or why it cannot be loaded."""
    training.panel(page)
    info = next(info for info in gl.list_models() if info.id == model_id)
    if not info.available:
        st.info(markdown(info.detail), icon=":material/cloud_download:")
        if st.button("Fetch it", key=f"{page}.fetch", icon=":material/download:"):
            training.start(
                page,
                lambda report: gl.load_model(
                    model_id, on_progress=lambda done, total: report("fetch", done / total if total else 0.0)
                ),
                doing="Fetching the weights",
            )
            st.rerun()
        return None
    try:
        return run_panel.model(model_id)
    except gl.ModelUnavailable as error:
        st.error(markdown(str(error)), icon=":material/error:")
        return None
