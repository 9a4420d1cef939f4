"""How a run is done: what to look for, and the settings in a popover."""

from __future__ import annotations

from typing import Any

import streamlit as st

import glider_core as gl
from glider_core.engine.detectors import DETECTORS
from pages.parts.state import MASKS, REPEATS, SEED, PageState, with_masks
from pages.parts.ties import tied

_SPARSITY = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 5e-3, 1e-2)
_KERNEL_WIDTH = 0.25  # when switched on


def detector_choice(state: PageState) -> str:
    """How to look for interactions; returns a line that says what that means."""

    def take() -> None:
        state.settings = state.settings.model_copy(update={"detector": st.session_state[key]})

    key = f"{state.page}-detector"
    st.segmented_control(
        "Look for",
        sorted(DETECTORS, key=lambda name: (name != gl.Settings().detector, name)),  # the default first
        format_func=lambda name: DETECTORS[name].title,
        on_change=take,
        required=True,
        label_visibility="collapsed",
        **tied(key, state.settings.detector),
    )
    return DETECTORS[state.settings.detector].note


def settings_form(state: PageState) -> None:
    """The other settings of a run; what the visitor changes is in the state before the page is drawn."""
    settings = state.settings
    values = {
        "masks": settings.n_masks,
        "repeats": settings.repeats,
        "l1": settings.l1,
        "weighted": settings.kernel_width is not None,
        "grow": DETECTORS[settings.detector].grows if settings.grow_questions is None else settings.grow_questions,
        "seed": settings.seed,
    }

    def take() -> None:
        told = {name: st.session_state[each["key"]] for name, each in ties.items()}
        former = state.settings
        changes = {
            "repeats": told["repeats"],
            "l1": told["l1"],
            "kernel_width": (former.kernel_width or _KERNEL_WIDTH) if told["weighted"] else None,
            "grow_questions": None if told["grow"] == DETECTORS[former.detector].grows else told["grow"],
            "seed": int(told["seed"]),
        }
        state.settings = with_masks(former, told["masks"]).model_copy(update=changes)

    ties: dict[str, dict[str, Any]] = {
        name: tied(f"{state.page}-{name}", value) | {"on_change": take} for name, value in values.items()
    }
    st.slider(
        "Questions to the model, at most",
        *MASKS,
        step=100,
        **ties["masks"],
        help="How many masked versions it answers. NID trains on 5/6 of them, as in the paper, which asks 6000; Grow "
        "stops as soon as more would change nothing.",
    )
    st.slider(
        "Repeats",
        *REPEATS,
        **ties["repeats"],
        help="Runs with new questions each. More than one shows how stable each interaction is.",
    )
    st.select_slider(
        "Sparsity of the explainer (L1)",
        sorted({*_SPARSITY, settings.l1}),
        format_func=lambda value: f"{value:g}",
        **ties["l1"],
        disabled=settings.detector != "NID",
        help="NID only. Noisy answers want more, so that the explainer does not fit the noise. The paper: 0.0001.",
    )
    st.toggle(
        "Weigh near masks more",
        **ties["weighted"],
        help="LIME's kernel of width 0.25: the fewer features are off, the more an answer counts.",
    )
    st.toggle(
        "Ask few questions first",
        **ties["grow"],
        help="Look after 300 questions, then after more; stop once the verdict and the first interaction stay and more "
        "questions explain hardly more. Else all questions are asked at once.",
    )
    st.number_input("Seed", *SEED, **ties["seed"], help="The same seed gives the same result.")
