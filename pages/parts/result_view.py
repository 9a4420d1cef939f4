"""What every page shows with its picture: headline, ranking, checks on the model, fidelity, and where it came from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from urllib.parse import urlencode

import numpy as np
import streamlit as st

import glider_core as gl
from glider_core.drawings import charts
from glider_core.drawings.text import markdown, signed
from glider_core.engine.asking import ask
from pages.parts.run_panel import STAGE_WORDS, Shown

POOR_FIT = 0.6  # R2 of the explainer below which its interactions are not to be trusted
MAX_FLIPS = 60
_CONFIG = {"displaylogo": False, "displayModeBar": False}


def choose(page: str, explanation: gl.Explanation, *, quiet: Collection[int] = ()) -> int | None:
    """Let the visitor pick the interaction to look at closely; None stresses none."""
    options = [number for number in range(min(len(explanation.interactions), 12)) if number not in quiet]
    if not options:
        return None
    return st.pills(
        "Look closely at",
        options,
        format_func=lambda number: markdown(charts.label(number, explanation.interactions[number], longest=26)),
        key=f"{page}.chosen",
    )


def headline(explanation: gl.Explanation, unit: str, *, quiet: Collection[int] = ()) -> str:
    """One sentence that says what was found; Markdown, names escaped.

    Args:
        explanation: to be summed up by its strongest interaction.
        unit: of the effect, such as "logits".
        quiet: positions of interactions that are spoken of only when there is no other.
    """
    if not explanation.interactions:
        return charts.NO_INTERACTION
    numbers = range(len(explanation.interactions))
    top = explanation.interactions[next((number for number in numbers if number not in quiet), 0)]
    *first, last = (f"**{markdown(name)}**" for name in top.names)
    names = f"{', '.join(first)} and {last}" if top.order <= 8 else f"{', '.join(first[:7])} and {top.order - 7} more"
    if abs(top.effect) < 0.005:
        return f"The model reads {names} together, but here that changes its answer by next to nothing."
    more = "more" if top.effect >= 0 else "less"
    return (
        f"The model reads {names} together: jointly they give **{abs(top.effect):.2f} {unit} {more}** "
        "than they add up to one by one."
    )


def evidence(
    page: str, shown: Shown, chosen: int | None, *, say: Callable[[float], str], quiet: Collection[int] = ()
) -> None:
    """Everything below the picture.

    Args:
        page: prefix of the widgets' keys.
        shown: the finished case.
        chosen: position of the interaction that is looked at closely.
        say: the model's answer in people's words.
        quiet: positions of interactions that the picture does not draw.
    """
    explanation = shown.explanation
    if explanation.explainer_score < POOR_FIT:
        st.warning(
            f"The explainer captures only part of what the model does (R² {explanation.explainer_score:.2f} on unseen "
            "masks). Ask more questions, or raise repeats and trust what stays.",
            icon=":material/warning:",
        )
    left, right = st.columns(2, gap="large")
    with left:
        _ranking(page, explanation, quiet)
    with right:
        _check(explanation, chosen)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("How much do they explain?", anchor=False)
        st.plotly_chart(charts.fidelity(explanation), key=f"{page}.fidelity", config=_CONFIG)
        st.caption("A linear model of the features and the strongest interactions, measured on masks it never saw.")
    with right:
        _flip(page, shown, say)
    _provenance(page, explanation)


@st.fragment
def _ranking(page: str, explanation: gl.Explanation, quiet: Collection[int]) -> None:
    """Redraws alone when its toggle changes; the explanation is not run again."""
    title, switch = st.columns([3, 2], vertical_alignment="bottom")
    title.subheader("Ranking", anchor=False)
    pairs_only = switch.toggle("Pairs only", key=f"{page}.pairs_only")
    figure = charts.strength_bars(explanation, pairs_only=pairs_only, quiet=quiet)
    if figure is None:
        st.info(
            "No pair among the interactions found." if explanation.interactions else charts.NO_INTERACTION,
            icon=":material/info:",
        )
    else:
        st.plotly_chart(figure, key=f"{page}.ranking", config=_CONFIG)
        st.caption(
            "Length: the detector's strength. Number and colour: the joint effect, measured on the model."
            + (" Grey: with a stop word or a mark." if quiet else "")
        )


def _check(explanation: gl.Explanation, chosen: int | None) -> None:
    st.subheader("Checked on the model", anchor=False)
    if not explanation.interactions:
        st.info("Nothing to check: no interaction was found.", icon=":material/info:")
        return
    number = chosen if chosen is not None and chosen < len(explanation.interactions) else 0
    interaction = explanation.interactions[number]
    figure = charts.factorial(interaction, explanation.explained)
    if figure is not None:
        st.plotly_chart(figure, key=f"factorial.{number}", config=_CONFIG)
        st.caption(
            "What the model itself answers with these features on or off (struck through), all others left as they "
            "are. Where dot and mark part, the features interact."
        )
    facts = {
        "Interaction": f"I{number + 1} " + " · ".join(interaction.names),
        "Joint effect": signed(interaction.effect, 3),
        "Gain in R²": signed(interaction.gain, 4),
    }
    if interaction.stability is not None:
        facts["Stability"] = f"found in {interaction.stability:.0%} of repeats"
    _facts(facts)


def _facts(facts: dict[str, str]) -> None:
    rows = [{"what": markdown(name), "value": markdown(value)} for name, value in facts.items()]
    st.table(rows, border="horizontal", hide_header=True, hide_index=True)


@st.fragment
def _flip(page: str, shown: Shown, say: Callable[[float], str]) -> None:
    """Features to switch off by hand, and the model's answer at once."""
    st.subheader("Try it: switch features off", anchor=False)
    names = shown.explanation.names
    if len(names) > MAX_FLIPS:
        st.info(f"There are {len(names)} features, too many to switch by hand.", icon=":material/info:")
        return
    off = st.pills(
        "Off",
        list(range(len(names))),
        selection_mode="multi",
        format_func=lambda i: markdown(names[i]),
        key=f"{page}.flipped",
        label_visibility="collapsed",
    )
    mask = np.ones((1, len(names)), dtype=bool)
    mask[0, [i for i in off if i < len(names)]] = False
    try:
        answer = float(ask(shown.instance, mask)[0])
    except gl.GliderError as error:
        st.error(markdown(str(error)))
        return
    st.metric(
        f"The model's answer with {len(off)} off" if off else "The model's answer, nothing off",
        say(answer),
        delta=f"{signed(answer - shown.explanation.prediction)} against the original" if off else None,
        delta_color="off",
        delta_arrow="off",
    )


def _provenance(page: str, explanation: gl.Explanation) -> None:
    with st.expander("Settings, time and versions", icon=":material/receipt_long:"):
        settings, versions = st.columns(2, gap="large")
        with settings:
            _facts({name.replace("_", " "): str(value) for name, value in explanation.settings.model_dump().items()})
        with versions:
            _facts(
                {
                    "model": explanation.model_id,
                    "fingerprint": explanation.fingerprint or "none",
                    "questions asked": f"{explanation.n_evaluations:,} distinct masks",
                    "explainer's R²": f"{explanation.explainer_score:.4f}",
                    **{STAGE_WORDS.get(stage, stage): f"{value:.2f} s" for stage, value in explanation.timings.items()},
                    **explanation.versions,
                }
            )
    with st.container(horizontal=True):
        st.download_button(
            "Download as JSON",
            explanation.to_json(),
            file_name=f"glider-{explanation.model_id.replace('/', '-')}.json",
            mime="application/json",
            icon=":material/download:",
            key=f"{page}.download",
            on_click="ignore",
        )
        with st.popover("Link to this case", icon=":material/link:"):
            st.caption("Opens the same input with the same settings on this machine, and so the same result.")
            st.code(f"{st.context.url}?{urlencode(st.query_params.to_dict())}", language=None, wrap_lines=True)


def forget_switches_of_others(names: Sequence[str], page: str) -> None:
    """Clear the switched-off features when the result's features are others than before."""
    if st.session_state.get(f"{page}.names") != tuple(names):
        st.session_state[f"{page}.names"] = tuple(names)
        st.session_state[f"{page}.flipped"] = []
