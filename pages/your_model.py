"""Your model: what the local configuration names, or a model file of the visitor's; the result first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

import glider_core as gl
from glider_core.adapters.tabular import TabularModel
from glider_core.adapters.text import TextModel
from glider_core.domains.function import EXAMPLE
from glider_core.domains.function.configured import VARIABLE, configured
from glider_core.domains.function.model import FunctionModel
from pages.parts import exact_answer, own_file, workbench

SCALES = {"given": "As they are", "log-odds": "As log-odds of probabilities"}
ADAPTER = Path(__file__).parent.parent / "docs" / "own_model.py"
LINES = """\
gl.explain(gl.tabular(pipeline, table).instance(3))             # scikit-learn, LightGBM, XGBoost, CatBoost, statsmodels
gl.explain(gl.text(pipeline).instance("Never dull."))           # transformers, or a function of texts
gl.explain(gl.image(network, transform).instance("cat.jpg"))    # PyTorch, torchvision, timm
gl.explain(gl.sequence(f, "RNA").instance("GGAUCC"))            # DNA, RNA, proteins
gl.explain(gl.graph(network, data).instance(5))                 # PyTorch Geometric
gl.explain(gl.text(gl.endpoint(url, request={"text": "{input}"}, answer="score")).instance("Never dull."))
gl.explain(gl.tabular(gl.open_model("model.onnx"), table).instance(3))
gl.explain(gl.text(gl.open_model("words.onnx"), "tokenizer.json").instance("Never dull."))"""


def how() -> None:
    """How to bring a model of one's own: in Python, in the shell, in the configuration."""
    st.markdown("**In Python**, one line for each kind of model:")
    st.code(LINES, language="python")
    st.markdown("**In the shell:**")
    st.code(
        "glider app --model my_module:model --data table.csv\n"
        'glider explain --hf my-folder "The songs are never dull."\n'
        "glider explain --sklearn model.skops --data table.csv --row 3\n"
        "glider explain --onnx model.onnx --data table.csv --row 3\n"
        'glider explain --onnx words.onnx --tokenizer tokenizer.json "Never dull."\n'
        "glider explain --onnx net.onnx cat.jpg",
        language="bash",
    )
    st.markdown(
        "**Anything else** is a function that answers masks, (n, d), True where a feature is kept, with n finite "
        f"numbers, logits rather than probabilities; the variable `{VARIABLE}` names the module, for the file below "
        f"`{VARIABLE}=own_model:instance glider app`. The page loads what the configuration names, and nothing that a "
        "visitor types."
    )
    st.code(ADAPTER.read_text(encoding="utf-8"), language="python")


page = workbench.open_page(
    "function",
    raw=0,
    more={**{f"function/{name}": name for name in configured()}, own_file.FILE: "Your model file"},
    input_per_model=True,
)
with page.controls.popover("How to bring your own", icon=":material/code:", width="content"):
    how()
if page.state.model == own_file.FILE:
    own = own_file.panel(page)
    if own is not None:
        with page.before:
            st.page_link(
                "pages/cases.py", label="Many of its inputs: Add many, on Cases", icon=":material/playlist_add:"
            )
    page.show(model=own)
else:
    model: Any = page.load()
    count = len(model) if isinstance(model, FunctionModel) else 0
    if isinstance(model, TabularModel):
        with page.before:
            own_file.table_controls(page, model)
    elif isinstance(model, TextModel):
        with page.before:
            own_file.text_controls(page, off_states=model.off_states)
    else:
        raw = page.state.raw if isinstance(page.state.raw, int) else 0
        page.state.raw = min(max(raw, 0), max(count - 1, 0))
    if count > 1:
        page.inputs.number_input(f"Which, 0 to {count - 1}", 0, count - 1, **page.tie("raw"))
    if isinstance(model, FunctionModel) and count:
        usual = model.instances[page.state.raw or 0].scale or "given"
        page.form.radio(
            "Its answers are explained",
            list(SCALES),
            format_func=SCALES.__getitem__,
            horizontal=True,
            help="Probabilities flatten near 0 and 1: what adds up in log-odds seems to interact in them.",
            **page.state.tie_option("scale", usual),
        )
    page.show()
shown = page.outcome.shown
if shown is not None and shown.asked.model == page.state.model and not shown.first_look:
    exact_answer.show(shown.instance, shown.explanation, at_once=isinstance(shown.instance, gl.Instance)
                      and page.state.model == EXAMPLE)  # fmt: skip
