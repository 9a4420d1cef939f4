"""What stands beside every picture, in tabs: ranking, the sum, checks on the model, features to switch off, details."""

from __future__ import annotations

from collections.abc import Callable, Collection
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.domains import Domain
from glider_core.drawings import bars, charts
from glider_core.drawings.families import families
from glider_core.drawings.layered import layered
from glider_core.drawings.sentences import effect_with_interval, label, no_interaction, percent, set_sentence, unit_of
from glider_core.drawings.text import markdown
from glider_core.engine.asking import ask
from glider_core.engine.scale import as_explained
from glider_core.engine.terms import t_threshold
from glider_core.models import find_entry
from glider_core.numerals import signed
from glider_core.reporting import as_python, report
from pages.parts import glossary, joining, paper, picture, run, saving
from pages.parts.explaining import STAGES
from pages.parts.signs import with_signs
from pages.parts.state import RESULT, Outcome, PageState, Shown
from pages.parts.ties import tied

DRAWS = 20  # of what is random when off, over which an answer is averaged
CONFIG = {"displaylogo": False, "displayModeBar": False}  # of a chart
Acted = Callable[[picture.Act], None]


def show(state: PageState, domain: Domain, shown: Shown, undrawn: Collection[int], act: Acted) -> None:
    """The tabs; `undrawn` are positions of interactions that the picture leaves out."""
    explanation, outcome = shown.explanation, state.outcome()
    ranking, summed, proof, by_hand, details = st.tabs(["Ranking", "Sum", "Proof", "Try it", "Details"])
    with ranking:
        _ranking(state, explanation, undrawn, act)
    with summed:
        _sum(state, domain, explanation, act)
    with proof:
        _proof(outcome, explanation, undrawn)
    with by_hand:
        _switch_off(state, shown, domain)
        joining.show(state, shown, domain)
    with details:
        _details(outcome.name, explanation)
        paper.show(outcome, shown)


def first(explanation: gl.Explanation, undrawn: Collection[int]) -> int | None:
    """The position of the set that is spoken of first; None without any."""
    folded = families(explanation.interactions, left_out=undrawn)
    return folded[0].head if folded else None


def answer_off(state: PageState, shown: Shown) -> float | None:
    """The model's answer with what is off by hand; None with nothing off, while it is asked, or after a message."""
    off = sorted(state.outcome().off)
    try:
        return _answer(state.outcome().name, shown, off) if off else None
    except gl.GliderError as error:
        st.error(markdown(str(error)), icon=":material/error:")
        return None


def _ranking(state: PageState, explanation: gl.Explanation, undrawn: Collection[int], act: Acted) -> None:
    pairs_only = st.toggle("Pairs only", key=f"{state.page}-pairs")
    drawn = bars.ranking(explanation, pairs_only=pairs_only, undrawn=undrawn)
    if drawn is None:
        words = "No pair among the interactions found." if explanation.interactions else no_interaction(explanation)
        st.info(words, icon=":material/info:")
        return
    _control(state, explanation, drawn, "ranking", act)
    glossary.write(
        "Bar and per cent: its gain, the share of what varies that it adds to those above. Number and colour: the "
        "effect with its interval." + (" Pale: not in the picture." if undrawn else ""),
        small=True,
    )


def _sum(state: PageState, domain: Domain, explanation: gl.Explanation, act: Acted) -> None:
    shown = None
    if domain.probability is not None:
        kinds = ["probability", unit_of(explanation)]
        told = st.segmented_control(
            "In", kinds, default=kinds[0], required=True, key=f"{state.page}-sum-in", label_visibility="collapsed"
        )
        shown = domain.probability if told == kinds[0] else None
    drawn = bars.waterfall(explanation, answer=shown, unit=None if shown is None else "probability")
    _control(state, explanation, drawn, "sum", act)
    glossary.write(
        "From the answer with everything off to the answer. Features: their effect beside the sets; hatched: sets; "
        "neither: what both leave open.",
        small=True,
    )


def _control(state: PageState, explanation: gl.Explanation, drawn: str, name: str, act: Acted) -> None:
    outcome = state.outcome()
    picture.control(
        drawn,
        f"{state.page}-{name}-picture",
        explanation,
        scope=state.page,
        off=outcome.off,
        chosen=outcome.chosen,
        on_act=act,
        label=name,
    )


def _proof(outcome: Outcome, explanation: gl.Explanation, undrawn: Collection[int]) -> None:
    if not explanation.interactions:
        st.info("Nothing to check: no interaction was found.", icon=":material/info:")
        return

    def take() -> None:
        number = st.session_state[key]
        # Of a result that came in between with other sets, a browser still sends the words of the former choice.
        outcome.chosen = number if isinstance(number, int) else None

    usual = first(explanation, undrawn) or 0
    key = f"{outcome.name}-chosen"
    number = st.selectbox(
        "Set",
        range(len(explanation.interactions)),
        format_func=lambda n: label(n, explanation.interactions[n], longest=60),
        on_change=take,
        label_visibility="collapsed",
        **tied(key, usual if outcome.chosen is None else outcome.chosen),
    )
    number = number if isinstance(number, int) else usual
    interaction = explanation.interactions[number]
    glossary.write(set_sentence(explanation, number))
    figure = charts.factorial(interaction, explanation.explained, unit_of(explanation))
    if figure is not None:
        st.plotly_chart(figure, key=f"{outcome.name}-factorial", config=CONFIG)
        st.caption(
            "The model's own answers with these features on or off (struck through), all others as they are. Where dot "
            "and mark part, the features interact."
        )
    facts = {
        "Interaction": f"I{number + 1} " + " · ".join(interaction.names),
        "Effect": _effect(interaction),
        "With all else on": signed(interaction.at_input, 3),
        "Gain": f"{percent(interaction.gain)} of what varies" + (", as the one above" if interaction.tied else ""),
    }
    if abs(interaction.adds - interaction.effect) > 5e-4:
        facts["Beyond the sets inside it"] = signed(interaction.adds, 3)
    if interaction.t is not None:
        threshold = t_threshold(len(explanation.names), interaction.order)
        facts["Significance"] = f"t {interaction.t:.1f}; chance alone reaches {threshold:.1f} in one of 100 runs"
    if interaction.survives is not None:
        facts["Other off state"] = "the same sign" if interaction.survives else "does not hold there"
    if interaction.stability is not None:
        facts["Stability"] = f"found in {interaction.stability:.0%} of {explanation.runs} runs"
        if (family := interaction.family_stability) is not None and family > interaction.stability:
            facts["Stability"] += f", it or a set inside it or around it in {family:.0%}"
    _facts(facts)


def _effect(interaction: gl.Interaction) -> str:
    """The mean effect with its interval, and in how many contexts it has that sign."""
    words, same = effect_with_interval(interaction, 3), interaction.same_sign
    return words if same is None else f"{words}, of this sign in {same:.0%} of contexts"


def _facts(facts: dict[str, str]) -> None:
    rows = [{"what": markdown(name), "value": markdown(value)} for name, value in facts.items()]
    st.table(rows, border="horizontal", hide_header=True, hide_index=True)


def _switch_off(state: PageState, shown: Shown, domain: Domain) -> None:
    """Features to switch off by hand, and the model's answer."""
    outcome, names = state.outcome(), shown.explanation.names

    def take() -> None:
        outcome.off = list(st.session_state[key])

    key = f"{outcome.name}-off"
    st.multiselect(
        "Off",
        range(len(names)),
        format_func=lambda i: names[i],
        on_change=take,
        placeholder=f"Choose a {domain.feature}, or click it in the picture",
        help="In any picture: a click switches off, another one on.",
        **tied(key, outcome.off),
    )
    off, unchanged = sorted(outcome.off), shown.explanation.prediction
    answer = answer_off(state, shown) if off else unchanged
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


def _details(name: str, explanation: gl.Explanation) -> None:
    """How it was explained, each set's numbers, and ways to keep it."""
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
        file, link = f"glider-{explanation.model_id.replace('/', '-')}", saving.address()
        with st.popover("Save as", icon=":material/save:"):
            saving.files(
                file, f"{name}-save", report=lambda: report(explanation, address=link),
                picture=lambda: layered(explanation, layer="together"),
            )  # fmt: skip
        if query := st.query_params.to_dict():
            with st.popover("Link to this case", icon=":material/link:"):
                st.caption("Opens the same input, settings and view on this machine, and so the same result.")
                told = {RESULT: explanation.fingerprint} if explanation.fingerprint else {}
                st.code(f"{st.context.url}?{urlencode(query | told)}", language=None, wrap_lines=True)
        if find_entry(explanation.case.model) is not None:  # no program has a model that was trained in the app
            with st.popover("Copy as Python", icon=":material/code:"):
                st.code(as_python(explanation.case), language="python", wrap_lines=True)
    st.plotly_chart(charts.fidelity(explanation), key=f"{name}-fidelity", config=CONFIG)
    glossary.write("R² of a linear model of the features and the first sets, on masks that it never saw.", small=True)
    if explanation.interactions:
        _table_of_sets(explanation)
    with st.expander("Settings, time and versions", icon=":material/receipt_long:"):
        _facts({name.replace("_", " "): str(value) for name, value in explanation.settings.model_dump().items()})
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


def _table_of_sets(explanation: gl.Explanation) -> None:
    rows = [
        {
            "set": label(number, interaction, longest=60),
            "effect": round(interaction.effect, 3),
            "gain": round(interaction.gain, 4),
            "strength": round(interaction.strength, 4),
            "order": interaction.order,
            "t": None if interaction.t is None else round(interaction.t, 1),
        }
        | ({} if interaction.stability is None else {"stability": f"{interaction.stability:.0%}"})
        for number, interaction in enumerate(explanation.interactions)
    ]
    table = with_signs(pd.DataFrame(rows), {"effect": 3})
    st.dataframe(table, hide_index=True, height=min(38 + 35 * len(rows), 250))
    glossary.write("The detector's strength has no unit; gain is in shares of what varies.", small=True)
