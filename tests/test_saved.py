"""A saved explanation opens again: of this version and of 0.3; anything else is refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import glider_core as gl
from glider_core.domains import DOMAINS
from glider_core.drawings import draw

OLD = Path(__file__).parent / "data" / "explanation_of_0.3.json"
SHIPPED = [info.id for info in gl.list_models() if info.tier == "shipped"]


def explained(model_id: str) -> gl.Explanation:
    raw = next(iter(DOMAINS[model_id.partition("/")[0]].examples(model_id).values()), 0)
    return gl.explain(gl.load_model(model_id).instance(raw), gl.Settings.with_masks(100, epochs=1, hidden=(16,)))


@pytest.fixture(scope="module")
def saved() -> dict[str, Any]:
    return json.loads(explained("sentiment/lstm").to_json())


@pytest.mark.parametrize("model_id", SHIPPED)
def test_an_explanation_of_every_shipped_model_opens_again(model_id: str) -> None:
    explanation = explained(model_id)
    text = explanation.to_json()
    assert gl.Explanation.from_json(text) == explanation
    assert gl.Explanation.from_json(text.encode()) == explanation
    assert gl.Explanation.from_json(text).to_json() == text


def test_a_file_says_what_it_is(saved: dict) -> None:
    assert (saved["glider"], saved["format"]) == ("explanation", 3)
    assert saved["case"]["raw"].startswith("This charming")
    assert saved["payload"]["tokens"][0]["text"] == "This"


def test_a_file_of_version_0_3_opens_and_is_drawn() -> None:
    explanation = gl.Explanation.from_json(OLD.read_text(encoding="utf-8"))
    assert explanation.versions["glider"].startswith("0.")
    assert (explanation.model_id, explanation.domain) == ("sentiment/lstm", "sentiment")
    assert explanation.settings.detector == "GradientNID"
    assert explanation.interactions[0].names == ("never", "fails")
    assert explanation.payload is None
    assert "never" in draw(explanation)
    again = gl.Explanation.from_json(explanation.to_json())  # now in today's format
    assert again == explanation


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": 4}, "format 4; this version of Glider reads formats 1 to 3"),
        ({"format": "new"}, "format 'new'"),
        ({"glider": "global run"}, "it says that it is a saved global run"),
        ({"glider": 7}, "it says that it is 7"),
        ({"case": None}, "not a saved case"),
        ({"case": {}}, "not a saved case"),
        ({"payload": {"text": 3}}, "payload"),
        ({"payload": []}, "payload"),
        ({"names": "words"}, "names"),
        ({"prediction": "high"}, "prediction"),
        ({"names": ["a"]}, "contradicts itself"),
        ({"main_effects": [1.0]}, "contradicts itself"),
        ({"n_evaluations": -1}, "contradicts itself"),
    ],
)
def test_other_files_are_refused(saved: dict, change: dict, told: str) -> None:
    with pytest.raises(gl.InvalidInput, match=told):
        gl.Explanation.from_json(json.dumps(saved | change))


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("features", [0, 99]),
        ("features", [-1, 2]),
        ("features", [2, 2]),
        ("features", [3, 1]),
        ("features", [1]),
        ("features", []),
        ("names", ["just one"]),
        ("names", ["x", "y"]),
        ("answers", [1.0, 2.0]),
        ("stability", 7.0),
        ("interval", [1.0, -1.0]),
        ("same_sign", 1.5),
        ("t", -1.0),
    ],
)
def test_an_interaction_that_cannot_be_is_refused(never_fails: gl.Explanation, change: str, value: Any) -> None:
    values = json.loads(never_fails.to_json())
    values["interactions"][0][change] = value
    with pytest.raises(gl.InvalidInput, match="contradicts itself"):
        gl.Explanation.from_json(json.dumps(values))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("place", ['"prediction": ', '"explainer_score": '])
def test_what_is_no_number_is_refused(never_fails: gl.Explanation, place: str, number: str) -> None:
    head, _, rest = never_fails.to_json().partition(place)
    text = f"{head}{place}{number}{rest[rest.index(',') :]}"
    with pytest.raises(gl.InvalidInput, match="saved explanation"):
        gl.Explanation.from_json(text)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "{}", '{"names": 3}', "[]", "3", "null", '{"settings": {"seed": -1}}', "[" * 100_000, b"\xff"],
)
def test_other_text_is_refused(text: str | bytes) -> None:
    with pytest.raises(gl.InvalidInput, match="not a saved"):
        gl.Explanation.from_json(text)


def test_a_result_of_a_domain_that_is_not_here_says_so(saved: dict) -> None:
    with pytest.raises(gl.InvalidInput, match=r"'weather', which is not installed here"):
        gl.Explanation.from_json(json.dumps(saved | {"case": saved["case"] | {"domain": "weather"}}))


@pytest.mark.parametrize(
    ("model_id", "change"),
    [
        ("sentiment/lstm", lambda payload: payload["tokens"].pop()),
        ("dna/cnn", lambda payload: payload.update(sequence="ACGT")),
        ("dna/cnn", lambda payload: payload["motifs"].append({"start": 35, "letters": "CACGTG", "name": "x"})),
        ("recommender/simulated", lambda payload: payload["values"].pop()),
        ("recommender/simulated", lambda payload: payload.update(planted=[[0, 99]])),
        ("graph/karate", lambda payload: payload["edges"].append([0, 999])),
        ("graph/karate", lambda payload: payload.update(node=-1)),
        ("graph/karate", lambda payload: payload["probabilities"].pop()),
        ("image/small50", lambda payload: payload.update(png="QUJD")),
        ("image/small50", lambda payload: payload.update(labels_png=payload["png"])),
        ("function/umbrella", lambda payload: payload.update(values=["one too few"])),
    ],
)
def test_a_payload_of_something_else_is_refused(model_id: str, change: Any) -> None:
    values = json.loads(explained(model_id).to_json())
    change(values["payload"])
    with pytest.raises(gl.InvalidInput, match="contradicts itself"):
        gl.Explanation.from_json(json.dumps(values))
