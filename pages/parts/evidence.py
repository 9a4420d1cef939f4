"""What stands below every picture: ranking, checks on the model, fidelity, features to switch off, and the record."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

import numpy as np
import streamlit as st

import glider_core as gl
from glider_core.domains import Domain
from glider_core.drawings import charts
from glider_core.drawings.sentences import effect_with_interval, label, no_interaction, percent, unit_of
from glider_core.drawings.text import markdown, signed
from glider_core.engine.asking import ask
from glider_core.engine.scale import as_explained
from glider_core.engine.terms import t_threshold
from pages.parts import run
from pages.parts.explaining import STAGES
from pages.parts.state import RESULT, Outcome, Shown, tied

DRAWS = 20  # of what is random when off, over which an answer is averaged
MAX_SWITCHES = 60
MAX_CHOICES = 12  # interactions to look at closely
CONFIG = {"displaylogo": False, "displayModeBar": False}  # of a chart


def choose(outcome: Outcome, explanation: gl.Explanation, undrawn: Collection[int]) -> None:
    """Let the visitor pick the interaction to look at closely; none stresses none."""
    shown = explanation.interactions[:MAX_CHOICES]
    options = [number for number in range(len(shown)) if number not in undrawn]
    if not options:
        return

    def take() -> None:
        outcome.chosen = st.session_state[key]

    key = tied(f"{outcome.name}-chosen", outcome.chosen)
    st.pills(
        "Look closely at",
        options,
        format_func=lambda number: markdown(label(number, shown[number], longest=26)),
        key=key,
        on_change=take,
    )


def show(outcome: Outcome, shown: Shown, domain: Domain, undrawn: Collection[int]) -> None:
    """Everything below the picture; `undrawn` are positions of interactions that it leaves out."""
    explanation = shown.explanation
    left, right = st.columns(2, gap="large")
    with left:
        _ranking(outcome.name, explanation, undrawn)
    with right:
        _check(outcome, explanation)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("How much do they explain?", anchor=False)
        st.plotly_chart(charts.fidelity(explanation), key=f"{outcome.name}-fidelity", config=CONFIG)
        st.caption("A linear model of the features and the strongest interactions, measured on masks it never saw.")
    with right:
        _switch_off(outcome, shown, domain)
    _record(outcome.name, explanation)


@st.fragment
def _ranking(name: str, explanation: gl.Explanation, undrawn: Collection[int]) -> None:
    """Redraws alone when its toggle changes; the explanation is not run again."""
    title, switch = st.columns([3, 2], vertical_alignment="bottom")
    title.subheader("Ranking", anchor=False)
    pairs_only = switch.toggle("Pairs only", key=f"{name}-pairs")
    figure = charts.gain_bars(explanation, pairs_only=pairs_only, undrawn=undrawn)
    if figure is None:
        words = "No pair among the interactions found." if explanation.interactions else no_interaction(explanation)
        st.info(words, icon=":material/info:")
        return
    st.plotly_chart(figure, key=f"{name}-ranking", config=CONFIG)
    st.caption(
        "Length: what each adds to those above it. Number and colour: the joint effect, measured on the model."
        + (" Grey: not in the picture." if undrawn else "")
    )


def _check(outcome: Outcome, explanation: gl.Explanation) -> None:
    st.subheader("Checked on the model", anchor=False)
    if not explanation.interactions:
        st.info("Nothing to check: no interaction was found.", icon=":material/info:")
        return
    number = outcome.chosen or 0
    interaction = explanation.interactions[number]
    figure = charts.factorial(interaction, explanation.explained, unit_of(explanation))
    if figure is not None:
        st.plotly_chart(figure, key=f"{outcome.name}-factorial", config=CONFIG)
        st.caption(
            "What the model itself answers with these features on or off (struck through), all others left as they "
            "are. Where dot and mark part, the features interact."
        )
    facts = {
        "Interaction": f"I{number + 1} " + " · ".join(interaction.names),
        "Joint effect": _effect(interaction),
        "With all else on": signed(interaction.at_input, 3),
        "Share of what varies": percent(interaction.gain) + (", as the one above" if interaction.tied else ""),
    }
    if abs(interaction.adds - interaction.effect) > 5e-4:
        facts["Beyond the sets inside it"] = signed(interaction.adds, 3)
    if interaction.t is not None:
        threshold = t_threshold(len(explanation.names), interaction.order)
        facts["Significance"] = f"t {interaction.t:.1f}; chance alone reaches {threshold:.1f} in one of 100 runs"
    if interaction.survives is not None:
        facts["Other off state"] = "the same sign" if interaction.survives else "does not hold there"
    if interaction.stability is not None:
        facts["Stability"] = f"found in {interaction.stability:.0%} of repeats"
    _facts(facts)


def _effect(interaction: gl.Interaction) -> str:
    """The mean effect with its interval, and in how many contexts it has that sign."""
    words, same = effect_with_interval(interaction, 3), interaction.same_sign
    return words if same is None else f"{words}, of this sign in {same:.0%} of contexts"


def _facts(facts: dict[str, str]) -> None:
    rows = [{"what": markdown(name), "value": markdown(value)} for name, value in facts.items()]
    st.table(rows, border="horizontal", hide_header=True, hide_index=True)


@st.fragment
def _switch_off(outcome: Outcome, shown: Shown, domain: Domain) -> None:
    """Features to switch off by hand, and the model's answer."""
    st.subheader("Try it: switch features off", anchor=False)
    names = shown.explanation.names
    if len(names) > MAX_SWITCHES:
        st.info(f"There are {len(names)} features, too many to switch by hand.", icon=":material/info:")
        return

    def take() -> None:
        outcome.off = list(st.session_state[key])

    key = tied(f"{outcome.name}-off", outcome.off)
    st.pills(
        "Off",
        range(len(names)),
        selection_mode="multi",
        format_func=lambda i: markdown(names[i]),
        key=key,
        on_change=take,
        label_visibility="collapsed",
    )
    off, unchanged = sorted(outcome.off), shown.explanation.prediction
    try:
        answer = _answer(outcome.name, shown, off) if off else unchanged
    except gl.GliderError as error:
        st.error(markdown(str(error)), icon=":material/error:")
        return
    if answer is None:
        return
    st.metric(
        f"The model's answer with {len(off)} off" if off else "The model's answer, nothing off",
        domain.answer(answer),
        delta=f"{signed(answer - unchanged)} against the original" if off else None,
        delta_color="off",
        delta_arrow="off",
    )


def _answer(name: str, shown: Shown, off: list[int]) -> float | None:
    """The model's answer with these features off; None while it is being asked."""
    mask = np.ones((1, len(shown.explanation.names)), dtype=bool)
    mask[0, off] = False
    explanation, instance = shown.explanation, shown.instance
    identity = explanation.fingerprint
    draws = range(DRAWS if instance.stochastic else 1)  # of what is random when off
    return run.quick(
        (name, "off", *off),
        lambda: float(np.mean([as_explained(explanation, ask(instance.redrawn(draw), mask))[0] for draw in draws])),
        key=None if identity is None else ("answer", identity, *off),
        waiting="Asking the model",
    )


def _record(name: str, explanation: gl.Explanation) -> None:
    """How it was explained, and ways to keep it."""
    with st.expander("Settings, time and versions", icon=":material/receipt_long:"):
        settings, versions = st.columns(2, gap="large")
        with settings:
            _facts({name.replace("_", " "): str(value) for name, value in explanation.settings.model_dump().items()})
        with versions:
            seconds = {
                STAGES[stage][0] if stage in STAGES else stage: f"{value:.2f} s"
                for stage, value in explanation.timings.items()
            }
            _facts(
                {
                    "model": explanation.model_id,
                    "fingerprint": explanation.fingerprint or "none",
                    "questions asked": f"{explanation.n_evaluations:,}",
                    "R² of all that was learned": f"{explanation.explainer_score:.4f}",
                    **seconds,
                    **explanation.versions,
                }
            )
    with st.container(horizontal=True):
        st.download_button(
            "Download as JSON",
            explanation.to_json,
            file_name=f"glider-{explanation.model_id.replace('/', '-')}.json",
            mime="application/json",
            icon=":material/download:",
            key=f"{name}-download",
            on_click="ignore",
        )
        if query := st.query_params.to_dict():
            with st.popover("Link to this case", icon=":material/link:"):
                st.caption("Opens the same input with the same settings on this machine, and so the same result.")
                told = {RESULT: explanation.fingerprint} if explanation.fingerprint else {}
                st.code(f"{st.context.url}?{urlencode(query | told)}", language=None, wrap_lines=True)
