"""The page Evidence: rows by how they stand, a section for each experiment, what is missing is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glider_core.experiments import evidence
from tests.pages.conftest import Visitor


def markup(visitor: Visitor) -> str:
    return "".join(element.proto.body for element in visitor.app.get("html"))


def test_rows_can_be_narrowed_to_those_not_met_and_the_address_says_so(visitor: Visitor) -> None:
    visitor.open("evidence")
    sections = evidence.stored()
    counts = evidence.summary(sections)
    everything = markup(visitor)
    for number in (counts.met, counts.missed, f"{counts.measured} of {len(sections)}"):
        assert f"{number}</div>" in everything
    for section in sections:
        assert any(section.title in heading.value.replace("\\", "") for heading in visitor.app.subheader)
        assert any(code.value == section.command for code in visitor.app.code)
    assert len(visitor.pictures()) == sum(bool(section.pictures) for section in sections)
    visitor.app.segmented_control[0].set_value("missed")
    visitor.draw()
    box = next(element.proto.body for element in visitor.app.get("html") if "ev-box" in element.proto.body)
    assert box.count("ev-sign") == box.count("ev-missed") == counts.missed
    assert visitor.app.query_params["show"] == "missed"


def test_all_numbers_of_an_experiment_unfold_and_what_was_not_measured_is_said(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {section.name: section for section in evidence.stored()}
    missing = replace(held["intervals"], files=(), rows=(), pictures=(), report="")
    monkeypatch.setattr(evidence, "stored", lambda: (held["negations"], missing))
    monkeypatch.setattr(evidence, "state_of_results", lambda: "of this test")
    visitor.open("evidence")
    assert "not measured yet: glider reproduce intervals" in markup(visitor)
    assert visitor.reads("Not measured yet; this command does it.")
    assert not visitor.reads("written before any was run, each with")
    visitor.app.session_state["evidence.negations.report"] = True
    visitor.draw()
    assert visitor.reads("written before any was run, each with")
