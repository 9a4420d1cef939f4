"""A run that was stopped or killed goes on where it was, and with nothing else than its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import glider_core as gl
from glider_core.journal import JournalInUse
from glider_core.rows.chunk import digest_of
from glider_core.rows.run import detect_global
from tests.rows.regimes import QUICK, TwoRegimes, table


def test_a_stopped_run_resumes(run, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    seen: list[int] = []

    def stop(partial: gl.GlobalInteractions) -> None:
        seen.append(partial.n_rows)
        if len(seen) == 2:
            raise gl.Cancelled("enough")

    with pytest.raises(gl.Cancelled):
        detect_global(TwoRegimes(), table(30), run.settings, resume=path, on_partial=stop)
    with path.open("ab") as file:
        file.write(b'{"digest": "half a li')  # killed while it wrote
    asked: list[int] = []
    again = detect_global(
        TwoRegimes(), table(30), run.settings, resume=path, on_partial=lambda one: asked.append(one.n_rows)
    )
    assert asked == [24, 30]  # two of four chunks were left
    assert again == run


def test_a_resume_file_of_another_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    detect_global(TwoRegimes(), table(8), QUICK, resume=path)
    with pytest.raises(gl.InvalidInput, match="settings"):
        detect_global(TwoRegimes(), table(8), QUICK.model_copy(update={"seed": 1}), resume=path)
    with pytest.raises(gl.InvalidInput, match="not those"):
        detect_global(TwoRegimes(), table(8).assign(x=True), QUICK, resume=path)
    path.write_text("something else\n")
    with pytest.raises(gl.InvalidInput, match="not a file of finished work"):
        detect_global(TwoRegimes(), table(8), QUICK, resume=path)
    assert path.read_text() == "something else\n"


CHILD = """
import os, signal, sys
import glider_core as gl
from glider_core.rows import chunk, run
chunk.CHUNK = run.CHUNK = 8
model = gl.load_model("recommender/simulated")
settings = gl.Settings(n_train=400, n_validation=50, n_test=50, epochs=3, hidden=(32, 16))
kill_after = int(sys.argv[2])

def die(partial):
    if partial.n_rows == kill_after:
        os.kill(os.getpid(), signal.SIGKILL)

print(run.detect_global(model, range(32), settings, resume=sys.argv[1], on_partial=die).to_json())
"""


def test_a_killed_process_resumes_with_the_same_result(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "run.jsonl"
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", CHILD, str(path)]
    assert subprocess.run([*command, "16"], cwd=root, check=False).returncode == -signal.SIGKILL
    assert path.read_bytes().count(b"\n") == 3  # the header, and two of four chunks
    resumed = subprocess.run([*command, "0"], cwd=root, capture_output=True, check=True).stdout
    for module in ("chunk", "run"):
        monkeypatch.setattr(f"glider_core.rows.{module}.CHUNK", 8)
    whole = gl.detect_global(gl.load_model("recommender/simulated"), range(32), QUICK)
    assert path.read_bytes().count(b"\n") == 5
    assert gl.GlobalInteractions.from_json(resumed) == whole


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.pop("rows"),
        lambda entry: entry.update(rows=3),
        lambda entry: entry.update(rows=[[[[0, 1], "strong", 1.0]]]),
        lambda entry: entry.update(rows=[[[[0, 99], 1.0, 1.0]]]),
        lambda entry: entry.update(names=None),
        lambda entry: entry.pop("digest"),
    ],
)
def test_a_chunk_that_was_changed_is_named(tmp_path: Path, change) -> None:
    path = tmp_path / "run.jsonl"
    detect_global(TwoRegimes(), table(16), QUICK, resume=path)
    lines = path.read_text().splitlines()
    entry = json.loads(lines[2])
    change(entry)
    lines[2] = json.dumps(entry)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(gl.InvalidInput, match=r"run\.jsonl, line 3"):
        detect_global(TwoRegimes(), table(16), QUICK, resume=path)


def test_a_model_without_an_identity_cannot_resume(tmp_path: Path) -> None:
    model = TwoRegimes()
    model.identity = None
    with pytest.raises(gl.InvalidInput, match="identity"):
        detect_global(model, table(8), QUICK, resume=tmp_path / "run.jsonl")
    assert not (tmp_path / "run.jsonl").exists()
    assert detect_global(model, table(8), QUICK).fingerprint is None


NUMBERS = np.arange(5000.0)
OTHER = np.where(NUMBERS == 2500, -1.0, NUMBERS)  # differs in one number, in the middle


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([{"x": NUMBERS}], [{"x": OTHER}]),
        ([NUMBERS], [OTHER]),
        ([NUMBERS], [NUMBERS.astype(np.float32)]),
        ([NUMBERS], [NUMBERS.reshape(2, -1)]),
        ([[1, 2], [3]], [[1], [2, 3]]),
        (["ab", "c"], ["a", "bc"]),
        ([1], [1.0]),
        ([1], [True]),
        ([1], ["1"]),
        ([None], ["None"]),
        ([0.1 + 0.2], [0.3]),
        ([b"a"], ["a"]),
        ([{"a": 1, "b": 2}], [{"a": 2, "b": 1}]),
        (pd.DataFrame({"a": [0.1 + 0.2]}), pd.DataFrame({"a": [0.3]})),
        ([{"x": np.array([NUMBERS, None], dtype=object)}], [{"x": np.array([OTHER, None], dtype=object)}]),
        ([{"x": {"a", "b"}}], [{"x": {"a", "c"}}]),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), pd.DataFrame([[1, 3]], columns=["a", "a"])),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": ["1"]})),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [2, 1]})),
        (pd.DataFrame({"a": [NUMBERS]}), pd.DataFrame({"a": [OTHER]})),
    ],
)
def test_rows_that_differ_in_anything_have_other_digests(first, second) -> None:
    assert digest_of(first) != digest_of(second)
    assert digest_of(first) == digest_of(first.copy() if isinstance(first, pd.DataFrame) else list(first))


def test_a_mapping_is_the_same_in_any_order() -> None:
    assert digest_of([{"a": 1, "b": 2}]) == digest_of([{"b": 2, "a": 1}])


def test_rows_with_sets_and_records_have_the_same_digest_in_every_process() -> None:
    child = (
        "from dataclasses import dataclass\nfrom glider_core.rows.chunk import digest_of\n"
        "@dataclass\nclass Row:\n    a: str\n    b: str\n"
        "text = ''.join(['x', 'y'])\n"
        "for rows in [{'x': {'a', 'b', 'c'}}, Row(text, text)], [{'x': {'c', 'b', 'a'}}, Row('xy', text)]:\n"
        "    print(digest_of(rows))\n"
    )
    digests = {
        digest
        for seed in "12"
        for digest in subprocess.run(
            [sys.executable, "-c", child], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout.split()
    }
    assert len(digests) == 1


def test_rows_that_cannot_be_known_again_run_but_are_not_kept(tmp_path: Path) -> None:
    rows = [{"x": 1, "call": lambda: 1}] * 3
    assert detect_global(TwoRegimes(), rows, QUICK).n_rows == 3
    with pytest.raises(gl.InvalidInput, match="A row holds a function"):
        detect_global(TwoRegimes(), rows, QUICK, resume=tmp_path / "run.jsonl")


def test_two_runs_cannot_share_a_resume_file(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    path = tmp_path / "run.jsonl"

    def begin_again(partial: gl.GlobalInteractions) -> None:
        with pytest.raises(JournalInUse, match="Another run works on run"):
            detect_global(TwoRegimes(), table(16), QUICK, resume=path)

    first = detect_global(TwoRegimes(), table(16), QUICK, resume=path, on_partial=begin_again)
    assert detect_global(TwoRegimes(), table(16), QUICK, resume=path) == first
