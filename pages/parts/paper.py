"""What the paper's detectors, NID and GradientNID, find on a result's own questions; asked for by a click."""

from __future__ import annotations

import streamlit as st

import glider_core as gl
from glider_core.drawings.text import markdown
from glider_core.engine.beside import Beside
from glider_core.workers import Task
from glider_core.workers.tasks import find_beside
from pages.parts import run
from pages.parts.queue import Cost
from pages.parts.state import Outcome, Shown

SHOWN = 10  # sets of each ranking
DOING = ":material/hourglass_top: Training the paper's networks on the same questions"


def name(outcome: Outcome) -> str:
    """Of the run."""
    return f"{outcome.name}.paper"


def show(outcome: Outcome, shown: Shown) -> None:
    """Draw the button, the line while it is worked out, or the rankings."""
    explanation = shown.explanation
    run.collect(name(outcome), lambda found: setattr(outcome, "beside", found))
    with st.expander("What the paper's method finds here", icon=":material/compare_arrows:"):
        if shown.first_look:
            st.caption("There once all questions are asked.")
            return
        published = st.toggle(
            "Train and weigh as the authors' code does",
            key=f"{outcome.name}-published",
            help="A constant rate until validation stops improving, and all masks weighed alike. Else as Glider does: "
            "a rate that falls, and LIME's weights.",
        )
        if st.button("Find", key=f"{outcome.name}-paper", disabled=run.active(name(outcome))):
            _start(outcome, shown, as_published=published)
        run.aside(name(outcome), DOING)
        for beside in outcome.beside or ():
            _ranking(explanation, beside)


def _start(outcome: Outcome, shown: Shown, *, as_published: bool) -> None:
    explanation, pending = shown.explanation, outcome.pending
    outcome.beside = None
    slow = pending is not None and pending.slow
    size = explanation.looks[-1] / 1000
    fingerprint = explanation.fingerprint
    run.start(
        name(outcome),
        Task(find_beside, shown.asked, None if pending is None else pending.model, explanation, as_published),
        key=None if fingerprint is None else ("paper", fingerprint, as_published),
        cost=Cost(("paper", shown.asked.model), size, guess=1.0 + size * (5.0 if slow else 0.5), wide=slow),
    )


def _ranking(explanation: gl.Explanation, beside: Beside) -> None:
    ours = {interaction.features: f"I{number}" for number, interaction in enumerate(explanation.interactions, 1)}
    rows = [
        {
            "set": " · ".join(explanation.names[i] for i in candidate.features),
            "strength": round(candidate.strength, 4),
            "passes": "✓" if candidate.features in beside.kept else "",
            "above": ours.get(candidate.features, "–"),
        }
        for candidate in beside.ranking[:SHOWN]
    ]
    st.markdown(f"**{beside.detector}**, the strongest {len(rows)} of {len(beside.ranking)}")
    if rows:
        st.dataframe(rows, hide_index=True, height=min(38 + 35 * len(rows), 250))
    st.caption(
        markdown(
            f"Passes: the tests that hold for every detector ({len(beside.kept)} do). Above: its number in the result "
            f"above. R² of its network on unseen masks: {beside.score:.3f}."
        )
    )
