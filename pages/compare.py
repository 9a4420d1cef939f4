"""Compare: two models, two inputs, two classes or two settings, on one scale, differences first."""

from functools import partial

import streamlit as st

import glider_core as gl
from glider_core.domains import DOMAINS
from glider_core.drawings.layered import LAYERS
from glider_core.drawings.text import markdown
from glider_core.reporting import Entry, report_html
from glider_core.store import Ask, Line
from pages.parts import books, comparing, explaining, frame, keys, model_choice, run
from pages.parts.case_view import word_changes
from pages.parts.cases_filters import title_of
from pages.parts.compare_side import SIDES, CompareState, form
from pages.parts.saving import address
from pages.parts.state import Outcome

_OUTCOMES = "compare.outcomes"  # of the session: by side
_LISTED = 100  # cases of the book that are offered


def case_lines() -> list[Line]:
    """The latest cases of this domain; none, where the store cannot be used."""
    try:
        return books.own().lines(Ask(domains=(state.domain,)), limit=_LISTED)
    except gl.GliderError:
        return []


def explanation_of(side: str) -> gl.Explanation | None:
    """What stands on a side now; None while there is nothing."""
    number = state.of(side, "case")
    if number:
        try:
            return books.own().explanation(number)
        except gl.GliderError as error:
            st.warning(markdown(str(error)))
            return None
    try:
        asked = state.asked(side)
    except gl.GliderError as error:
        st.error(markdown(str(error)), icon=":material/error:")
        return None
    shown = explaining.follow(outcome_of(side), asked)
    if shown is None:
        return None
    if not shown.first_look:
        books.take(f"compare.{side}", shown.explanation)
    return shown.explanation


def outcome_of(side: str) -> Outcome:
    """The run of a side."""
    return st.session_state.setdefault(_OUTCOMES, {}).setdefault(side, Outcome(f"compare.{side}"))


def start() -> None:
    """Run the sides that are asked live and do not stand there yet."""
    for side in SIDES:
        if state.of(side, "case"):
            continue
        try:
            asked = state.asked(side)
        except gl.GliderError:  # said on its side
            continue
        outcome = outcome_of(side)
        if outcome.shown is None or outcome.shown.asked != asked or outcome.shown.first_look:
            explaining.start(outcome, asked, slow=DOMAINS[state.domain].models.get(asked.model) is None)


def title(explanation: gl.Explanation) -> str:
    """What was asked, in a line."""
    settings = explanation.settings
    told = [title_of(explanation.model_id), settings.detector, f"{settings.n_masks:,} questions"]
    told += [f"{name.replace('_', ' ')} {value}" for name, value in explanation.case.options.items()]
    return " · ".join([*told, *([f"seed {settings.seed}"] if settings.seed else [])])


def change_domain() -> None:
    """Nothing of another domain stays."""
    state.a_case = state.b_case = state.a_masks = state.b_masks = 0
    st.session_state.pop(_OUTCOMES, None)
    state.fill()
    state.press()


frame.enter()
keys.press("compare-run")
state = CompareState.of_visit()
state.fill()
with st.container(key="compare-place-head", horizontal=True, vertical_alignment="center"):
    st.title("Compare", anchor=False, width="content")
    st.markdown(
        "Two models, two inputs, two classes or two settings: what does either read *together*?", width="content"
    )
bar = st.container(key="compare-place-bar", horizontal=True, vertical_alignment="bottom")
with bar:
    st.selectbox(
        "Kind of input", list(DOMAINS), format_func=lambda name: DOMAINS[name].title, width=170,
        **state.tie("domain", then=change_domain),
    )  # fmt: skip
    st.segmented_control(
        "Layer", list(LAYERS), format_func=LAYERS.__getitem__, required=True, label_visibility="collapsed",
        width="content", **state.tie("layer"),
    )  # fmt: skip
    st.button("Swap", icon=":material/swap_horiz:", on_click=state.swap)
    st.button("Copy left to right", icon=":material/content_copy:", on_click=state.copy,
              help="Then change one thing on the right: the sentence, the model, the class, a setting")  # fmt: skip
below = st.container(key="compare-place-result")
lines = case_lines()
available = []
for side, name, place in zip(SIDES, comparing.NAMES, below.columns(2, gap="medium"), strict=True):
    with place:
        form(state, side, name, lines)
        available.append(
            bool(state.of(side, "case")) or model_choice.available(f"compare.{side}", state.of(side, "model"))
        )
bar.button(
    "Run", type="primary", icon=":material/play_arrow:", key="compare-run", disabled=not all(available),
    on_click=state.press, help=keys.HELP,
)  # fmt: skip
if all(available) and state.wanted:
    start()
    state.wanted = False
with below:
    found = [explanation_of(side) for side in SIDES]
    left, right = found
    if left is not None and right is not None and left.domain != right.domain:
        st.info("The two are of different kinds; choose both of one kind.", icon=":material/info:")
    elif left is not None and right is not None:
        before, now = left.case.raw, right.case.raw
        changed = ""
        if isinstance(before, str) and isinstance(now, str) and before != now and len(before) + len(now) < 4000:
            changed = f"What changed: {word_changes(before, now)}"
        comparing.show((left, right), (title(left), title(right)), layer=state.layer, key="compare", changed=changed)
        both = [Entry(explanation=left), Entry(explanation=right)]
        st.download_button(
            "Report of both",
            partial(report_html, both, title="Glider: two compared", comparison=True, address=address()),
            "compared.html", "text/html", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
state.link(state.to_query())
run.end_of_page()
