"""Evidence: the paper's tables and figures, other methods and controls, measured again beside Glider's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import streamlit as st

from glider_core.experiments import evidence
from pages.parts import evidence_view as view
from pages.parts import frame, run
from pages.parts.linked import LinkedState, choice_of, linked


@dataclass
class EvidenceState(LinkedState):
    """Which rows are shown."""

    PAGE: ClassVar[str] = "evidence"

    show: str = linked("show", view.ALL, choice_of(view.SHOWN))


@st.cache_resource(max_entries=2, show_spinner="Reading what was measured")
def sections_at(state: str) -> tuple[evidence.Section, ...]:
    """All sections, read once for each state of the results."""
    return evidence.stored()


frame.enter()
state = EvidenceState.of_visit()
with st.container(key="evidence-place-head"):
    st.title("Evidence", anchor=False)
    st.markdown(
        "Every table and figure of the paper, other methods on the same questions, and controls: measured again by "
        "**one command each**, beside the numbers they are compared with. Where we fall short, it says so."
    )
sections = sections_at(evidence.state_of_results())
view.style()
view.overview(sections)
st.header("The paper beside Glider", anchor="beside")
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.segmented_control(
        "Show", list(view.SHOWN), format_func=view.SHOWN.__getitem__, required=True, label_visibility="collapsed",
        **state.tie("show"),
    )  # fmt: skip
    st.download_button(
        "All rows as CSV", evidence.rows_as_csv(sections), "evidence.csv", "text/csv", icon=":material/download:",
        key="evidence.csv", on_click="ignore",
    )  # fmt: skip
view.rows(sections, state.show)
for title, held in evidence.chapters(sections).items():
    st.header(title, anchor=False, divider="gray")
    for section in held:
        view.section(section)
st.caption(
    "The same in Markdown, with every number: docs/results.md in the repository. Results of `glider reproduce` lie in "
    "assets/results; this page follows them."
)
state.link(state.to_query())
run.end_of_page()
