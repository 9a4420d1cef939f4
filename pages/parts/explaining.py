"""Explaining a page's case in the queue: the model and the instance are made there, too; a first look comes early."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial

import streamlit as st

import glider_core as gl
from glider_core import prepared
from glider_core.cases import Case
from glider_core.grouping import GROUPS, instance_of
from glider_core.workers import Task
from glider_core.workers.tasks import explain_case
from pages.parts import books, run, visitor_results
from pages.parts.queue import Cost
from pages.parts.state import Outcome, Pending, Shown

FIRST_LOOK = ":material/hourglass_top: **First look**: more questions are being asked."
FORMER = ":material/history: This is the result of the former input. Run to see the new one."
# Words for each stage, and about how much of a run's time it takes, for one bar over all of them.
STAGES: run.Stages = {
    "": ("Starting", 0.0, 0.02),
    "look": ("Asking more until nothing changes", 0.02, 0.9),
    "repeat": ("Asking anew, to see what stays", 0.9, 1.0),
    "ask": ("Asking the model", 0.02, 0.6),
    "train": ("Training a network on the answers", 0.6, 0.9),
    "detect": ("Detecting interactions", 0.9, 0.95),
    "check": ("Measuring them on the model", 0.95, 1.0),
}


def start(outcome: Outcome, case: Case, *, model: gl.Model | None = None, slow: bool = False) -> None:
    """Queue a case; an earlier run of the same outcome is given up.

    Args:
        outcome: where the run writes to.
        case: what to explain, and how.
        model: one that the page has made itself; else the case's is loaded.
        slow: whether the model is, so that the run is not to hold up short ones.
    """
    stored = prepared.find(case)  # of an example: it is there before anybody asks the model
    if stored is not None and stored.case.fingerprint is not None:
        run.QUEUE.remember(stored.case.fingerprint, stored)
    pending = outcome.pending = Pending(case)
    run.start(
        outcome.name,
        Task(explain_case, case, model),
        prepare=partial(_prepare, pending, model, books.recall()),
        stages=STAGES,
        arrived=lambda: bool(pending.looks),
        cost=_cost(case, slow=slow),
        send=pending.looks.append,
    )


def follow(outcome: Outcome, case: Case) -> Shown | None:
    """Draw the run, if there is one, and return the latest result; `case` is what the widgets say now."""
    pending = outcome.pending
    if pending is not None and pending.looks:
        _settle(outcome, pending, pending.looks[-1], first_look=True)
        pending.looks.clear()

    def take(found: gl.Explanation) -> None:
        if pending is not None:
            _settle(outcome, pending, found)
            visitor_results.keep()  # before it is shown: what someone has seen survives a kill

    run.progress(outcome.name, take=take)
    shown = outcome.shown
    if shown is not None and shown.asked != case and not run.active(outcome.name):
        st.caption(FORMER)
    return shown


def _prepare(pending: Pending, model: gl.Model | None, recall: Callable[[str], gl.Explanation | None]) -> str | None:
    """Make the instance; the fingerprint of all that its result depends on. A stored result is there at once."""
    case = pending.asked
    model = model or gl.load_model(case.model)
    known = inspect.signature(model.instance).parameters
    if unknown := [name for name in case.options if name not in known and name != GROUPS]:
        raise gl.InvalidInput(f"This model has no option {', '.join(unknown):.80}; leave it out of the link.")
    pending.instance = instance_of(model, case.raw, case.options)
    fingerprint = pending.instance.case(case.settings).fingerprint
    if fingerprint is not None and (stored := recall(fingerprint)) is not None:
        run.QUEUE.remember(fingerprint, stored)
    return fingerprint


def _cost(case: Case, *, slow: bool) -> Cost:
    size = case.settings.n_masks * case.settings.repeats / 1000
    return Cost(("explain", case.model, case.settings.detector), size, guess=size * (5.0 if slow else 0.3), wide=slow)


def _settle(outcome: Outcome, pending: Pending, explanation: gl.Explanation, *, first_look: bool = False) -> None:
    assert pending.instance is not None
    former = outcome.shown
    outcome.shown = Shown(pending.asked, explanation, pending.instance, first_look)
    outcome.chosen = None
    if former is None or former.explanation.names != explanation.names:
        outcome.off = []
