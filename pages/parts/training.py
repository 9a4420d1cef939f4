"""Training a visitor's own model, or fetching one, in the queue, with progress and cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from glider_core.drawings.text import markdown
from pages.parts.jobs import Job
from pages.parts.run_panel import queue, session_is_open


def start(page: str, work: Callable[[Callable[[str, float], None]], Any], *, doing: str = "Training the model") -> None:
    """Queue the training; `work` gets a function to report a stage and the share of it done."""
    st.session_state[f"{page}.doing"] = doing
    former: Job | None = st.session_state.get(f"{page}.training")
    if former is not None:
        former.cancel()
    st.session_state[f"{page}.training"] = queue().submit(None, work, wanted=session_is_open())
    st.session_state.pop(f"{page}.training_error", None)


def panel(page: str, *, beside: Callable[[], None] | None = None) -> Any:
    """Show the training in progress, if any; its result, once, when it is done.

    Args:
        page: prefix of the session's keys.
        beside: draws what has come in so far, below the bar.
    """
    job: Job | None = st.session_state.get(f"{page}.training")
    result = None
    with st.container():  # one slot, so that what follows keeps its place when a training begins or ends
        if job is not None and job.active:
            st.fragment(_progress, run_every=0.3 if beside is None else 1.0)(page, beside)
        elif job is not None:
            st.session_state[f"{page}.training"] = None
            if job.state == "done":
                result = job.result
            elif job.state == "failed":
                st.session_state[f"{page}.training_error"] = job.error
        if error := st.session_state.get(f"{page}.training_error"):
            st.error(markdown(error), icon=":material/error:")
    return result


def _progress(page: str, beside: Callable[[], None] | None) -> None:
    job: Job | None = st.session_state.get(f"{page}.training")
    if job is None or not job.active:
        st.rerun()
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        words = "Waiting for another run" if job.state == "queued" else st.session_state[f"{page}.doing"]
        st.progress(min(job.share, 1.0), f"{words} · {job.share:.0%}")
        cancelled = st.button("Cancel", key=f"{page}.cancel_training", icon=":material/close:")
    if beside is not None:
        beside()
    if cancelled:
        job.cancel()
        st.session_state[f"{page}.training"] = None
        st.rerun()
