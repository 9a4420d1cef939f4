"""What every page shows below its picture: ranking, checks on the model, fidelity, and what produced the result."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

import glider_core as gl
from glider_core.instance import ask
from pages.parts import charts
from pages.parts.run_panel import Shown

POOR_FIT = 0.6  # R2 of the explainer below which its interactions are not to be trusted
MAX_FLIPS = 60


def choose(page: str, explanation: gl.Explanation) -> int | None:
    """Let the visitor pick the interaction to look at closely; None stresses none."""
    if not explanation.interactions:
        return None
    options = list(range(min(len(explanation.interactions), 12)))
    return st.pills(
        "Look closely at",
        options,
        format_func=lambda number: _markdown(charts.label(number, explanation.interactions[number], longest=26)),
        key=f"{page}.chosen",
    )


def headline(explanation: gl.Explanation, unit: str) -> str:
    """One sentence that says what was found; Markdown, names escaped."""
    if not explanation.interactions:
        return charts.NO_INTERACTION
    top = explanation.interactions[0]
    names = " and ".join(f"**{_markdown(name)}**" for name in top.names[:6]) + (" …" if top.order > 6 else "")
    more = "more" if top.effect >= 0 else "less"
    return (
        f"The model reads {names} together: jointly they give **{abs(top.effect):.2f} {unit} {more}** than one by one."
    )


def evidence(page: str, shown: Shown, chosen: int | None) -> None:
    """Everything below the picture."""
    explanation = shown.explanation
    if explanation.explainer_score < POOR_FIT:
        st.warning(
            f"The explainer captures only part of what the model does (R² {explanation.explainer_score:.2f} on unseen "
            "masks). Ask more questions, or raise repeats and trust what stays.",
            icon=":material/warning:",
        )
    left, right = st.columns(2, gap="large")
    with left:
        _ranking(page, explanation)
    with right:
        _check(explanation, chosen)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("How much do they explain?", anchor=False)
        st.plotly_chart(charts.fidelity(explanation), key=f"{page}.fidelity", config=_CONFIG)
    with right:
        _flip(page, shown)
    _provenance(page, explanation)


_CONFIG = {"displaylogo": False, "displayModeBar": False}


@st.fragment
def _ranking(page: str, explanation: gl.Explanation) -> None:
    """Redraws alone when its toggle changes; the explanation is not run again."""
    title, switch = st.columns([3, 2], vertical_alignment="bottom")
    title.subheader("Ranking", anchor=False)
    pairs_only = switch.toggle("Pairs only", key=f"{page}.pairs_only")
    figure = charts.strength_bars(explanation, pairs_only=pairs_only)
    if figure is None:
        st.info(
            "No pair among the interactions found." if explanation.interactions else charts.NO_INTERACTION,
            icon=":material/info:",
        )
    else:
        st.plotly_chart(figure, key=f"{page}.ranking", config=_CONFIG)
        st.caption("Length: the detector's strength. Number and colour: the joint effect beyond the separate ones.")


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
        "Features": " · ".join(interaction.names),
        "Joint effect": f"{interaction.effect:+.3f}",
        "Gain in R²": f"{interaction.gain:+.4f}",
        "Stability": "—" if interaction.stability is None else f"found in {interaction.stability:.0%} of repeats",
    }
    st.table(_rows(facts), border="horizontal")


def _rows(facts: dict[str, str]) -> list[dict[str, str]]:
    return [{"what": _markdown(name), "value": _markdown(value)} for name, value in facts.items()]


@st.fragment
def _flip(page: str, shown: Shown) -> None:
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
        format_func=lambda i: _markdown(names[i]),
        key=f"{page}.flipped",
        label_visibility="collapsed",
    )
    mask = np.ones((1, len(names)), dtype=bool)
    mask[0, [i for i in off if i < len(names)]] = False
    try:
        answer = float(ask(shown.instance, mask)[0])
    except gl.GliderError as error:
        st.error(str(error))
        return
    st.metric(
        _markdown(f"The model's answer: {shown.explanation.explained}"),
        f"{answer:+.3f}",
        delta=f"{answer - shown.explanation.prediction:+.3f} against the original" if off else None,
        delta_color="off",
    )


def _provenance(page: str, explanation: gl.Explanation) -> None:
    with st.expander("Settings, time and versions", icon=":material/receipt_long:"):
        settings, versions = st.columns(2, gap="large")
        seconds = {f"seconds: {stage}": f"{value:.2f}" for stage, value in explanation.timings.items()}
        chosen = {name: str(value) for name, value in explanation.settings.model_dump().items()}
        settings.table(_rows(chosen), border="horizontal")
        versions.table(
            _rows(
                {
                    "model": explanation.model_id,
                    "fingerprint": explanation.fingerprint or "none",
                    "questions asked": f"{explanation.n_evaluations:,} distinct masks",
                    "explainer's R²": f"{explanation.explainer_score:.4f}",
                    **seconds,
                    **explanation.versions,
                }
            ),
            border="horizontal",
        )
    st.download_button(
        "Download as JSON",
        explanation.to_json(),
        file_name=f"glider-{explanation.model_id.replace('/', '-')}.json",
        mime="application/json",
        icon=":material/download:",
        key=f"{page}.download",
        on_click="ignore",
    )


def _markdown(text: str) -> str:
    """Text that Streamlit will show as it stands: every mark of Markdown, HTML and emoji codes escaped."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|~$:" else c for c in text)


def unseen(names: Sequence[str], page: str) -> None:
    """Forget the switches of a former result whose features were others."""
    if st.session_state.get(f"{page}.names") != tuple(names):
        st.session_state[f"{page}.names"] = tuple(names)
        st.session_state[f"{page}.flipped"] = []
