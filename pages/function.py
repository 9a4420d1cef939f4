"""Your model: explain any function; what the local configuration names, and how to name it."""

from pathlib import Path
from typing import cast

import streamlit as st

from glider_core.domains.function.configured import VARIABLE, configured
from glider_core.domains.function.model import FunctionModel
from pages.parts import workbench

SCALES = {"given": "As they are", "log-odds": "As log-odds of probabilities"}
ADAPTER = Path(__file__).parent.parent / "docs" / "own_model.py"

page = workbench.open_page(
    "function", raw=0, more={f"function/{name}": name for name in configured()}, input_per_model=True
)
model = cast(FunctionModel | None, page.load())
count = 0 if model is None else len(model)
page.state.raw = min(max(page.state.raw or 0, 0), max(count - 1, 0))
with page.inputs.popover("How to bring your own", icon=":material/code:"):
    st.markdown(
        "Write a function that answers masks, wrap it in a `FunctionInstance`, and name the module in the variable "
        f"`{VARIABLE}` before you start Glider; for the file below, saved as `own_model.py` beside `app.py`:"
    )
    st.code(f"{VARIABLE}=own_model:instance make run", language="bash")
    st.code(ADAPTER.read_text(encoding="utf-8"), language="python")
    st.caption(
        "The function takes masks of shape (n, d), True where a feature is kept, and returns n finite numbers, logits "
        "rather than probabilities; of probabilities the log-odds can be explained. The page loads what the "
        "configuration names, and nothing that a visitor types."
    )
if count > 1:
    page.inputs.number_input(f"Which, 0 to {count - 1}", 0, count - 1, **page.tie("raw"))
if model is not None and count:
    usual = model.instances[page.state.raw].scale or "given"
    page.form.radio(
        "Its answers are explained",
        list(SCALES),
        format_func=SCALES.__getitem__,
        horizontal=True,
        help="Probabilities flatten near 0 and 1: what adds up in log-odds seems to interact in them.",
        **page.state.tie_option("scale", usual),
    )
page.show()
