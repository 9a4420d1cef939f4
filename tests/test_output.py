"""What a command writes is whole or not there, and takes nothing away that stood in its place."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glider_core as gl
from glider_core.output import check_distinct, check_writable, write_whole


@given(st.text(alphabet=st.characters(categories=None), max_size=40))
def test_json_of_any_text_means_the_same_when_it_is_read_again(tmp_path_factory, text: str) -> None:
    path = tmp_path_factory.mktemp("out") / "out.json"
    write_whole(path, json.dumps(text, ensure_ascii=False))  # half a pair of surrogates is no UTF-8
    assert json.loads(path.read_text(encoding="utf-8")) == text


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_whole(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"


def test_who_may_read_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_device_stays_a_device() -> None:
    with pytest.raises(gl.InvalidInput, match="/dev/full cannot be written"):
        write_whole(Path("/dev/full"), "x" * 10_000)
    write_whole(Path("/dev/null"), "x")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_pipe_gets_all_of_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_whole(tmp_path / "pipe", "ä" * 200_000)
    reader.join(30)
    assert received == ["ä".encode() * 200_000]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (".", "is a folder"),
        ("file/out.json", "is a file, not a folder"),
        ("file/deeper/out.json", "cannot be written"),
        ("a" * 300, "File name too long"),
        ("nul\0l", "cannot be written"),
    ],
)
def test_a_place_that_cannot_be_written_is_said_before_any_work(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "file").write_text("kept")
    for check in (check_writable, lambda path: write_whole(path, "new")):
        with pytest.raises(gl.InvalidInput, match=says):
            check(tmp_path / name)
    assert (tmp_path / "file").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_a_name_as_long_as_can_be_can_be_written(tmp_path: Path) -> None:
    write_whole(tmp_path / ("ä" * 127), "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["new"]


def test_a_name_that_is_no_utf8_can_be_told(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    (tmp_path / name).mkdir()
    with pytest.raises(gl.InvalidInput, match=r"caf\\xe9 is a folder"):
        check_writable(tmp_path / name)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")

    def fail(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(gl.InvalidInput, match="No space left"):
        write_whole(path, "new")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("out.json", "old")]


def test_threads_that_write_one_file_leave_one_of_their_texts(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    texts = [str(number) * 50_000 for number in range(8)]
    threads = [threading.Thread(target=write_whole, args=(path, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() in texts
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.json"]


def test_two_options_for_one_file_are_refused(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(table)
    for other in (table, tmp_path / "folder" / ".." / "table.csv", tmp_path / "link"):
        with pytest.raises(gl.InvalidInput, match=r"--rows and --out both name .*table\.csv"):
            check_distinct(rows=table, out=other, resume=None)
    check_distinct(rows=table, out=tmp_path / "other.csv")
    check_distinct(out=Path("/dev/null"), draw=Path("/dev/null"))
