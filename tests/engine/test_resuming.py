"""Many explanations go on from their file after a kill, and give what an uninterrupted run gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import glider_core as gl
from glider_core.journal import UnusableJournal

SETTINGS = gl.Settings.with_masks(300)


class Counted(gl.Instance):
    """A function that notes when it is asked."""

    def __init__(self, number: int, asked: list[int]) -> None:
        case = gl.Case(domain="function", model="function", identity=f"function {number}")
        super().__init__(["a", "b", "c"], case=case)
        self._number, self._asked = number, asked

    def predict(self, masks: np.ndarray) -> np.ndarray:
        self._asked.append(self._number)
        return masks[:, 0] * masks[:, 1] * (1.0 + self._number) + masks[:, 2]


def instances(asked: list[int]) -> list[Counted]:
    return [Counted(number, asked) for number in range(3)]


def measured(explanations: list[gl.Explanation]) -> list[tuple]:
    return [(e.main_effects, e.interactions, e.scores) for e in explanations]


def test_a_run_goes_on_from_its_file(tmp_path: Path) -> None:
    asked: list[int] = []
    whole = gl.explain_many(instances(asked), SETTINGS)
    path, seen = tmp_path / "run.jsonl", []

    def stop(position: int, explanation: gl.Explanation) -> None:
        seen.append(position)
        if len(seen) == 2:
            raise gl.Cancelled("killed")

    with pytest.raises(gl.Cancelled):
        gl.explain_many(instances(asked), SETTINGS, on_result=stop, resume=path)
    asked.clear()
    told: list[int] = []
    again = gl.explain_many(instances(asked), SETTINGS, on_result=lambda n, _: told.append(n), resume=path)
    assert set(asked) == {0, 1, 2} - set(seen)  # nobody else was asked again
    assert sorted(told) == [0, 1, 2]
    assert measured(again) == measured(whole)
    asked.clear()
    assert measured(gl.explain_many(instances(asked), SETTINGS, resume=path)) == measured(whole)
    assert asked == []


def test_a_file_of_another_run_or_a_changed_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    gl.explain_many(instances([]), SETTINGS, resume=path)
    content = path.read_text()
    with pytest.raises(UnusableJournal, match="begun with other instances"):
        gl.explain_many(instances([]), SETTINGS.model_copy(update={"seed": 5}), resume=path)
    path.write_text(content.replace('"prediction": ', '"prediction": 1'))
    with pytest.raises(UnusableJournal, match="changed after it was written"):
        gl.explain_many(instances([]), SETTINGS, resume=path)


def test_what_cannot_be_known_again_is_not_resumed(tmp_path: Path) -> None:
    unknown = gl.FunctionInstance(["a", "b"], lambda masks: masks @ [1.0, 2.0])
    with pytest.raises(gl.InvalidInput, match="Instance 0 has no identity"):
        gl.explain_many([unknown], SETTINGS, resume=tmp_path / "run.jsonl")
