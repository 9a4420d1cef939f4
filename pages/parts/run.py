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
from glider_core.workers import Task, n_workers
from pages.parts.jobs import Job, JobQueue, Work
from pages.parts.queue import Cost

RUNS, PENDING, DRAWINGS = "glider.runs", "glider.pending", "glider.drawn"  # of the session
PATIENCE = 1.0  # seconds that a page waits for what is quick before it is drawn without it
MOMENT = 0.1  # seconds that it waits for a run, which may have its result already
# Seconds between looks at a run: one that is far from its turn, one that goes on or soon will, one that draws what has
# come in, and one that takes long. Whoever waits takes little of the cores from those who are served.
SLOW, SOON, DRAWN, LONG = 3.0, 0.4, 1.0, 1.0
SLOWER_BY = 25  # runs that wait for each second more between looks from afar
PATIENT_FOR = 1.5  # seconds of a run before what came in is worth drawing the page for: most are done by then
NEAR = 2.5  # seconds to the end of a run that will soon be there
_PREPARING = "prepare"  # the stage of a run that has not lined up yet
LOST = "The run stopped because the page lost its connection. Run it again."

# Both are the process's, not in a cache of Streamlit's: a visitor may clear those from the browser.
QUEUE = JobQueue(max(n_workers(), 1), niceness=int(os.environ.get("GLIDER_NICENESS", "10")), processes=n_workers() > 0)
QUICK = JobQueue(2)  # what a page waits for: a model's answer, an input made ready; about a second at most

Stages = Mapping[
    str, tuple[str, float, float]
]  # per stage: words for it, and where in the whole run it begins and ends


@dataclass(slots=True)
class _Run:
    job: Job
    doing: str
    stages: Stages
    arrived: Callable[[], bool]  # whether something came in that the page should show before the end
    preparing: str
    error: str = ""
    awaited: int = -1  # the drawing of a page, by its number, that did not find it ended


def start(
    name: str,
    work: Task | Work,
    *,
    key: Hashable = None,
    prepare: Callable[[], Hashable] | None = None,
    preparing: str = "Reading the input",
    doing: str = "Training the model",
    stages: Stages | None = None,
    arrived: Callable[[], bool] = lambda: False,
    cost: Cost | None = None,
    send: Callable[[Any], None] = lambda part: None,
    then: Callable[[Any], Any] = lambda result: result,
) -> None:
    """Queue a run; a former one of the same name is cancelled.

    Args:
        name: of the run in this visit; `progress` is called with the same.
        work: a task, done in a process of its own; or a function of this process, which gets a function to report a
            stage and the share of it done. Its result is what `progress` returns.
        key: equal keys have equal results, so the latest result of an equal key is taken: a case's fingerprint. None
            never has an equal.
        prepare: called first, beside whatever runs; returns the key.
        preparing: words for the bar while it does.
        doing: words for the bar.
        stages: words for each stage, where the bar says more than `doing`.
        arrived: asked now and then; once it says yes, the page is drawn anew while the run goes on.
        cost: what it is expected to take; a few seconds where nothing is said.
        send: called with each part of a task's result that comes before the end.
        then: makes the result of the task's, in this process.
    """
    cancel(name)
    job = Job(key, work, session_is_open(), visitor=_session(), cost=cost, send=send, then=then)
    _runs()[name] = _Run(job, doing, stages or {}, arrived, preparing)
    if prepare is None:
        QUEUE.enter(job)
        return

    def line_up(report: Callable[[str, float], None]) -> None:
        job.stage = _PREPARING
        try:
            job.key = prepare()
        except Exception as error:
            job.fail(error)
        else:
            job.stage = ""
            QUEUE.enter(job)

    QUICK.submit(None, line_up, visitor=_session())


def cancel(name: str) -> None:
    """Stop the run of this name, if there is one, and forget its error."""
    former = _runs().pop(name, None)
    if former is not None:
        former.job.cancel()


def active(name: str) -> bool:
    """Whether a run of this name waits or runs."""
    return name in _runs() and _runs()[name].job.active


def failure(name: str) -> str:
    """Why the run of this name has failed; empty where it has not."""
    entry = _runs().get(name)
    return entry.job.error or LOST if entry is not None and entry.job.state not in ("queued", "running", "done") else ""


def progress(
    name: str, *, take: Callable[[Any], object] = lambda result: None, beside: Callable[[], None] | None = None
) -> Any:
    """Draw the run of this name, if there is one, in one place; its result, once, when it is done.

    The place stays the same whether it holds a bar, an error or nothing, so that what follows never moves.

    Args:
        name: as given to `start`.
        take: keeps the result. A page that is drawn anew is stopped in the middle, at any use of its session; what it
            had only been handed would be lost, so the run is forgotten once its result has been taken.
        beside: draws what has come in so far, below the bar.
    """
    runs = _runs()
    entry = runs.get(name)
    with st.container(key=f"run-{name.replace('.', '-')}"):
        if entry is None:
            return None
        if not entry.job.wait(MOMENT):
            entry.awaited = st.session_state.get(DRAWINGS, 0)
            st.fragment(_follow, run_every=SLOW + QUEUE.waiting / SLOWER_BY)(name, beside, [])
            return None
        if entry.job.state == "done":
            take(entry.job.result)
            runs.pop(name, None)
            return entry.job.result
        st.error(markdown(entry.job.error or LOST), icon=":material/error:")
    return None


def collect(name: str, take: Callable[[Any], object]) -> None:
    """Take the result of a run of this name that has ended, and forget the run; an error stays for `aside`."""
    entry = _runs().get(name)
    if entry is not None and not entry.job.active and entry.job.state == "done":
        take(entry.job.result)
        _runs().pop(name, None)


def aside(name: str, doing: str) -> None:
    """Draw a run that refines what the page shows already, as one line; the page is drawn anew when it has ended."""
    entry = _runs().get(name)
    if entry is None:
        return
    if entry.job.active or entry.job.state == "done":
        entry.awaited = st.session_state.get(DRAWINGS, 0)
        st.fragment(_aside, run_every=LONG)(name, doing, [])
    elif entry.job.error:
        st.caption(markdown(entry.job.error))


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
    if job is None or job.key != key:  # what was asked for before is no answer to this
        job = jobs[name] = QUICK.submit(
            key, lambda report: _outcome(work), wanted=session_is_open(), visitor=_session()
        )
    if not job.wait(PATIENCE):
        st.fragment(_until_there, run_every=SOON)(job, waiting, [])
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
    session = _session()

    def is_open() -> bool:
        try:
            return session is None or runtime.get_instance().is_active_session(session)
        except RuntimeError:  # no server: the page is tested without one
            return True

    return is_open


def end_of_page() -> None:
    """Count the finished drawings of this visit in a hidden element, for tests that wait for the next one.

    It says whether the page is busy: with a run whose result is awaited, or only with one that refines what is shown.
    """
    number = st.session_state.get(DRAWINGS, 0)
    # A run that ended while this page was being drawn has a result that the next drawing takes.
    runs = [entry for entry in _runs().values() if entry.job.active or entry.awaited == number]
    awaited = bool(st.session_state.get(PENDING)) or not all(entry.job.cost.refines for entry in runs)
    busy = "true" if awaited else "refining" if runs else "false"
    number = st.session_state[DRAWINGS] = number + 1
    st.html(f'<div class="glider-runs" data-busy="{busy}" style="display:none">{number}</div>')


def _runs() -> dict[str, _Run]:
    return st.session_state.setdefault(RUNS, {})


def _session() -> str | None:
    context = get_script_run_ctx()
    return None if context is None else context.session_id


def _follow(name: str, beside: Callable[[], None] | None, drawn: list[bool]) -> None:
    """The bar, looked at now and then; more often, by a fragment of its own, when something is about to happen."""
    if _page_is_due(name, drawn):
        st.rerun()
    if (entry := _runs().get(name)) is not None:
        st.fragment(_bar, run_every=_pace(entry.job, beside is not None))(name, beside, [])


def _pace(job: Job, is_drawn: bool) -> float | None:
    """Seconds between looks at a run's bar; None: from afar is enough."""
    left = max(QUEUE.seconds(job) - job.elapsed, 0.0)
    if job.state == "queued":
        return SOON if job.stage == _PREPARING or QUEUE.place(job).seconds + left < NEAR else None
    return DRAWN if is_drawn else SOON if left < NEAR else LONG


def _page_is_due(name: str, drawn: list[bool]) -> bool:
    """Whether the page is to be drawn anew: the run has ended, or something came in.

    Not while the page itself is drawn: a browser that has not yet got the widgets' first values would never get them.
    """
    entry = _runs().get(name)
    due = bool(drawn) and (
        entry is None or not entry.job.active or (entry.job.elapsed > PATIENT_FOR and entry.arrived())
    )
    drawn.append(True)
    return due


def _waiting(entry: _Run) -> str:
    if entry.job.stage == _PREPARING:
        return f"{entry.preparing} …"
    place = QUEUE.place(entry.job)
    if place.ahead:
        words = f"Waiting: {place.ahead} run{'s' if place.ahead != 1 else ''} before yours"
    else:
        words = "Waiting for another run"
    return f"{words}, about {_duration(place.seconds)}" if place.seconds else words


def _duration(seconds: float) -> str:
    return f"{max(seconds, 1):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _bar(name: str, beside: Callable[[], None] | None, drawn: list[bool]) -> None:
    if _page_is_due(name, drawn):
        st.rerun()
    if (entry := _runs().get(name)) is None:
        return
    job = entry.job
    with st.container(horizontal=True, vertical_alignment="center"):
        words, low, high = entry.stages.get(job.stage, (entry.doing, 0.0, 1.0))
        share = low + (high - low) * min(job.share, 1.0)
        left = job.elapsed * (1 - share) / share if share > 0.05 and job.elapsed > PATIENT_FOR * 2 else 0.0
        told = f"{words} · {share:.0%}" + (f" · about {_duration(left)} left" if left > 2 else "")
        st.progress(share, _waiting(entry) if job.state == "queued" else told)
        cancelled = st.button("Cancel", key=f"{name}.cancel", icon=":material/close:")
    if beside is not None:
        beside()
    if cancelled:
        cancel(name)
        st.toast("Run cancelled.")
        st.rerun()


def _aside(name: str, doing: str, drawn: list[bool]) -> None:
    if _page_is_due(name, drawn):
        st.rerun()
    if (entry := _runs().get(name)) is not None:
        st.caption(doing if entry.job.state == "queued" else f"{doing} · {min(entry.job.share, 1.0):.0%}")


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

    What libraries and models have made by now stays anyway; searched each time, it would halt pages, and a run in a
    thread of this process, for as long as that takes.
    """
    gc.collect()
    gc.freeze()
