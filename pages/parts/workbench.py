"""The one skeleton of the pages that explain: one bar of controls, the result below; a page is its inputs and one call.

All places of a page are there before anything is drawn into them, whatever comes to stand in them, so that nothing
moves or stands twice while a run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import streamlit as st

import glider_core as gl
from glider_core import prepared
from glider_core.domains import DOMAINS
from glider_core.drawings.layered import layered
from glider_core.drawings.text import markdown
from glider_core.models import find_entry
from pages.parts import explaining, frame, keys, model_choice, picture, result, run
from pages.parts.settings_form import detector_choice, settings_form
from pages.parts.state import Outcome, PageState, state_of
from pages.parts.ties import tied

PLACES = ("head", "bar", "message", "before", "progress", "result")


def open_page(
    domain: str, *, raw: Any = None, more: Mapping[str, str] | None = None, input_per_model: bool = False
) -> Workbench:
    """A page of this domain, with its title, choice of model and examples; to be called first.

    Args:
        domain: its name.
        raw: the first input, where the domain has no examples.
        more: titles of models besides the listed ones, by id: configured ones, and those that the page makes itself.
        input_per_model: whether another model has other inputs.
    """
    frame.enter()
    return Workbench(domain, raw=raw, more=more or {}, input_per_model=input_per_model)


class Workbench:
    """A page that is being drawn.

    `inputs`, `controls`, `form` and `before` are places for what only this page has: in the bar, beside the Run button,
    in the settings, above the result. `state` is what it asks and shows.
    """

    def __init__(self, domain: str, *, raw: Any, more: Mapping[str, str], input_per_model: bool) -> None:
        self.domain = DOMAINS[domain]
        known = {name: title for name, title in more.items() if find_entry(name) is not None}
        self._own = {name: title for name, title in more.items() if name not in known}
        titles = known | {name: entry.title for name, entry in self.domain.models.items()} | self._own
        self.state: PageState = state_of(self.domain, page=domain, models=list(titles), raw=raw, own=self._own)
        keys.press(f"{domain}-run")
        aligned: dict[str, Literal["center", "bottom"]] = {"head": "center", "bar": "bottom"}
        self._places = {
            name: st.container(
                key=f"{domain}-place-{name}", horizontal=name in aligned, vertical_alignment=aligned.get(name, "top")
            )
            for name in PLACES
        }
        self.before = self._places["before"]
        with self._places["head"]:
            st.title(self.domain.title, anchor=False, width="content")
            st.markdown(self.domain.question, width="content")
            self._note = st.container(width="content")
        with self._places["bar"]:
            self.inputs = st.container(key=f"{domain}-inputs")
            self._example = st.container(width=150)
            self._model = st.container(width=216)
            self._run = st.container(width="content")
            self.controls = st.container(width="content", horizontal=True)
            popover = st.popover("Settings", icon=":material/tune:")
        with popover:
            self._detector = st.container()
            self.form = st.container()
            settings_form(self.state)
        self._choose_model(titles, input_per_model)
        if self.state.raw is None:
            self.state.raw = next(iter(self.domain.examples(self.state.model).values()), raw)
        self._examples()
        self._off_state()
        with self._places["message"]:
            if self.state.unread:
                st.warning(markdown(f"Parts of the link make no sense here: {self.state.unread:.200}."))
            self.available = self.state.model in self._own or model_choice.available(domain, self.state.model)
        if not self.available and (seen := prepared.preview(self.state.model)) is not None:
            with self.before, st.container(border=True):
                st.markdown(f"What it shows, for example: **{markdown(self.domain.heading(seen))}**")
                picture.show(layered(seen, layer="together"), f"{domain}-preview")

    @property
    def outcome(self) -> Outcome:
        """What the page's case has come to."""
        return self.state.outcome()

    def tie(self, name: str, *, then: Callable[[], None] | None = None) -> dict[str, Any]:
        """Keyword arguments that make a widget show and set a field of the state, such as "raw"."""
        return self.state.tie(name, then=then)

    def load(self) -> gl.Model | None:
        """The chosen model; None after a message, where it cannot be loaded."""
        if not self.available:
            return None
        try:
            return run.model(self.state.model)
        except gl.GliderError as error:
            self.refuse(error)
            return None

    def refuse(self, error: gl.GliderError) -> None:
        """Say beside the inputs why they cannot be explained; what was shown before stays."""
        self.available = False
        self._places["message"].error(markdown(str(error)), icon=":material/error:")

    def show(
        self,
        note: str = "",
        *,
        model: Any = None,
        slow: bool = False,
        remark: Callable[[gl.Explanation], str] | None = None,
        on_pick: Callable[[str], None] | None = None,
        below: Callable[[gl.Explanation], None] | None = None,
    ) -> None:
        """Run when asked to, and draw what has come of it: verdict, picture, evidence, and how to keep it.

        Args:
            note: on the input; Markdown.
            model: one that the page has made itself.
            slow: whether the model is, so that the run is not to hold up short ones.
            remark: what else there is to say of a result; Markdown.
            on_pick: called with the `data-pick` of a part of the picture that was clicked twice.
            below: draws what else the page asks the model of a result that is no first look.
        """
        state = self.state
        self.available = self.available and (model is not None or state.model not in self._own)
        with self._run:
            st.button(
                "Run",
                type="primary",
                icon=":material/play_arrow:",
                key=f"{state.page}-run",
                help=keys.HELP,
                disabled=not self.available,
                on_click=state.press,
            )
        with self._detector:
            st.caption(detector_choice(state))
        if note:
            self._note.caption(note)
        if self.available and (state.pressed or state.wanted):
            explaining.start(self.outcome, state.case, model=model, slow=slow)
            state.link()
            state.wanted = False  # only now: a drawing that is stopped in between leaves it to the next one
        state.pressed = False
        with self._places["progress"]:
            shown = explaining.follow(self.outcome, state.case)
        if shown is not None:
            with self._places["result"]:
                result.show(state, self.domain, shown, remark=remark, on_pick=on_pick)
                if below is not None and not shown.first_look:
                    below(shown.explanation)
        run.end_of_page()

    def _choose_model(self, titles: Mapping[str, str], input_per_model: bool) -> None:
        state = self.state

        def take(model_id: str) -> None:
            state.model = model_id
            if input_per_model:
                state.forget()

        with self._model:
            model_choice.choose(f"{state.page}-model", titles, state.model, take)

    def _examples(self) -> None:
        state, examples = self.state, self.domain.examples(self.state.model)

        def take() -> None:
            state.example = st.session_state[key]
            if state.example is not None:
                state.ask(examples[state.example])

        if not examples:
            return
        if state.example is not None and examples.get(state.example) != state.raw:
            state.example = None
        key = f"{state.page}-example"
        with self._example:
            st.selectbox(
                "Examples", list(examples), index=None, placeholder="Choose one", on_change=take,
                **tied(key, state.example),
            )  # fmt: skip

    def _off_state(self) -> None:
        words, state = self.domain.off_states_of(self.state.model), self.state
        if not words:
            return
        if state.options.get("off_state") not in words:
            state.options.pop("off_state", None)
        with self.form:
            st.radio(
                self.domain.off_label,
                list(words),
                format_func=words.__getitem__,
                horizontal=True,
                **state.tie_option("off_state", next(iter(words))),
            )
