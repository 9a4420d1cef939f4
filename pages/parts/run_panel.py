"""What a page needs to run MADEX: settings, the queue with progress and cancel, and the case in the address bar."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

import glider_core as gl
from glider_core.drawings.text import markdown
from pages.parts.jobs import Job, JobQueue

# One run uses all cores of a laptop well; a second one beside it would only slow both down.
WORKERS = 1
STAGE_WORDS = {
    "": "Starting",
    "first": "First look, at 1000 questions",
    "look": "Asking until the top stays the same",
    "ask": "Asking the model",
    "train": "Training the explainer",
    "detect": "Reading interactions",
    "select": "Choosing how many to keep",
    "check": "Checking them on the model",
}
FIRST_LOOK = ":material/hourglass_top: **First look**, from 1000 questions; the full run goes on."
_FIRST_LOOK = {"n_train": 800, "n_validation": 100, "n_test": 100, "repeats": 1}
# About how much of a run's time each stage takes, for one bar over all of them.
_STAGE_ENDS = {
    "": (0.0, 0.02),
    "first": (0.0, 0.02),
    "look": (0.02, 0.98),
    "ask": (0.02, 0.6),
    "train": (0.6, 0.93),
    "detect": (0.93, 0.95),
    "select": (0.95, 0.98),
}
_SPARSITY = [0.0, 1e-4, 3e-4, 1e-3, 3e-3, 5e-3, 1e-2]
_DETECTORS = {"GradientNID": "Pairs", "NID": "Sets of any size"}
_DETECTOR_NOTES = {
    "GradientNID": "Pairs: GradientNID, the exact second derivatives of the explainer at this instance.",
    "NID": "Sets of any size: NID, read from the weights of the explainer.",
}
_SETTINGS = ("detector", "masks", "seed", "repeats", "weighted", "l1", "stop")


@dataclass(frozen=True, slots=True)
class Case:
    """What is explained and how: enough to do it again."""

    raw: Any
    settings: gl.Settings
    options: Mapping[str, Any]  # of the model's `instance`
    model_id: str = ""  # where a page has several


@dataclass(frozen=True, slots=True)
class Shown:
    """A finished case, as it stands on the page."""

    case: Case
    instance: gl.Instance
    explanation: gl.Explanation
    first_look: bool = False  # of few questions; the full run goes on


@st.cache_resource
def queue() -> JobQueue:
    """The machine's one queue, shared by all visitors."""
    return JobQueue(WORKERS)


@st.cache_resource(show_spinner="Loading the model")
def model(model_id: str) -> gl.Model:
    """A model, loaded once for all visitors."""
    loaded = gl.load_model(model_id)
    # Streamlit collects garbage after each run of a script, several times a second while a bar moves. What libraries
    # and models have made by now stays anyway; searched each time, it would halt a running explanation for as long as
    # that takes.
    gc.collect()
    gc.freeze()
    return loaded


def start(page: str, *, detector: str, l1: float = 1e-4, **own: str | int) -> None:
    """First values of a page's widgets, the engine's and its own: from the address bar where it has usable ones."""
    for name, default in {
        **own, "detector": detector, "masks": 6000, "seed": 0, "repeats": 1, "weighted": True, "l1": l1, "stop": False
    }.items():  # fmt: skip
        _from_address(page, name, default)
    if st.session_state[f"{page}.detector"] not in _DETECTORS:
        st.session_state[f"{page}.detector"] = detector
    if st.session_state[f"{page}.l1"] not in _SPARSITY:
        st.session_state[f"{page}.l1"] = l1
    for name, low, high in (("masks", 600, 20_000), ("seed", 0, 2**31), ("repeats", 1, 10)):
        st.session_state[f"{page}.{name}"] = min(max(st.session_state[f"{page}.{name}"], low), high)


def detector_choice(page: str) -> str:
    """What to look for: pairs, or sets of any size; returns a line that says what that means."""
    st.segmented_control(
        "Look for",
        list(_DETECTORS),
        format_func=_DETECTORS.__getitem__,
        key=f"{page}.detector",
        required=True,
        label_visibility="collapsed",
    )
    return _DETECTOR_NOTES[st.session_state[f"{page}.detector"]]


def settings_form(page: str) -> gl.Settings:
    """The other settings of a run, for a popover."""
    detector = st.session_state[f"{page}.detector"]
    masks = st.slider(
        "Questions to the model",
        600,
        20_000,
        step=100,
        key=f"{page}.masks",
        help="How many masked versions it answers: 5/6 to train on, 1/12 to choose with, 1/12 to measure on. "
        "The paper asks 6000.",
    )
    repeats = st.slider(
        "Repeats",
        1,
        10,
        key=f"{page}.repeats",
        help="Explainers trained on newly dealt answers. More than one shows how stable each interaction is.",
    )
    l1 = st.select_slider(
        "Sparsity of the explainer (L1)",
        _SPARSITY,
        format_func=lambda value: f"{value:g}",
        key=f"{page}.l1",
        disabled=detector != "NID",
        help="NID only. Noisy answers want more, so that the explainer does not fit the noise. The paper: 0.0001.",
    )
    weighted = st.toggle(
        "Weigh near masks more",
        key=f"{page}.weighted",
        help="LIME's kernel of width 0.25: the fewer features are off, the more an answer counts.",
    )
    stop = st.toggle(
        "Stop early when the top 3 stay",
        key=f"{page}.stop",
        help="Look after 1000 questions and after every 500 more; stop once the first three interactions and their "
        "order were the same in three looks. Saves time where the model is slow.",
    )
    seed = st.number_input("Seed", 0, 2**31, key=f"{page}.seed", help="The same seed gives the same result.")
    held_out = max(20, masks // 12)
    return gl.Settings(
        detector=detector,
        n_train=masks - 2 * held_out,
        n_validation=held_out,
        n_test=held_out,
        kernel_width=0.25 if weighted else None,
        l1=l1,
        repeats=repeats,
        stop_when_stable=3 if stop else None,
        seed=int(seed),
    )


def _from_address(page: str, name: str, default: Any) -> None:
    """Set a widget's first value: the address bar's where it says something usable, else the default."""
    key = f"{page}.{name}"
    if key in st.session_state:
        st.session_state[key] = st.session_state[key]  # else Streamlit forgets it when another page is opened
        return
    given = st.query_params.get(name)
    try:
        if given is None:
            value = default
        elif isinstance(default, bool):
            value = given == "1"
        else:
            value = type(default)(given)
    except ValueError:
        value = default
    st.session_state[key] = value


def submit(
    page: str, black_box: Any, case: Case, own: tuple[str, ...], *, first_look: bool = False, linked: bool = True
) -> None:
    """Queue a run of this case and put it into the address bar; an earlier run of the same page is given up.

    Args:
        page: prefix of the widgets' keys.
        black_box: a model, or the id of one.
        case: what to explain, and how.
        own: names of the page's own widgets that belong into the address.
        linked: whether the case goes into the address bar.
        first_look: whether to show a result of 1000 questions before the full one, where a model is slow.

    Raises:
        InvalidInput: the input cannot be an instance.
        ModelUnavailable: the model cannot be loaded.
    """
    asked = model(black_box) if isinstance(black_box, str) else black_box
    instance = asked.instance(case.raw, **case.options)
    former: Job | None = st.session_state.get(f"{page}.job")
    if former is not None:
        former.cancel()
    identity = getattr(instance, "fingerprint", None)
    key = None if identity is None else (asked.id, identity, case.settings)
    looks: list[gl.Explanation] = []

    def work(report: Callable[[str, float], None]) -> gl.Explanation:
        if case.settings.stop_when_stable:
            return gl.explain(instance, case.settings, on_progress=report, on_look=looks.append)
        if first_look and case.settings.n_masks >= 2000:
            few = case.settings.model_copy(update=_FIRST_LOOK)
            looks.append(gl.explain(instance, few, on_progress=lambda stage, share: report("first", share)))
        return gl.explain(instance, case.settings, on_progress=report)

    job = queue().submit(key, work, wanted=session_is_open())
    st.session_state[f"{page}.looks"] = looks
    st.session_state[f"{page}.job"] = job
    st.session_state[f"{page}.pending"] = (case, instance)
    st.session_state.pop(f"{page}.error", None)
    if not linked:
        return
    values = {name: st.session_state[f"{page}.{name}"] for name in (*own, *_SETTINGS)}
    st.session_state[f"{page}.address"] = {
        name: str(int(value)) if isinstance(value, bool) else str(value) for name, value in values.items()
    }


def session_is_open() -> Callable[[], bool]:
    """Whether this visitor is still there; to be asked from a worker's thread."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():  # a page that is tested without a server
        return lambda: True
    session = context.session_id
    return lambda: runtime.get_instance().is_active_session(session)


def panel(page: str, case: Case) -> Shown | None:
    """Show the run in progress, if any, and return the page's latest result; `case` is what the widgets say now."""
    # Streamlit empties the address when another page is opened.
    if address := st.session_state.get(f"{page}.address"):
        st.query_params.from_dict(address)
    job: Job | None = st.session_state.get(f"{page}.job")
    # One slot whatever it holds: were there none when a run ends, all that follows would move up by one place, and
    # stand there twice until the page has been drawn.
    with st.container():
        if job is not None and job.active:
            st.fragment(_progress, run_every=0.3)(page)
        elif job is not None:
            _settle(page, job)
        if error := st.session_state.get(f"{page}.error"):
            st.error(markdown(error), icon=":material/error:")
        shown: Shown | None = st.session_state.get(f"{page}.shown")
        if shown is not None and shown.case != case and not (job is not None and job.active):
            st.caption(":material/history: This is the result of the former input. Run to see the new one.")
    return shown


def _progress(page: str) -> None:
    job: Job | None = st.session_state.get(f"{page}.job")
    if job is None or not job.active or _take_look(page):
        st.rerun()
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.state == "queued":
            ahead = queue().position(job)
            st.progress(0.0, f"Waiting: {ahead} run{'s' if ahead != 1 else ''} ahead, and one running")
        else:
            low, high = _STAGE_ENDS.get(job.stage, (0.98, 1.0))
            share = low + (high - low) * min(job.share, 1.0)
            st.progress(share, f"{STAGE_WORDS[job.stage]} · {share:.0%}")
        cancelled = st.button("Cancel", key=f"{page}.cancel", icon=":material/close:")
    if cancelled:
        job.cancel()
        st.session_state[f"{page}.job"] = None
        st.toast("Run cancelled.")
        st.rerun()


def _take_look(page: str) -> bool:
    """Put a first look that has come in on the page; whether there was one."""
    looks: list[gl.Explanation] = st.session_state.get(f"{page}.looks") or []
    if not looks:
        return False
    case, instance = st.session_state[f"{page}.pending"]
    st.session_state[f"{page}.shown"] = Shown(case, instance, looks[-1], first_look=True)
    looks.clear()
    st.session_state.pop(f"{page}.chosen", None)
    return True


def _settle(page: str, job: Job) -> None:
    st.session_state[f"{page}.job"] = None
    if job.state == "done":
        case, instance = st.session_state[f"{page}.pending"]
        st.session_state[f"{page}.shown"] = Shown(case, instance, job.result)
        st.session_state.pop(f"{page}.chosen", None)
    elif job.state == "failed":
        st.session_state[f"{page}.error"] = job.error
    else:
        st.session_state[f"{page}.error"] = "The run stopped because the page lost its connection. Run it again."
