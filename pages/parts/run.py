"""Runs that take a while: explanations, trainings, fetches; one queue for all visitors, with progress and cancel."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

import glider_core as gl
from glider_core.drawings.text import markdown
from pages.parts.jobs import Job, JobQueue, Work

# Both are the process's, not in a cache of Streamlit's: a visitor may clear those from the browser.
# One run uses all cores of a laptop well; a second one beside it would only slow both down.
QUEUE = JobQueue(1, niceness=int(os.environ.get("GLIDER_NICENESS", "10")))
QUICK = JobQueue(1)  # what a page waits for: a model's answer, an input made ready; about a second at most
PATIENCE = 1.0  # seconds that a page waits for what is quick before it is drawn without it
RUNS, PENDING = "glider.runs", "glider.pending"  # of the session
MOMENT = 0.1  # seconds that it waits for a run, which may have its result already
LOST = "The run stopped because the page lost its connection. Run it again."

Stages = Mapping[
    str, tuple[str, float, float]
]  # per stage: words for it, and where in the whole run it begins and ends


@dataclass(slots=True)
class _Run:
    job: Job
    doing: str
    stages: Stages
    arrived: Callable[[], bool]  # whether something came in that the page should show before the end
    error: str = ""


def start(
    name: str,
    work: Work,
    *,
    key: Hashable = None,
    prepare: Callable[[], Hashable] | None = None,
    doing: str = "Training the model",
    stages: Stages | None = None,
    arrived: Callable[[], bool] = lambda: False,
) -> None:
    """Queue a run; a former one of the same name is cancelled.

    Args:
        name: of the run in this visit; `progress` is called with the same.
        work: gets a function to report a stage and the share of it done; its result is what `progress` returns.
        key: equal keys have equal results, so the latest result of an equal key is taken: a case's fingerprint. None
            never has an equal.
        prepare: called first, beside whatever runs; returns the key.
        doing: words for the bar.
        stages: words for each stage, where the bar says more than `doing`.
        arrived: asked now and then; once it says yes, the page is drawn anew while the run goes on.
    """
    cancel(name)
    job = Job(key, work, session_is_open())
    _runs()[name] = _Run(job, doing, stages or {}, arrived)
    if prepare is None:
        QUEUE.enter(job)
        return

    def line_up(report: Callable[[str, float], None]) -> None:
        try:
            job.key = prepare()
        except Exception as error:
            job.fail(error)
        else:
            QUEUE.enter(job)

    QUICK.submit(None, line_up)


def cancel(name: str) -> None:
    """Stop the run of this name, if there is one, and forget its error."""
    former = _runs().pop(name, None)
    if former is not None:
        former.job.cancel()


def active(name: str) -> bool:
    """Whether a run of this name waits or runs."""
    return name in _runs() and _runs()[name].job.active


def progress(name: str, *, beside: Callable[[], None] | None = None) -> Any:
    """Draw the run of this name, if there is one, in one place; its result, once, when it is done.

    The place stays the same whether it holds a bar, an error or nothing, so that what follows never moves.

    Args:
        name: as given to `start`.
        beside: draws what has come in so far, below the bar.
    """
    entry = _runs().get(name)
    with st.container(key=f"run-{name.replace('.', '-')}"):
        if entry is None:
            return None
        if not entry.job.wait(MOMENT):
            st.fragment(_bar, run_every=0.3 if beside is None else 1.0)(name, beside, [])
            return None
        if entry.job.state == "done":
            del _runs()[name]
            return entry.job.result
        st.error(markdown(entry.job.error or LOST), icon=":material/error:")
    return None


def quick(name: Hashable, work: Callable[[], Any], *, key: Hashable, waiting: str) -> Any:
    """The result of something that takes about a second, worked out beside whatever runs; None while it is not there.

    Args:
        name: of what is asked for, within this visit.
        work: works it out.
        key: equal keys have equal results, for all visitors; None never has an equal.
        waiting: words for the meantime; the page is drawn anew when the result is there.

    Raises:
        GliderError: the work raised one.
    """
    jobs: dict[Hashable, Job] = st.session_state.setdefault(PENDING, {})
    job = jobs.get(name)
    if job is None:
        job = jobs[name] = QUICK.submit(key, lambda report: _outcome(work), wanted=session_is_open())
    if not job.wait(PATIENCE):
        st.fragment(_until_there, run_every=0.3)(job, waiting, [])
        return None
    del jobs[name]
    if job.state != "done":
        raise gl.GliderError(job.error or LOST)
    if isinstance(job.result, gl.GliderError):
        raise job.result
    return job.result


def model(model_id: str) -> gl.Model:
    """A model, loaded once for all visitors.

    Raises:
        GliderError: it cannot be loaded.
    """
    with st.spinner("Loading the model"):
        loaded = gl.load_model(model_id)
    _keep(model_id)
    return loaded


def session_is_open() -> Callable[[], bool]:
    """Whether this visitor is still there; to be asked from a worker's thread."""
    context = get_script_run_ctx()
    session = None if context is None else context.session_id

    def is_open() -> bool:
        try:
            return session is None or runtime.get_instance().is_active_session(session)
        except RuntimeError:  # no server: the page is tested without one
            return True

    return is_open


def end_of_page() -> None:
    """Count the finished drawings of this visit in a hidden element, for tests that wait for the next one."""
    number = st.session_state["glider.drawn"] = st.session_state.get("glider.drawn", 0) + 1
    busy = any(entry.job.active for entry in _runs().values()) or bool(st.session_state.get(PENDING))
    st.html(f'<div class="glider-runs" data-busy="{str(busy).lower()}" style="display:none">{number}</div>')


def _runs() -> dict[str, _Run]:
    return st.session_state.setdefault(RUNS, {})


def _bar(name: str, beside: Callable[[], None] | None, drawn: list[bool]) -> None:
    entry = _runs().get(name)
    # Not while the page itself is drawn: a browser that has not yet got the widgets' first values would never get them.
    if drawn and (entry is None or not entry.job.active or entry.arrived()):
        st.rerun()
    drawn.append(True)
    if entry is None:
        return
    job = entry.job
    with st.container(horizontal=True, vertical_alignment="center"):
        words, low, high = entry.stages.get(job.stage, (entry.doing, 0.0, 1.0))
        share = low + (high - low) * min(job.share, 1.0)
        if job.state == "queued" and (ahead := QUEUE.position(job)):
            words = f"Waiting: {ahead} run{'s' if ahead != 1 else ''} ahead, and one running"
        elif job.state == "queued":
            words = "Waiting for another run"
        st.progress(share, words if job.state == "queued" else f"{words} · {share:.0%}")
        cancelled = st.button("Cancel", key=f"{name}.cancel", icon=":material/close:")
    if beside is not None:
        beside()
    if cancelled:
        cancel(name)
        st.toast("Run cancelled.")
        st.rerun()


def _until_there(job: Job, waiting: str, drawn: list[bool]) -> None:
    if drawn and not job.active:
        st.rerun()
    drawn.append(True)
    st.caption(f":material/hourglass_top: {waiting}")


def _outcome(work: Callable[[], Any]) -> Any:
    """The result, or the error that a page can show: kept like a result, since it is as certain."""
    try:
        return work()
    except gl.GliderError as error:
        return error


@cache
def _keep(model_id: str) -> None:
    """Take all that a model has brought with it out of the garbage collector's sight.

    Streamlit collects garbage after each run of a script, several times a second while a bar moves. What libraries and
    models have made by now stays anyway; searched each time, it would halt a running explanation for as long as that
    takes.
    """
    gc.collect()
    gc.freeze()
