"""Detectors are found by walking their package, and say all that the engine asks of them."""

import pytest

import glider_core as gl
from glider_core.engine import detectors
from glider_core.engine.detectors import DETECTORS


def test_every_detector_says_what_it_is() -> None:
    assert set(DETECTORS) == {"ArchDetect", "Exact", "GradientNID", "Grow", "NID", "Spectrum"}
    for name, detector in DETECTORS.items():
        assert detector.name == name
        assert detector.title
        assert detector.note.endswith(".")


def test_a_new_detector_is_one_file(tmp_path, monkeypatch) -> None:
    """A file in the package's folder is all that settings and engine need."""
    (tmp_path / "loudest.py").write_text(
        "from glider_core.engine.detectors.nid import NID\n"
        "from glider_core.results import Candidate\n\n\n"
        "class Loudest(NID):\n"
        "    name = title = 'Loudest'\n\n"
        "    def read(self, explainers, settings, report):\n"
        "        return [[Candidate(features=(0, 1), strength=1.0)] for _ in explainers.weights[0]]\n\n\n"
        "DETECTOR = Loudest()\n"
    )
    monkeypatch.setattr(detectors, "__path__", [*detectors.__path__, str(tmp_path)])
    monkeypatch.setattr(detectors, "DETECTORS", detectors._Detectors())
    for user in ("explain", "looking", "repeating"):
        monkeypatch.setattr(f"glider_core.engine.{user}.DETECTORS", detectors.DETECTORS)
    instance = gl.FunctionInstance(list("abcd"), lambda m: 1.0 * m[:, 0] * m[:, 1])
    with pytest.raises(gl.InvalidSettings, match="Loudest"):
        gl.Settings(detector="Softest")
    settings = gl.Settings.with_masks(600, detector="Loudest")
    explanation = gl.explain(instance, settings)
    assert [candidate.features for candidate in explanation.ranking] == [(0, 1)]
    assert gl.Settings.from_query(settings.to_query()) == settings


def test_a_strength_is_in_logits_whatever_the_answers_spread() -> None:
    def scaled(factor: float, detector: str) -> float:
        instance = gl.FunctionInstance(list("abcd"), lambda m: factor * (1.0 * m[:, 0] * m[:, 1] + m[:, 2]))
        return gl.explain(instance, gl.Settings.with_masks(600, detector=detector)).ranking[0].strength

    assert scaled(10.0, "NID") / scaled(1.0, "NID") == pytest.approx(10.0, rel=1e-3)
    assert scaled(10.0, "GradientNID") / scaled(1.0, "GradientNID") == pytest.approx(100.0, rel=1e-3)
