"""Where runs of the app keep what they have finished."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pandas as pd
import pytest

from glider_core.rows import resume
from glider_core.rows.run import detect_global
from tests.rows.regimes import QUICK, TwoRegimes, table


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GLIDER_CACHE", str(tmp_path))
    return tmp_path / "runs"


def test_a_file_is_of_one_model_rows_and_settings() -> None:
    first = resume.resume_file(TwoRegimes(), table(20), QUICK)
    assert first is not None
    assert first == resume.resume_file(TwoRegimes(), table(20), QUICK)
    other = TwoRegimes()
    other.identity = "v2"
    others = [
        resume.resume_file(other, table(20), QUICK),
        resume.resume_file(TwoRegimes(), table(21), QUICK),
        resume.resume_file(TwoRegimes(), table(20).assign(x=True), QUICK),
        resume.resume_file(TwoRegimes(), table(20), QUICK.model_copy(update={"seed": 1})),
    ]
    assert len({first, *others}) == 5


def test_a_model_without_an_identity_has_none() -> None:
    model = TwoRegimes()
    model.identity = None
    assert resume.resume_file(model, table(3), QUICK) is None


def test_a_cache_that_cannot_be_written_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIDER_CACHE", "/proc/nowhere")
    assert resume.resume_file(TwoRegimes(), table(3), QUICK) is None


def test_files_do_not_pile_up(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume, "MAX_FILES", 3)
    for age in range(5):
        path = resume.resume_file(TwoRegimes(), table(age + 1), QUICK)
        assert path is not None
        os.utime(path, (time.time() - 100 + age, time.time() - 100 + age))
    latest = resume.resume_file(TwoRegimes(), table(5), QUICK)
    assert latest in list(cache.iterdir())
    assert len(list(cache.iterdir())) == 3
    for path in cache.iterdir():
        os.utime(path, (0.0, time.time() - resume.MAX_AGE - 1))
    again = resume.resume_file(TwoRegimes(), table(1), QUICK)
    assert list(cache.iterdir()) == [again]


def test_a_damaged_file_is_begun_anew() -> None:
    path = resume.resume_file(TwoRegimes(), table(16), QUICK)
    assert path is not None
    whole = detect_global(TwoRegimes(), table(16), QUICK, resume=path)
    content = path.read_bytes()
    for damage in (bytes(len(content)), content.replace(b"rows", b"r\x00ws")):
        path.write_bytes(damage)
        assert resume.resume_file(TwoRegimes(), table(16), QUICK) == path
        assert detect_global(TwoRegimes(), table(16), QUICK, resume=path) == whole
    assert resume.resume_file(TwoRegimes(), table(16), QUICK) == path
    assert path.read_bytes().count(b"\n") == 3  # what is whole stays


def test_who_does_the_same_run_at_the_same_time_does_it_without_a_file() -> None:
    pytest.importorskip("fcntl")
    path = resume.resume_file(TwoRegimes(), table(8), QUICK)
    paths = []
    detect_global(
        TwoRegimes(), table(8), QUICK, resume=path,
        on_partial=lambda partial: paths.append(resume.resume_file(TwoRegimes(), table(8), QUICK)),
    )  # fmt: skip
    assert paths == [None]
    assert resume.resume_file(TwoRegimes(), table(8), QUICK) == path


def test_rows_that_cannot_be_known_again_have_none() -> None:
    assert resume.resume_file(TwoRegimes(), pd.DataFrame({"x": [lambda: 1]}), QUICK) is None
