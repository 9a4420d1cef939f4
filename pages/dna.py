"""DNA: which letters of a sequence act together in a model of binding strength."""

import streamlit as st

import glider_core as gl
from glider_core.domains.dna.records import records
from glider_core.domains.dna.sequence import LENGTH, letter_count, random_sequence
from pages.parts import all_records, mutations_view, workbench
from pages.parts.state import PageState


def draw_random() -> None:
    """Explain a new random sequence around CACGTG."""
    st.session_state["dna.draws"] = st.session_state.get("dna.draws", 0) + 1
    page.state.ask(random_sequence(st.session_state["dna.draws"]))


def choose_record(state: PageState) -> str:
    """Let the visitor say which of several records is explained; how many letters there are."""
    try:
        given = records(state.raw)
    except gl.InvalidInput:  # said when it is run
        given = ()
    if len(given) < 2:
        state.options.pop("record", None)
        return f"{letter_count(state.raw)} of {LENGTH} letters"
    numbers = range(1, len(given) + 1)
    if state.options.get("record") not in numbers:
        state.options["record"] = 1
    page.inputs.selectbox(
        f"Which of the {len(given):,} records",
        numbers,
        format_func=lambda number: f"{number} · {given[number - 1].title} · {len(given[number - 1].letters)} letters",
        **state.tie_option("record", None),
    )
    with page.before:
        all_records.offer(state, given)
    chosen = given[state.options["record"] - 1]
    return f"{len(chosen.letters)} of {LENGTH} letters, record {state.options['record']} of {len(given):,}"


page = workbench.open_page("dna")
page.inputs.text_area(f"Sequence of {LENGTH} letters, FASTA or FASTQ", height=68, **page.tie("raw"))
page.controls.button("Random sequence with CACGTG", icon=":material/casino:", on_click=draw_random)
page.show(choose_record(page.state), below=mutations_view.show)
