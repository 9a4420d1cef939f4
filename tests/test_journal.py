"""A journal keeps what is finished, and never touches a file that is not its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glider_core as gl
from glider_core import journal as journals
from glider_core.journal import Journal, JournalInUse, UnusableJournal

HEADER = {"glider": "a test", "model": ["m", "1"], "seed": 3}
ENTRIES = [{"number": number, "text": "ä" * number} for number in range(4)]


def write(path: Path, entries: list[dict] = ENTRIES) -> bytes:
    with Journal.open(path, HEADER) as journal:
        for entry in entries:
            journal.append(entry)
    return path.read_bytes()


def read(path: Path, header: dict = HEADER) -> list[dict]:
    with Journal.open(path, header) as journal:
        return list(journal.entries)


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.jsonl"
    write(path, ENTRIES[:2])
    assert read(path) == ENTRIES[:2]
    write(path, ENTRIES[2:])
    assert read(path) == ENTRIES


def test_without_a_path_nothing_is_kept() -> None:
    with Journal.open(None, HEADER) as journal:
        journal.append({"a": 1})
        assert journal.entries == []


@given(st.data())
def test_a_file_cut_anywhere_opens_to_its_whole_entries(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    path = tmp_path_factory.mktemp("cut") / "run.jsonl"
    content = write(path)
    cut = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:cut])
    whole = content[:cut].count(b"\n")
    assert read(path) == ENTRIES[: max(whole - 1, 0)]
    assert read(path) == ENTRIES[: max(whole - 1, 0)]  # what was mended stays mended
    write(path, ENTRIES[max(whole - 1, 0) :])
    assert read(path) == ENTRIES


@pytest.mark.parametrize(
    "content",
    [
        b"a note without a newline",
        b'{"a": 1}',
        b'{"a": 1}\n',
        b'{"glider": "something else", "seed": 3}\n',
        b"[1, 2]\n",
        b"\n\n",
        b"\x00\x01\xff",
        b"\xef\xbb\xbf" + json.dumps(HEADER).encode() + b"\n",
        b"[" * 200_000 + b"\n",
        json.dumps(HEADER).encode()[:20] + b"and something of ours",
    ],
)
def test_a_foreign_file_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(gl.InvalidInput, match=r"notes\.txt is not a file of finished work"):
        read(path)
    assert path.read_bytes() == content


def test_another_run_is_refused_with_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    content = write(path)
    with pytest.raises(gl.InvalidInput, match="begun with other model and seed"):
        read(path, HEADER | {"model": ["m", "2"], "seed": 4})
    assert path.read_bytes() == content


@pytest.mark.parametrize("line", [b"{", b"[]", b"null", b'{"number": 1', b"\xff"])
def test_a_changed_line_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "run.jsonl"
    lines = write(path).split(b"\n")
    lines[2] = line
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(gl.InvalidInput, match=r"run\.jsonl, line 3: "):
        read(path)
    assert path.read_bytes() == b"\n".join(lines)


def test_two_runs_cannot_share_a_file(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    path = tmp_path / "run.jsonl"
    child = (
        "import sys, glider_core as gl\nfrom glider_core.journal import Journal\n"
        f"try:\n    with Journal.open(sys.argv[1], {HEADER!r}): print('opened')\n"
        "except gl.InvalidInput as error: print(error)\n"
    )
    with Journal.open(path, HEADER) as journal:
        journal.append(ENTRIES[0])
        told = subprocess.run([sys.executable, "-c", child, str(path)], capture_output=True, text=True, check=True)
        assert "Another run works on run.jsonl" in told.stdout
        journal.append(ENTRIES[1])
    assert read(path) == ENTRIES[:2]


def test_what_was_appended_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    child = (
        "import os, signal, sys\nfrom glider_core.journal import Journal\n"
        f"with Journal.open(sys.argv[1], {HEADER!r}) as journal:\n"
        "    for number in range(3): journal.append({'number': number})\n"
        "    journal._file.write(b'{\"number\": 3'); journal._file.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", child, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert read(path) == [{"number": number} for number in range(3)]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "run.jsonl", Path("/proc/nowhere/run.jsonl")):
        with pytest.raises(gl.InvalidInput, match="cannot be kept"):
            read(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_said(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal.open(path, HEADER) as journal:
        journal.append(ENTRIES[0])
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, journal._file.fileno())  # type: ignore[union-attr]
        with pytest.raises(gl.InvalidInput, match=r"run\.jsonl cannot be written any more"):
            journal.append(ENTRIES[1])
        os.close(full)
    assert read(path) == ENTRIES[:1]


def test_half_a_line_of_a_full_disk_is_not_in_the_way_of_the_next(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "run.jsonl"
    sync = os.fsync

    def no_room(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with Journal.open(path, HEADER) as journal:
        journal.append(ENTRIES[0])
        monkeypatch.setattr(os, "fsync", no_room)
        with pytest.raises(gl.InvalidInput, match="No space left"):
            journal.append(ENTRIES[1])
        monkeypatch.setattr(os, "fsync", sync)
        journal.append(ENTRIES[2])
    assert read(path) == [ENTRIES[0], ENTRIES[2]]


def test_an_entry_that_could_not_be_read_again_is_not_written(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(journals, "MAX_LINE", 2000)
    with Journal.open(tmp_path / "run.jsonl", HEADER) as journal:
        with pytest.raises(gl.InvalidInput, match="entries of at most"):
            journal.append({"text": "a" * 3000})
        journal.append(ENTRIES[0])
    assert read(tmp_path / "run.jsonl") == ENTRIES[:1]


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines[:2], lines[2].replace(b'"number": 1', b'"number": 7'), *lines[3:]],
        lambda lines: lines[:2] + lines[3:],  # one is gone
        lambda lines: [lines[0], lines[1], lines[3], lines[2], *lines[4:]],
        lambda lines: [*lines[:2], lines[1], *lines[2:]],
        lambda lines: [*lines[:2], b'{"number": 1, "text": "a"}\n', *lines[3:]],
    ],
)
def test_a_line_that_reads_well_but_was_changed_is_named(tmp_path: Path, change) -> None:
    path = tmp_path / "run.jsonl"
    content = b"".join(change(write(path).splitlines(keepends=True)))
    path.write_bytes(content)
    with pytest.raises(UnusableJournal, match=r"run\.jsonl, line 3: "):
        read(path)
    assert path.read_bytes() == content


def test_a_header_with_more_keys_is_another_run(tmp_path: Path) -> None:
    write(tmp_path / "run.jsonl")
    with pytest.raises(UnusableJournal, match="begun with other model and seed"):
        read(tmp_path / "run.jsonl", {"glider": "a test"})


def test_a_thread_of_the_same_process_is_kept_out_too(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with Journal.open(tmp_path / "run.jsonl", HEADER), pytest.raises(JournalInUse):
        read(tmp_path / "run.jsonl")
    assert read(tmp_path / "run.jsonl") == []


def test_a_refusal_names_the_line_of_an_entry(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "run.jsonl", HEADER) as journal:
        assert "run.jsonl, line 2: no rows" in str(journal.refusal(0, "no rows"))


@pytest.mark.parametrize("kind", ["pipe", "/dev/null", "/dev/full"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "pipe" if kind == "pipe" else Path(kind)
    if kind == "pipe":
        os.mkfifo(path)  # opening it would wait for ever
    with pytest.raises(gl.InvalidInput, match="no file in which finished work can be kept"):
        read(path)
    assert path.exists()


@pytest.mark.parametrize("filler", ["[]", "{}", "0", '""'])
def test_a_line_that_would_fill_the_memory_is_named_before_it_is_read(tmp_path: Path, filler: str) -> None:
    path = tmp_path / "run.jsonl"
    content = write(path) + b'{"a": [' + b",".join([filler.encode()] * 9_000_000) + b"]}\n"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(UnusableJournal, match=r"run\.jsonl, line 6: this has [0-9,]+ MB in memory"):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 100e6  # the line itself; its values would take a gigabyte
    finally:
        tracemalloc.stop()
    assert path.read_bytes() == content


def test_an_entry_that_could_not_be_held_is_not_written(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(journals, "MAX_DECODED", 20_000)
    with Journal.open(tmp_path / "run.jsonl", HEADER) as journal:
        with pytest.raises(gl.InvalidInput, match="in memory"):
            journal.append({"numbers": [1] * 1000})
        journal.append(ENTRIES[0])
    assert read(tmp_path / "run.jsonl") == ENTRIES[:1]
