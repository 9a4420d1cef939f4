"""One side of a comparison: a case of the book, or what is to be explained now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import streamlit as st

import glider_core as gl
from glider_core.domains import DOMAINS, Domain
from glider_core.drawings.layered import LAYERS
from glider_core.engine.detectors import DETECTORS
from glider_core.models import find_entry
from glider_core.store import Line
from pages.parts import run
from pages.parts.linked import LinkedState, choice_of, linked, text, whole_number
from pages.parts.state import MASKS, SEED, bounded

SIDES = ("a", "b")
_LISTED = 3000  # nodes that are offered in a list
_LIVE = 0  # in place of a case's number


@dataclass
class CompareState(LinkedState):
    """What stands on the two sides."""

    PAGE: ClassVar[str] = "compare"

    domain: str = linked("domain", "sentiment", choice_of(DOMAINS))
    layer: str = linked("layer", "together", choice_of(LAYERS))
    a_case: int = linked("a", _LIVE, whole_number(0, 2**31 - 1))  # of the case book; 0: what is asked below
    a_model: str = linked("a.model", "", text)
    a_raw: str = linked("a.input", "", text)
    a_target: str = linked("a.class", "", text)
    a_off: str = linked("a.off", "", text)
    a_detector: str = linked("a.detector", "Grow", choice_of(DETECTORS))
    a_masks: int = linked("a.masks", 0, whole_number(0, MASKS[1]))  # 0: as many as is usual in the domain
    a_seed: int = linked("a.seed", 0, whole_number(*SEED))
    b_case: int = linked("b", _LIVE, whole_number(0, 2**31 - 1))
    b_model: str = linked("b.model", "", text)
    b_raw: str = linked("b.input", "", text)
    b_target: str = linked("b.class", "", text)
    b_off: str = linked("b.off", "", text)
    b_detector: str = linked("b.detector", "Grow", choice_of(DETECTORS))
    b_masks: int = linked("b.masks", 0, whole_number(0, MASKS[1]))
    b_seed: int = linked("b.seed", 0, whole_number(*SEED))
    wanted: bool = True  # whether to run both sides when the page is drawn next

    def press(self) -> None:
        """Run both sides at this drawing or, where it is stopped early, at the next."""
        self.wanted = True

    def of(self, side: str, name: str) -> Any:
        """A side's field."""
        return getattr(self, f"{side}_{name}")

    def put(self, side: str, name: str, value: Any) -> None:
        """Set it."""
        setattr(self, f"{side}_{name}", value)

    def swap(self) -> None:
        """Put the right on the left, and the left on the right."""
        for name in _NAMES:
            left, right = self.of("a", name), self.of("b", name)
            self.put("a", name, right)
            self.put("b", name, left)

    def copy(self) -> None:
        """Ask on the right what is asked on the left, to change one thing of it."""
        for name in _NAMES:
            self.put("b", name, self.of("a", name))

    def fill(self) -> None:
        """Where nothing is said, two models of the domain read its first example; or one model, two examples."""
        domain = DOMAINS[self.domain]
        models = list(domain.models)
        for number, side in enumerate(SIDES):
            model = self.of(side, "model")
            if model.partition("/")[0] != domain.name or find_entry(model) is None:
                shipped = [name for name in models if domain.models[name].tier == "shipped"] or models
                alike = [name for name in shipped if domain.examples(name) == domain.examples(shipped[0])]
                self.put(side, "model", alike[number % len(alike)])  # models of other tables have other rows
                self.put(side, "raw", "")
                self.put(side, "target", "")
                self.put(side, "off", "")
            if not self.of(side, "raw"):
                examples = list(domain.examples(self.of(side, "model")).values()) or ["0", "1"]
                same = self.a_model != self.b_model and number == 1 and self.a_raw
                self.put(side, "raw", self.a_raw if same else str(examples[min(number, len(examples) - 1)]))
            if self.of(side, "masks") < MASKS[0]:  # what is asked as usual is stored, where it is an example
                self.put(side, "masks", gl.Settings(**domain.settings).n_masks)
            if self.of(side, "off") not in domain.off_states_of(self.of(side, "model")):
                self.put(side, "off", "")

    def asked(self, side: str) -> gl.Case:
        """What is asked live on a side.

        Raises:
            InvalidInput: the input cannot be read.
        """
        domain = DOMAINS[self.domain]
        options: dict[str, Any] = {}
        if self.of(side, "off"):
            options["off_state"] = self.of(side, "off")
        if target := self.of(side, "target"):
            options["target"] = int(target) - 1 if domain.name == "image" and target.isdecimal() else target
        settings = gl.Settings.with_masks(
            self.of(side, "masks"), **_others(domain), detector=self.of(side, "detector"), seed=self.of(side, "seed")
        )
        raw = self.of(side, "raw")
        if domain.name == "image" and raw not in domain.examples(self.of(side, "model")).values():
            raise gl.InvalidInput("Choose one of the samples; photos of yours are compared out of the case book.")
        model = self.of(side, "model")
        return gl.Case(
            domain=domain.name, model=model, raw=domain.read(raw), options=options, settings=bounded(settings)
        )


_NAMES = ("case", "model", "raw", "target", "off", "detector", "masks", "seed")


def _others(domain: Domain) -> dict[str, Any]:
    split = ("n_train", "n_validation", "n_test", "detector", "seed")
    return {name: value for name, value in domain.settings.items() if name not in split}


def form(state: CompareState, side: str, name: str, lines: list[Line]) -> None:
    """Draw a side's form in one line: what it compares, with which model and settings; `name` says which side."""
    domain = DOMAINS[state.domain]
    titles = {line.id: f"{line.id}: {line.title[:60]} · {line.answered}" for line in lines}
    if state.of(side, "case") and state.of(side, "case") not in titles:
        titles[state.of(side, "case")] = f"Case {state.of(side, 'case')}"
    with st.container(key=f"compare-{side}-inputs", horizontal=True, vertical_alignment="bottom"):
        if state.of(side, "case"):
            _source(state, side, name, titles)
            return
        _input(state, side, name, domain)
        models = {model: entry.title for model, entry in domain.models.items()}
        models.setdefault(state.of(side, "model"), state.of(side, "model"))
        st.selectbox("Model", list(models), format_func=models.__getitem__, width=170, **state.tie(f"{side}_model"))
        with st.popover("Settings", icon=":material/tune:"):
            if titles:
                _source(state, side, name, titles)
            _settings(state, side, domain)


def _source(state: CompareState, side: str, name: str, titles: Mapping[int, str]) -> None:
    st.selectbox(
        f"{name}: from the case book, or live", [_LIVE, *titles],
        format_func=lambda number: titles.get(number, "Live: as asked here"), **state.tie(f"{side}_case"),
    )  # fmt: skip


def _settings(state: CompareState, side: str, domain: Domain) -> None:
    words = domain.off_states_of(state.of(side, "model"))
    if words:
        st.selectbox(
            domain.off_label, ["", *list(words)[1:]],
            format_func=lambda name: words.get(name) or next(iter(words.values())), **state.tie(f"{side}_off"),
        )  # fmt: skip
    st.selectbox("Detector", list(DETECTORS), format_func=lambda n: DETECTORS[n].title, **state.tie(f"{side}_detector"))
    st.number_input("Questions, at most", *MASKS, step=100, **state.tie(f"{side}_masks"))
    st.number_input("Seed", *SEED, **state.tie(f"{side}_seed"))


def _input(state: CompareState, side: str, name: str, domain: Domain) -> None:
    tied = state.tie(f"{side}_raw")
    if domain.name in ("sentiment", "dna"):
        st.text_area(f"{name}: {'sentence' if domain.name == 'sentiment' else 'sequence'}", height=68, **tied)
        return
    examples = {str(raw): title for title, raw in domain.examples(state.of(side, "model")).items()}
    if domain.name == "image":
        options = list(dict.fromkeys([*examples, state.of(side, "raw")]))
        st.selectbox(f"{name}: photo", options, format_func=lambda raw: examples.get(raw) or str(raw), **tied)
        st.selectbox(
            "Class", ["", "2", "3", "4", "5"], **state.tie(f"{side}_target"),
            format_func=lambda n: f"the model's number {n}" if n else "the model's first",
        )  # fmt: skip
        return
    if domain.name == "graph":
        _node(state, side, name, tied)
        return
    st.text_input(f"{name}: {'row, by its number' if domain.name == 'recommender' else 'input'}", **tied)


def _node(state: CompareState, side: str, name: str, tied: dict[str, Any]) -> None:
    model_id = state.of(side, "model")
    try:
        graph: Any = run.model(model_id)
    except gl.GliderError:
        st.text_input(f"{name}: node", **tied)
        return
    nodes, classes = graph.graph.nodes, graph.graph.classes
    if len(nodes) <= _LISTED and state.of(side, "raw") in nodes:
        st.selectbox(f"{name}: node", nodes, **tied)
    else:
        st.text_input(f"{name}: node", **tied)
    if state.of(side, "target") not in classes:
        state.put(side, "target", "")
    st.selectbox("Class", ["", *classes], format_func=lambda each: each or "predicted", **state.tie(f"{side}_target"))
