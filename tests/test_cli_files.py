"""Files that a command line names: refused before any work with a sentence, and never one in place of another."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glider_core.cli import app

ROWS = ["detect-global", "recommender/simulated", "--limit", "1"]
TEXT = ["explain", "sentiment/lstm", "It never fails.", "--masks", "600"]


def refused(*given: str) -> str:
    done = CliRunner().invoke(app, list(given))
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    return done.output


@pytest.fixture(autouse=True)
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is refused here is refused before a model is asked."""

    def fail(*given: object, **options: object) -> None:
        pytest.fail("the run began")

    monkeypatch.setattr("glider_core.rows.run.explain_chunk", fail)
    monkeypatch.setattr("glider_core.engine.explain.explain", fail)


@pytest.mark.parametrize("command", [[*ROWS, "--out"], [*TEXT, "--out"], [*TEXT, "--draw"], [*ROWS, "--resume"]])
@pytest.mark.parametrize("place", ["", "folder", "file/out.json", "/proc/nowhere/out.json", "a" * 300])
def test_a_place_that_cannot_hold_a_file(tmp_path: Path, command: list[str], place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")
    refused(*command, str(tmp_path / place))
    assert (tmp_path / "file").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize(
    "content",
    [
        b"a note without a newline", b"a note\n", b'{"minified": [1, 2, 3]}', b"a,b\n1,2\n", b"\x89PNG\r\n\x1a\n\0",
        json.dumps({"glider": "explanation", "format": 2}).encode(), b'{"glider": "global run"}\n', b"\n",
    ],
)  # fmt: skip
def test_a_file_of_something_else_is_no_resume_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    assert "mine.txt" in refused(*ROWS, "--resume", str(path))
    assert path.read_bytes() == content


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full", "/dev/zero"])
def test_a_device_is_no_resume_file(device: str) -> None:
    if not Path(device).exists():
        pytest.skip("no such device")
    assert "no file in which finished work can be kept" in refused(*ROWS, "--resume", device)
    assert stat.S_ISCHR(Path(device).stat().st_mode)


def test_one_file_is_not_named_for_two_things(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2\n")
    told = refused(*ROWS, "--rows", str(table), "--out", str(table))
    assert "--rows and --out both name" in told
    assert table.read_text() == "a,b\n1,2\n"
    same = str(tmp_path / "same")
    assert "--out and --resume both name" in refused(*ROWS, "--out", same, "--resume", same)
    assert "--out and --draw both name" in refused(*TEXT, "--out", same, "--draw", same)


@pytest.mark.parametrize("rows", ["", "no/such.csv", "/dev/null", "folder"])
def test_rows_that_cannot_be_read(tmp_path: Path, rows: str) -> None:
    (tmp_path / "folder").mkdir()
    refused(*ROWS, "--rows", rows if rows.startswith("/") else str(tmp_path / rows))


@pytest.mark.parametrize("given", ['{"hour": "\\ud800"}', "true", "1e999", "-1", "[" * 50_000, "9" * 5000, "{}", ""])
def test_rows_that_are_none(given: str) -> None:
    refused("explain", "recommender/simulated", given)


@pytest.mark.parametrize("given", ["#²", "#99999999999", "true", "", "\x00"])
def test_nodes_that_are_none(given: str) -> None:
    refused("explain", "graph/karate", given)


@pytest.mark.parametrize("scheduler", ["::::", "nowhere", "tcp://127.0.0.1:1", ""])
def test_schedulers_that_do_not_answer(monkeypatch: pytest.MonkeyPatch, scheduler: str) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("glider_core.clusters._TIMEOUT", 1.0)
    refused(*ROWS, "--scheduler", scheduler)
