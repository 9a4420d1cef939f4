"""Two models, one sentence: what each of them reads together (Table 8 of Tsang et al. 2020)."""

from dataclasses import replace
from functools import partial

import streamlit as st

from glider_core.domains import DOMAINS
from glider_core.drawings import draw, drawing_of
from glider_core.drawings.sentences import NO_INTERACTION, no_interaction
from glider_core.drawings.text import markdown, signed
from glider_core.models import find_entry
from pages.parts import explaining, frame, model_choice, picture, run
from pages.parts.settings_form import detector_choice, settings_form
from pages.parts.state import Shown, state_of, tied

PAGE, DOMAIN = "side_by_side", DOMAINS["sentiment"]
SIDES = (".left", ".right")
OTHER = "beside"  # option of an address: the model on the right
USUAL_OTHER = "sentiment/distilbert-small"
SHOWN = 6


def take_example() -> None:
    """Explain the picked example."""
    state.example = st.session_state[f"{PAGE}-example"]
    if state.example is not None:
        state.ask(DOMAIN.examples(state.model)[state.example])


def take_model(side: str, model_id: str) -> None:
    """Put another model on one side."""
    if side == SIDES[0]:
        state.model = model_id
    else:
        state.options = {} if model_id == USUAL_OTHER else {OTHER: model_id}


def column(side: str, shown: Shown) -> dict[tuple[int, ...], str]:
    """One model's picture; the interactions in it, with their place in the model's ranking and their effect."""
    explanation = shown.explanation
    undrawn = drawing_of(explanation).undrawn(explanation, explanation.payload)
    with st.container(border=True):
        st.subheader(markdown(f"{title_of(explanation.model_id)}: {DOMAIN.heading(explanation)}"), anchor=False)
        picture.show(draw(explanation), f"{PAGE}{side}-picture")
        drawn = {
            interaction.features: f"I{number}  {signed(interaction.effect)}"
            for number, interaction in enumerate(explanation.interactions, 1)
            if number - 1 not in undrawn
        }
        if not drawn:
            st.caption(no_interaction(explanation))
    return drawn


def title_of(model_id: str) -> str:
    """The model's title for people."""
    entry = find_entry(model_id)
    return model_id if entry is None else entry.title


def compare(both: list[Shown], sets: list[dict[tuple[int, ...], str]]) -> None:
    """A table of the sets that either model reads together."""
    st.subheader("Found by", anchor=False)
    order = list(dict.fromkeys(features for found in sets for features in list(found)[:SHOWN]))
    # Of a long text, one model may read more words than the other.
    names = max((shown.explanation.names for shown in both), key=len)
    titles = [title_of(shown.explanation.model_id) for shown in both]
    if titles[0] == titles[1]:
        titles[1] += " (right)"
    rows = [
        {"words": " · ".join(names[i] for i in features)}
        | {title: found.get(features, "–") for title, found in zip(titles, sets, strict=True)}
        | {"both": "✓" if all(features in found for found in sets) else ""}
        for features in order
    ]
    if not rows:
        st.caption(NO_INTERACTION)
        return
    st.dataframe(rows, hide_index=True)
    st.caption(
        f"{sum(row['both'] == '✓' for row in rows)} of {len(rows)} sets are found in both models. Numbers: place in "
        "the model's own ranking, and the joint effect in logits."
    )


frame.enter()
state = state_of(DOMAIN, page=PAGE, models=list(DOMAIN.models))
if not isinstance(state.options.get(OTHER), str) or find_entry(state.options[OTHER]) is None:
    state.options.pop(OTHER, None)
models = (state.model, state.options.get(OTHER, USUAL_OTHER))
cases = [replace(state.case, model=model_id, options={}) for model_id in models]

st.title("Two models, one sentence", anchor=False)
st.markdown("Do two models that agree on a sentence read the same words *together*?")
places = {name: st.container(key=f"{PAGE}-place-{name}") for name in ("inputs", "models", "run", "result", "table")}
with places["inputs"]:
    examples = DOMAIN.examples(state.model)
    if state.example is not None and examples[state.example] != state.raw:
        state.example = None
    key = tied(f"{PAGE}-example", state.example)
    st.pills("Examples", list(examples), key=key, on_change=take_example, label_visibility="collapsed")
    st.text_area("Sentence", height=90, **state.tie("raw"))
available = []
with places["models"]:
    titles = {model_id: entry.title for model_id, entry in DOMAIN.models.items()}
    for side, model_id, place in zip(SIDES, models, st.columns(2), strict=True):
        with place:
            model_choice.choose(f"{PAGE}{side}-model", titles, model_id, partial(take_model, side))
            available.append(model_choice.available(f"{PAGE}{side}", model_id))
with places["run"]:
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Run",
            type="primary",
            icon=":material/play_arrow:",
            key=f"{PAGE}-run",
            width=120,
            disabled=not all(available),
        )
        told = detector_choice(state)
        with st.popover("Settings", icon=":material/tune:"):
            settings_form(state)
    st.caption(f"{told} A word that is off is a zero vector.")
    if all(available) and (pressed or state.wanted):
        state.wanted = False
        for side, case in zip(SIDES, cases, strict=True):
            explaining.start(state.outcome(side), case)
        state.link()
    results = [explaining.follow(state.outcome(side), case) for side, case in zip(SIDES, cases, strict=True)]
both = [shown for shown in results if shown is not None]
if len(both) == len(SIDES):
    with places["result"]:
        sets = [column(side, shown) for side, shown in zip(SIDES, both, strict=True)]
    # Else one of the two still stands for the former sentence.
    if both[0].asked.raw == both[1].asked.raw:
        with places["table"]:
            compare(both, sets)
    for side in SIDES:
        explaining.stability(state.outcome(side))
run.end_of_page()
