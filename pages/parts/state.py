"""The state of a page: one record in the session, tied to the widgets and to the address bar."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import streamlit as st

import glider_core as gl
from glider_core.cases import Case
from glider_core.domains.base import Domain
from glider_core.engine.beside import Beside
from glider_core.grouping import GROUPS, Group
from glider_core.models import find_entry
from pages.parts import looks, unknown, visitor_asked
from pages.parts.looks import Look
from pages.parts.ties import chosen, tied

MASKS, REPEATS, SEED = (300, 20_000), (1, 10), (0, 2**31)  # what a visitor may ask for
_STALE_SECONDS = 1.0
RESULT = "result"  # of a copied link: the fingerprint of what it was copied from
_HERE = "glider.page"  # of the session: the page that was drawn last


@dataclass(frozen=True, slots=True)
class Shown:
    """A finished case, as it stands on the page."""

    asked: Case  # as the visitor asked for it
    explanation: gl.Explanation
    instance: gl.Instance
    first_look: bool = False  # of few questions; the full run goes on


@dataclass(slots=True)
class Pending:
    """A run of a case; its worker writes, the page reads."""

    asked: Case
    model: Any = None  # one that the page has made itself; else the case's
    slow: bool = False
    instance: gl.Instance | None = None
    looks: list[gl.Explanation] = field(default_factory=list)  # results of few questions that nobody has seen yet


@dataclass(slots=True)
class Outcome:
    """What a page's case has come to: the run that was started last, and the latest result."""

    name: str  # of the runs
    pending: Pending | None = None
    shown: Shown | None = None
    off: list[int] = field(default_factory=list)  # features that the visitor has switched off by hand
    chosen: int | None = None  # position of the interaction to look at closely
    look: Look | None = None  # what a link says of a result that is not there yet
    beside: Sequence[Beside] | None = None  # what the paper's detectors find on the same questions
    anew: bool = False  # whether something in the result asks for another case, so that the page is to be drawn

    def take_look(self, look: Look) -> None:
        """Choose and switch off what a link says, now or once the whole result is there."""
        if self.shown is not None:
            self.chosen, self.off = look.within(self.shown.explanation)
        self.look = look if self.shown is None or self.shown.first_look else None


@dataclass(slots=True)
class PageState:
    """What a page asks and shows. It outlives the page's widgets, which are gone while another page is open.

    A field that a widget sets is tied to it by `tie`; the widget's key is the page's name and the field's.
    """

    page: str
    model: str
    raw: Any
    settings: gl.Settings
    usual: gl.Settings  # of this page
    kind: type  # of the raw input that an address may hold
    own: frozenset[str] = frozenset()  # ids of models that the page makes itself
    options: dict[str, Any] = field(default_factory=dict)  # those that differ from the usual
    example: str | None = None
    view: str | None = None  # of the picture
    layer: str | None = None  # of the picture: one by one, together, or both
    usual_picture: tuple[str, str] = ("", "")  # view and layer, which the address does not name
    book: str = ""  # the case book that verdicts go to, as an address names it; the visitor's own by default
    wanted: bool = True  # whether to run when the page is drawn next
    pressed: bool = False  # Run, and no drawing has come to its end since
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)  # of the address: the case that was run last
    address: dict[str, str] = field(default_factory=dict)  # that, and what is looked at
    replaced: list[tuple[dict[str, str], float]] = field(default_factory=list)  # those just before; when, in seconds
    unread: str = ""  # parts of the address that made no sense
    promised: str = ""  # the fingerprint of the result that a link was copied from

    def outcome(self, side: str = "") -> Outcome:
        """What the page's case has come to; `side` tells apart those of a page with several."""
        return self.outcomes.setdefault(side, Outcome(f"{self.page}{side}"))

    @property
    def case(self) -> Case:
        """What the widgets say now."""
        return Case(
            domain=self.model.partition("/")[0],
            model=self.model,
            raw=self.raw,
            options=dict(self.options),
            settings=self.settings,
        )

    def ask(self, raw: Any) -> None:
        """Explain another input, at the next drawing."""
        self.take_raw(raw)
        self._want()

    def ask_case(self, case: Case) -> None:
        """Explain a case of this page, such as the next one of a batch, at the next drawing."""
        self.model, self.raw, self.options = case.model, case.raw, dict(case.options)
        self.settings, self.example = bounded(case.settings), None
        self._want()

    def take_raw(self, raw: Any) -> None:
        """Another input, whose features are not joined yet."""
        if raw != self.raw:
            self.options.pop(GROUPS, None)
        self.raw = raw

    def join(self, groups: Sequence[Group]) -> None:
        """Explain the same input with these features joined; with none, as it is."""
        self.options = {name: value for name, value in self.options.items() if name != GROUPS}
        if groups:
            self.options[GROUPS] = [group.to_option() for group in groups]
        self._want()

    def press(self) -> None:
        """Explain what the widgets say, at this drawing or, where it is stopped early, at the next."""
        self.pressed, self.unread, self.promised, self.outcome().look = True, "", "", None

    def _want(self) -> None:
        self.wanted, self.promised, self.outcome().look = True, "", None

    def forget(self) -> None:
        """Drop input, options and result: those of another model mean nothing to this one."""
        self.raw, self.options, self.example, self.wanted = None, {}, None, True
        self.outcomes = {}

    def tie(self, name: str, *, then: Callable[[], None] | None = None) -> dict[str, Any]:
        """Keyword arguments that make a widget show and set the field of this name.

        Args:
            name: of a field.
            then: called when the visitor has changed it, before the page is drawn.
        """
        take = self.take_raw if name == "raw" else partial(setattr, self, name)
        return self._tie(name, getattr(self, name), take, then)

    def tie_option(self, name: str, usual: Any, *, then: Callable[[], None] | None = None) -> dict[str, Any]:
        """The same for an option of the model's `instance`; the usual value is not written down."""

        def take(value: Any) -> None:
            self.options = {other: kept for other, kept in self.options.items() if other != name}
            if value != usual:
                self.options[name] = value

        return self._tie(name, self.options.get(name, usual), take, then)

    def _tie(
        self, name: str, value: Any, take: Callable[[Any], None], then: Callable[[], None] | None
    ) -> dict[str, Any]:
        key = f"{self.page}-{name}"

        def changed() -> None:
            take(chosen(key))
            if then is not None:
                then()

        return tied(key, value, changed) | {"on_change": changed}

    def take(self, query: Mapping[str, str]) -> None:
        """Become what an address says, as far as it makes sense, and run it.

        An address that names no model was written by hand; what it does not say of settings is as usual on this page.
        """
        if self.is_foreign(query):
            self.unread = ", ".join(query)
            return
        told, look = looks.without(query), Look.from_query(query)
        self.view, self.layer, self.book = query.get("view"), query.get("layer"), query.get("book", "")
        if told and told == self.told:  # going back through what was looked at: the result stays
            self.address = dict(query)
            self.outcome().take_look(look)
            return
        unread: list[str] = []
        readable = {"model": query["model"]} if "model" in query else {"model": self.model} | self.usual.to_query()
        for name, value in told.items():
            if name == "model":
                continue
            try:
                Case.from_query(readable | {name: value})
            except gl.GliderError:
                unread.append(name)
            else:
                readable[name] = value
        case = Case.from_query(readable)
        if case.model != self.model:
            self.forget()
        if type(case.raw) is self.kind:
            self.raw = case.raw
        self.model, self.options, self.settings = case.model, dict(case.options), bounded(case.settings)
        self.unread, self.told, self.address = ", ".join(unread), told, dict(query)
        self.promised, self.outcome().look = query.get(RESULT, ""), look
        self.example, self.wanted = None, True

    def resume(self, case: Case) -> None:
        """Ask again what was asked before the server was started anew, where no address could say it."""
        if case.model in self.own or find_entry(case.model) is not None:
            self.ask_case(case)

    def is_stale(self, query: Mapping[str, str]) -> bool:
        """Whether a browser that has not yet heard of the new address sends the one that was replaced just now."""
        now = time.monotonic()
        return any(query == former and now - since < _STALE_SECONDS for former, since in self.replaced)

    def is_foreign(self, query: Mapping[str, str]) -> bool:
        """Whether an address names a model that is none of this page's: going back, a browser may send another's."""
        model = query.get("model", self.model)
        ours = model.partition("/")[0] == self.model.partition("/")[0] and find_entry(model) is not None
        return not ours and model not in self.own

    def link(self) -> None:
        """Put the case into the address bar; nothing, where its input does not fit into an address."""
        self.told = (None if self.model in self.own else self.case.to_query()) or {}
        self._write()

    def link_look(self) -> None:
        """Put what is looked at in the result beside its case, where that is in the address."""
        shown = self.outcome().shown
        if shown is None or not self.told or shown.asked.to_query() != self.told:
            return
        if looks.of(self.address) != self._looks():
            self._write()

    def _write(self) -> None:
        address = self.told | self._looks() if self.told else {}
        if address != self.address:
            now = time.monotonic()
            self.replaced = [each for each in self.replaced if now - each[1] < _STALE_SECONDS] + [(self.address, now)]
        self.address = address
        st.query_params.from_dict(self.address)

    def _looks(self) -> dict[str, str]:
        outcome = self.outcome()
        shown, look = outcome.shown, outcome.look
        if look is None and shown is not None and shown.asked.to_query() == self.told:
            look = Look.of(shown.explanation, outcome.chosen, outcome.off)
        picture = {
            name: value
            for name, value, usual in zip(("view", "layer"), (self.view, self.layer), self.usual_picture, strict=True)
            if value and value != usual
        }
        return (look or Look()).to_query() | picture | ({"book": self.book} if self.book else {})


def state_of(
    domain: Domain, *, page: str, models: Sequence[str], raw: Any = None, own: Collection[str] = ()
) -> PageState:
    """The page's state: of this visit if it has been here before, else of the address, else the usual one.

    An address that says something else than the case that was run last is one that the visitor went back to.

    Args:
        domain: of the page.
        page: its name.
        models: ids of the models that it offers, the usual one first.
        raw: the first input, where the domain has no examples.
        own: ids of models that the page makes itself.
    """
    key, query = f"glider.{page}", st.query_params.to_dict()
    arrived, st.session_state[_HERE] = st.session_state.get(_HERE) != page, page
    state: PageState | None = st.session_state.get(key)
    if state is None:
        model = models[0]
        raw = next(iter(domain.examples(model).values()), raw)
        usual = gl.Settings(**domain.settings)
        state = PageState(page, model, raw, usual, usual, type(raw), frozenset(own))
        st.session_state[key] = state
        unknown.note(name for name in query if not _knows(name))
        if query:
            state.take(query)
        elif (former := visitor_asked.asked(page)) is not None:
            state.resume(former)
    elif arrived and (not query or state.is_foreign(query)):  # when another page is opened, the address is emptied
        st.query_params.from_dict(state.address)
    elif query and query != state.address and not state.is_stale(query) and not state.is_foreign(query):
        state.take(query)
    return state


def _knows(name: str) -> bool:
    """Whether a page that explains reads a parameter of this name."""
    return name == RESULT or name in looks.NAMES or Case.reads(name)


def left() -> None:
    """Note that a page without such a state is drawn."""
    st.session_state[_HERE] = ""


def bounded(settings: gl.Settings) -> gl.Settings:
    """The settings, within what a visitor may ask for."""
    masks = min(max(settings.n_masks, MASKS[0]), MASKS[1])
    others = {"repeats": settings.repeats, "seed": settings.seed}
    changes: dict[str, Any] = {
        name: min(max(others[name], low), high) for name, (low, high) in (("repeats", REPEATS), ("seed", SEED))
    }
    return with_masks(settings, masks).model_copy(update=changes)


def with_masks(settings: gl.Settings, masks: int) -> gl.Settings:
    """The settings with so many masks in all; as they are when they have so many."""
    if masks == settings.n_masks:
        return settings
    split = gl.Settings.with_masks(masks)
    return settings.model_copy(update={name: getattr(split, name) for name in ("n_train", "n_validation", "n_test")})
