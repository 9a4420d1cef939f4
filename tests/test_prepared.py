"""Stored explanations of the shipped examples: all there, all findings, and what a live run gives."""

from dataclasses import replace

import pytest

import glider_core as gl
from glider_core import prepared
from glider_core.cases import Case
from glider_core.rows.run import PAPER

EXAMPLES = list(prepared.examples())
# One quick example of each domain by default; all of them in the slow tests.
QUICK = {"Hardly dull", "E-box in the centre", "At 79, seven hours a week", "Two pairs", "A close circle"}


def named(example: prepared.Example) -> str:
    return f"{example.model} {example.title}"


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_every_example_is_stored_and_its_headline_is_a_finding_or_a_plain_sum(example: prepared.Example) -> None:
    explanation = prepared.stored(example)
    assert explanation.case.raw == example.raw
    assert explanation.verdict in ("strong", "weak", "additive")
    if explanation.verdict != "additive":
        first = explanation.interactions[0]
        low, high = first.interval or (first.effect, first.effect)
        assert low * high > 0, f"its first interaction may be zero: {first.names} {first.interval}"
        assert abs(first.effect) >= 0.1


def test_the_first_example_of_every_domain_has_interactions() -> None:
    firsts = {example.domain: example for example in reversed(EXAMPLES)}
    assert set(firsts) == {"sentiment", "dna", "recommender", "image", "graph", "function"}
    assert all(prepared.stored(example).verdict in ("strong", "weak") for example in firsts.values())


@pytest.mark.parametrize(
    "example",
    [pytest.param(e, marks=[] if e.title in QUICK else pytest.mark.slow, id=named(e)) for e in EXAMPLES],
)
def test_a_live_run_gives_what_is_stored(example: prepared.Example) -> None:
    stored = prepared.stored(example)
    live = gl.explain(gl.load_model(example.model).instance(example.raw), example.settings)
    assert stored.case.fingerprint == live.case.fingerprint  # under which the queue of the pages finds it
    assert live.payload == stored.payload
    assert [i.features for i in live.interactions] == [i.features for i in stored.interactions]
    assert live.main_effects == pytest.approx(stored.main_effects, abs=1e-4)
    for ours, theirs in zip(live.interactions, stored.interactions, strict=True):
        assert (ours.effect, ours.gain) == pytest.approx((theirs.effect, theirs.gain), abs=1e-3)


def test_a_case_is_found_only_as_it_is_asked_at_first() -> None:
    example = prepared.example("sentiment/lstm", "Hardly dull")
    assert prepared.find(example.case) == prepared.stored(example)
    assert prepared.find(replace(example.case, options={"off_state": "zero"})) == prepared.stored(example)
    assert prepared.find(replace(example.case, options={"off_state": "delete"})) is None
    assert prepared.find(replace(example.case, settings=gl.Settings(seed=1))) is None
    assert prepared.find(replace(example.case, raw="Hardly a dull moment!")) is None
    assert prepared.find(replace(example.case, model="sentiment/distilbert")) is None
    assert prepared.find(Case(domain="elsewhere", model="elsewhere/x")) is None


def test_what_is_not_there_is_refused_in_words() -> None:
    with pytest.raises(gl.InvalidInput, match="no example 'Nothing'"):
        prepared.example("dna/cnn", "Nothing")
    with pytest.raises(gl.InvalidInput, match="No run over the rows of dna/cnn"):
        prepared.stored_run("dna/cnn")


@pytest.mark.parametrize("model", ["recommender/simulated", "recommender/census"])
def test_the_stored_runs_are_of_all_example_rows_of_todays_models(model: str) -> None:
    run, loaded = prepared.stored_run(model), gl.load_model(model)
    assert run.n_rows == len(loaded.rows)  # type: ignore[attr-defined]
    assert run.fingerprint == loaded.identity
    assert all(len(found.effects) == len(found.rows) for found in run.interactions)
    counts = prepared.stored_counts(model)  # the same rows as the paper's authors count them
    assert counts is not None
    assert (counts.n_rows, counts.fingerprint, counts.settings) == (run.n_rows, loaded.identity, PAPER)
    assert counts.names == run.names
    assert counts.per_row > 10 * run.per_row  # sets of which most add nothing
    assert prepared.stored_counts("dna/cnn") is None
