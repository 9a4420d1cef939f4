"""What a page needs to run MADEX: settings, the queue with progress and cancel, and the case in the address bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

import glider_core as gl
from pages.parts.jobs import Job, JobQueue

# One run uses all cores of a laptop well; a second one beside it would only slow both down.
WORKERS = 1
STAGE_WORDS = {
    "": "Starting",
    "ask": "Asking the model",
    "train": "Training the explainer",
    "detect": "Reading interactions",
    "select": "Choosing how many to keep",
    "check": "Checking them on the model",
}
# About how much of a run's time each stage takes, for one bar over all of them.
_STAGE_ENDS = {
    "": (0.0, 0.02),
    "ask": (0.02, 0.5),
    "train": (0.5, 0.93),
    "detect": (0.93, 0.95),
    "select": (0.95, 0.98),
}
_SPARSITY = [0.0, 1e-4, 3e-4, 1e-3, 3e-3, 5e-3, 1e-2]
_DETECTORS = {"NID": "Sets of any size (NID)", "GradientNID": "Pairs only (GradientNID)"}


@dataclass(frozen=True, slots=True)
class Case:
    """What is explained and how: enough to do it again."""

    raw: str
    settings: gl.Settings
    options: Mapping[str, Any]  # of the model's `instance`


@dataclass(frozen=True, slots=True)
class Shown:
    """A finished case, as it stands on the page."""

    case: Case
    instance: gl.Instance
    explanation: gl.Explanation


@st.cache_resource
def queue() -> JobQueue:
    """The machine's one queue, shared by all visitors."""
    return JobQueue(WORKERS)


@st.cache_resource(show_spinner="Loading the model")
def model(model_id: str) -> gl.Model:
    """A model, loaded once for all visitors."""
    return gl.load_model(model_id)


def settings_form(page: str, default_detector: str, *, default_l1: float = 1e-4) -> gl.Settings:
    """The settings in a popover, kept in the session and taken from the address at first.

    Raises:
        InvalidSettings: what the address bar said cannot be.
    """
    _from_address(page, "detector", default_detector)
    _from_address(page, "masks", 6000)
    _from_address(page, "seed", 0)
    _from_address(page, "repeats", 1)
    _from_address(page, "weighted", True)
    _from_address(page, "l1", default_l1)
    if st.session_state[f"{page}.detector"] not in _DETECTORS:
        st.session_state[f"{page}.detector"] = default_detector
    if st.session_state[f"{page}.l1"] not in _SPARSITY:
        st.session_state[f"{page}.l1"] = default_l1
    for name, low, high in (("masks", 600, 20_000), ("seed", 0, 2**31), ("repeats", 1, 10)):
        st.session_state[f"{page}.{name}"] = min(max(st.session_state[f"{page}.{name}"], low), high)
    with st.popover("Settings", icon=":material/tune:"):
        detector = st.radio(
            "Look for",
            list(_DETECTORS),
            format_func=_DETECTORS.__getitem__,
            key=f"{page}.detector",
            help="NID reads sets of any size from the explainer's weights. GradientNID takes its exact second "
            "derivatives at the instance, so it sees pairs.",
        )
        masks = st.slider(
            "Questions to the model",
            600,
            20_000,
            step=100,
            key=f"{page}.masks",
            help="How many masked versions it answers. The paper asks 6000.",
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


def from_address(page: str, **defaults: str) -> None:
    """First values of a page's own widgets, from the address bar where it has them."""
    for name, default in defaults.items():
        _from_address(page, name, default)


def to_address(page: str, names: tuple[str, ...]) -> None:
    """Write the page's case into the address bar, so that a copied link opens it."""
    for name in (*names, "detector", "masks", "seed", "repeats", "weighted", "l1"):
        value = st.session_state[f"{page}.{name}"]
        st.query_params[name] = str(int(value)) if isinstance(value, bool) else str(value)


def submit(page: str, model_id: str, case: Case) -> None:
    """Queue a run of this case; an earlier one of the same page is given up.

    Raises:
        InvalidInput: the input cannot be an instance.
        ModelUnavailable: the model cannot be loaded.
    """
    instance = model(model_id).instance(case.raw, **case.options)
    former: Job | None = st.session_state.get(f"{page}.job")
    if former is not None:
        former.cancel()
    identity = getattr(instance, "fingerprint", None)
    key = None if identity is None else (model_id, identity, case.settings)
    job = queue().submit(key, lambda report: gl.explain(instance, case.settings, on_progress=report))
    st.session_state[f"{page}.job"] = job
    st.session_state[f"{page}.pending"] = (case, instance)
    st.session_state.pop(f"{page}.error", None)


def panel(page: str) -> Shown | None:
    """Show the run in progress, if any, and return the page's latest result."""
    job: Job | None = st.session_state.get(f"{page}.job")
    if job is not None and job.active:
        st.fragment(_progress, run_every=0.3)(page)
    elif job is not None:
        _settle(page, job)
    if error := st.session_state.get(f"{page}.error"):
        st.error(error, icon=":material/error:")
    return st.session_state.get(f"{page}.shown")


def _progress(page: str) -> None:
    job: Job | None = st.session_state.get(f"{page}.job")
    if job is None or not job.active:
        st.rerun()
        return
    job.touch()
    bar, button = st.columns([5, 1], vertical_alignment="center")
    if job.state == "queued":
        ahead = queue().position(job)
        bar.progress(0.0, f"Waiting: {ahead} run{'s' if ahead != 1 else ''} ahead, and one running")
    else:
        low, high = _STAGE_ENDS.get(job.stage, (0.98, 1.0))
        bar.progress(low + (high - low) * min(job.share, 1.0), STAGE_WORDS[job.stage])
    if button.button("Cancel", key=f"{page}.cancel", icon=":material/close:", width="stretch"):
        job.cancel()
        st.session_state[f"{page}.job"] = None
        st.toast("Run cancelled.")
        st.rerun()


def _settle(page: str, job: Job) -> None:
    st.session_state[f"{page}.job"] = None
    if job.state == "done":
        case, instance = st.session_state[f"{page}.pending"]
        st.session_state[f"{page}.shown"] = Shown(case, instance, job.result)
        st.session_state.pop(f"{page}.chosen", None)
    elif job.state == "failed":
        st.session_state[f"{page}.error"] = job.error
