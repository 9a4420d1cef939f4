"""Explaining a page's case in the queue: the model and the instance are made there, too; a first look comes early."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

import glider_core as gl
from glider_core import prepared
from glider_core.cases import Case
from glider_core.domains import DOMAINS
from glider_core.grouping import GROUPS, instance_of
from glider_core.workers import Task
from glider_core.workers.tasks import explain_case, refine_case
from pages.parts import books, paper, run, visitor_results
from pages.parts.queue import Cost
from pages.parts.state import Outcome, Pending, Shown

# Runs with other questions, the first among them, by which stability is measured behind a result; 1: it is not.
RUNS = int(os.environ.get("GLIDER_STABILITY", "5"))
SLOW_RUNS = 3  # of a slow model, at most
NAMED = 4  # sets of which is told how often each is found again
REFINING = ":material/hourglass_top: Asking anew with other questions, to see what stays"
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
    run.cancel(_refining(outcome))
    stored = prepared.find(case)  # of an example: it is there before anybody asks the model
    if stored is not None and stored.case.fingerprint is not None:
        run.QUEUE.remember(stored.case.fingerprint, stored)
    pending = outcome.pending = Pending(case, model, slow)
    run.start(
        outcome.name,
        Task(explain_case, case, model),
        prepare=partial(_prepare, pending, model, books.recall()),
        preparing=DOMAINS[case.domain].preparing,
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
            pending.looks.clear()  # one that came in just before the end is not to take the result's place
            visitor_results.keep()  # before it is shown: what someone has seen survives a kill

    run.progress(outcome.name, take=take)
    run.collect(_refining(outcome), lambda found: _refine(outcome, found))
    shown = outcome.shown
    if shown is not None and shown.asked != case and not run.active(outcome.name):
        st.caption(FORMER)
    return shown


def first_look(explanation: gl.Explanation) -> str:
    """That what is shown is of few questions; Markdown."""
    asked = f"{explanation.looks[-1]:,} questions" if explanation.looks else "few questions"
    return f":material/hourglass_top: **First look**, after {asked}: more are being asked."


def stability(outcome: Outcome) -> None:
    """Draw a line below a result: what of it stays when other questions are asked, or that this is being measured."""
    run.aside(_refining(outcome), REFINING)
    shown = outcome.shown
    if shown is not None and not shown.first_look and (words := what_stays(shown.explanation)):
        st.caption(words)


def what_stays(explanation: gl.Explanation) -> str:
    """What repeats with other questions have shown; nothing where none was made, or nothing found."""
    found, runs = explanation.interactions, explanation.runs
    if runs < 2 or not found:
        return ""
    exact = [round((i.stability or 0.0) * runs) for i in found]
    if min(exact) == runs:
        which = "The interaction is" if len(found) == 1 else f"All {len(found)} interactions are"
        return f":material/verified: {which} found in each of {runs} runs with other questions."
    nested = [
        n if i.family_stability is None else round(i.family_stability * runs) for n, i in zip(exact, found, strict=True)
    ]
    told = [f"I{number} in {times}" for number, times in enumerate(nested[:NAMED], 1)]
    if rest := nested[NAMED:]:
        span = str(min(rest)) if min(rest) == max(rest) else f"{min(rest)} to {max(rest)}"
        told.append(f"the other {len(rest)} in {span}" if len(rest) > 1 else f"I{len(nested)} in {span}")
    icon = "verified" if nested[0] == runs else "repeat"
    words = f":material/{icon}: Found again, of {runs} runs with other questions: **{told[0]}**"
    words += "".join(f", {each}" for each in told[1:])
    if nested == exact:
        return f"{words}."
    return f"{words}. Nested sets count as one; the very same: {', '.join(map(str, exact[:NAMED]))}."


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
    outcome.chosen = outcome.beside = None
    run.cancel(paper.name(outcome))
    if not first_look:
        _look_again(outcome, pending, explanation)
    if former is None or former.explanation.names != explanation.names:
        outcome.off = []
    if outcome.look is not None:
        outcome.take_look(outcome.look)


def _refining(outcome: Outcome) -> str:
    return f"{outcome.name}.again"


def _look_again(outcome: Outcome, pending: Pending, explanation: gl.Explanation) -> None:
    """Queue the repeats of a result behind all that others wait for, unless they are there or can show nothing."""
    runs = min(RUNS, SLOW_RUNS) if pending.slow else RUNS
    every_mask = explanation.looks[-1:] == (2 ** len(explanation.names),) and not explanation.noise
    if runs < 2 or explanation.runs > 1 or not explanation.interactions or every_mask:
        return
    size = explanation.looks[-1] * (runs - 1) / 1000
    kind = ("again", pending.asked.model, pending.asked.settings.detector)
    fingerprint = explanation.fingerprint
    run.start(
        _refining(outcome),
        Task(refine_case, pending.asked, pending.model, explanation, runs),
        key=None if fingerprint is None else ("again", fingerprint, runs),
        cost=Cost(kind, size, guess=size * (5.0 if pending.slow else 0.3), wide=pending.slow, refines=True),
    )


def _refine(outcome: Outcome, explanation: gl.Explanation) -> None:
    """Put the refined result in the place of the same without."""
    shown = outcome.shown
    if shown is None or shown.explanation.case != explanation.case:
        return
    outcome.shown = replace(shown, explanation=explanation)
    if explanation.fingerprint is not None:
        run.QUEUE.remember(explanation.fingerprint, explanation)
