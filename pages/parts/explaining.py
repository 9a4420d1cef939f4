"""Explaining a page's case in the queue: the model and the instance are made there, too; a first look comes early."""

from __future__ import annotations

import inspect
from functools import partial

import streamlit as st

import glider_core as gl
from glider_core.cases import Case
from pages.parts import run
from pages.parts.jobs import Report
from pages.parts.state import Outcome, Pending, Shown, with_masks

FIRST_LOOK = ":material/hourglass_top: **First look**, from 1000 questions; the full run goes on."
FORMER = ":material/history: This is the result of the former input. Run to see the new one."
_FEW = 1000  # masks of a first look
_WORTH_A_LOOK = 2000  # masks of a run that is long enough for one
# Words for each stage, and about how much of a run's time it takes, for one bar over all of them.
STAGES: run.Stages = {
    "": ("Starting", 0.0, 0.02),
    "first": (f"First look, at {_FEW} questions", 0.0, 0.02),
    "look": ("Asking until the top stays the same", 0.02, 0.98),
    "ask": ("Asking the model", 0.02, 0.6),
    "train": ("Training the explainer", 0.6, 0.93),
    "detect": ("Reading interactions", 0.93, 0.95),
    "select": ("Choosing how many to keep", 0.95, 0.98),
    "check": ("Checking them on the model", 0.98, 1.0),
}


def start(outcome: Outcome, case: Case, *, model: gl.Model | None = None, first_look: bool = False) -> None:
    """Queue a case; an earlier run of the same outcome is given up.

    Args:
        outcome: where the run writes to.
        case: what to explain, and how.
        model: one that the page has made itself; else the case's is loaded.
        first_look: whether to show a result of few questions before the full one, where a model is slow.
    """
    pending = outcome.pending = Pending(case)
    run.start(
        outcome.name,
        partial(_explain, pending, first_look),
        prepare=partial(_prepare, pending, model),
        stages=STAGES,
        arrived=lambda: bool(pending.looks),
    )


def follow(outcome: Outcome, case: Case) -> Shown | None:
    """Draw the run, if there is one, and return the latest result; `case` is what the widgets say now."""
    pending = outcome.pending
    if pending is not None and pending.looks:
        _settle(outcome, pending, pending.looks[-1], first_look=True)
        pending.looks.clear()
    explanation = run.progress(outcome.name)
    if explanation is not None and pending is not None:
        _settle(outcome, pending, explanation)
    shown = outcome.shown
    if shown is not None and shown.asked != case and not run.active(outcome.name):
        st.caption(FORMER)
    return shown


def _prepare(pending: Pending, model: gl.Model | None) -> str | None:
    """Make the instance; the fingerprint of all that its result depends on."""
    case = pending.asked
    model = model or gl.load_model(case.model)
    known = inspect.signature(model.instance).parameters
    if unknown := [name for name in case.options if name not in known]:
        raise gl.InvalidInput(f"This model has no option {', '.join(unknown):.80}; leave it out of the link.")
    pending.instance = model.instance(case.raw, **case.options)
    return pending.instance.case(case.settings).fingerprint


def _explain(pending: Pending, first_look: bool, report: Report) -> gl.Explanation:
    instance, settings = pending.instance, pending.asked.settings
    assert instance is not None
    if settings.stop_when_stable:
        return gl.explain(instance, settings, on_progress=report, on_look=pending.looks.append)
    if first_look and settings.n_masks >= _WORTH_A_LOOK:
        few = with_masks(settings, _FEW).model_copy(update={"repeats": 1})
        pending.looks.append(gl.explain(instance, few, on_progress=lambda stage, share: report("first", share)))
    return gl.explain(instance, settings, on_progress=report)


def _settle(outcome: Outcome, pending: Pending, explanation: gl.Explanation, *, first_look: bool = False) -> None:
    assert pending.instance is not None
    former = outcome.shown
    outcome.shown = Shown(pending.asked, explanation, pending.instance, first_look)
    outcome.chosen = None
    if former is None or former.explanation.names != explanation.names:
        outcome.off = []
