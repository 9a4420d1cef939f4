"""Your model: explain any function; what the local configuration names, and how to name it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

import glider_core as gl
from glider_core.drawings import recommender as draw_row
from glider_core.drawings.text import markdown
from glider_core.own import VARIABLE, configured, load_instances
from pages.parts import frame, picture, result_view, run_panel

PAGE = "yours"
EXAMPLE = "An example: is it worth taking an umbrella?"
ADAPTER = Path(__file__).parent.parent / "docs" / "own_model.py"


class Made:
    """Instances of a configured function, as a page wants a model."""

    id = "function"

    def __init__(self, instances: list[gl.Instance]) -> None:
        self._instances = instances

    def instance(self, number: int) -> gl.Instance:
        """The instance of this number."""
        return self._instances[number]


def umbrella() -> gl.Instance:
    """A formula that anyone can check."""

    def answer(masks):
        rain, umbrella, wind, hat, walk = masks.T
        return 2.0 * walk - 3.0 * (rain & walk) + 2.5 * (rain & umbrella & walk) - 2.0 * (umbrella & wind) + 0.2 * hat

    return gl.FunctionInstance(
        ["rain", "umbrella", "wind", "hat", "walk"], answer, explained="comfort", fingerprint="umbrella"
    )


@st.cache_resource(show_spinner="Loading your instances")
def made(name: str) -> Made:
    """The configured function's instances, made once."""
    return Made([umbrella()] if name == EXAMPLE else list(load_instances(name)))


frame.enter()
run_panel.start(PAGE, detector="NID", source="", number=0)
st.title("Your model", anchor=False)
st.markdown("Any function from on/off features to a number can be explained, whatever is inside it.")
sources = [*configured(), EXAMPLE]
if st.session_state["yours.source"] not in sources:
    st.session_state["yours.source"] = sources[0]
source = st.selectbox("Instance", sources, key="yours.source")
try:
    model = made(source)
except gl.GliderError as error:
    st.error(markdown(str(error)), icon=":material/error:")
    model = None

with st.expander("How to bring your own", icon=":material/code:", expanded=not configured()):
    st.markdown(
        "Write a function that answers masks, wrap it in a `FunctionInstance`, and name the module in the variable "
        f"`{VARIABLE}` before you start Glider; for the file below, saved as `own_model.py` beside `app.py`:"
    )
    st.code(f"{VARIABLE}=own_model:instance make run", language="bash")
    st.code(ADAPTER.read_text(encoding="utf-8"), language="python")
    st.caption(
        "The function takes masks of shape (n, d), True where a feature is kept, and returns n finite numbers, logits "
        "rather than probabilities. The page loads what the configuration names, and nothing that a visitor types."
    )
if model is None:
    st.stop()

count = len(model._instances)
if count > 1:
    st.session_state["yours.number"] = min(st.session_state["yours.number"], count - 1)
    number = st.number_input(f"Which, 0 to {count - 1}", 0, count - 1, key="yours.number")
else:
    number = 0
message = st.empty()
with st.container(horizontal=True, vertical_alignment="center"):
    pressed = st.button("Run", type="primary", icon=":material/play_arrow:", key="yours.button", width=120)
    note = run_panel.detector_choice(PAGE)
    with st.popover("Settings", icon=":material/tune:"):
        settings = run_panel.settings_form(PAGE)
st.caption(note)

case = run_panel.Case(int(number), settings, {}, source)
first_visit = "yours.visited" not in st.session_state
st.session_state["yours.visited"] = True
if pressed or first_visit:
    try:
        run_panel.submit(PAGE, model, case, ("source", "number"))
    except gl.GliderError as error:
        message.error(markdown(str(error)), icon=":material/error:")

shown = run_panel.panel(PAGE, case)
if shown is None:
    st.stop()
explanation = shown.explanation
result_view.forget_switches_of_others(explanation.names, PAGE)
with st.container(border=True):
    st.subheader(markdown(f"{explanation.explained}: {explanation.prediction:+.2f}"), anchor=False)
    st.markdown(result_view.headline(explanation, "logits"))
    chosen = st.session_state.get("yours.chosen")
    names = explanation.names
    if len(names) <= 60:
        payload = {"row": ["on"] * len(names), "known": [True] * len(names)}
        picture.show(draw_row.row(explanation, payload, chosen), "yours.picture")
        st.caption("Bars: what each feature adds on its own. Brackets: features that act together.")
    result_view.choose(PAGE, explanation)
result_view.evidence(PAGE, shown, chosen, say=lambda answer: f"{answer:+.3f}")
