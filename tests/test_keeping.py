"""What is kept of a visitor: theirs alone, whole or not at all, few enough and not for ever."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glider_core as gl
from glider_core.keeping import Keeper, Limits, NotKept

ANNA, BEN = "anna-" + "a" * 40, "ben-" + "b" * 40
LIMITS = Limits()


def keeper(folder: Path, token: str = ANNA, **limits: float) -> Keeper:
    return Keeper(token, folder=folder, limits=Limits(**limits) if limits else LIMITS)


def contents(folder: Path) -> int:
    """Files of contents, without records and what keeps processes apart."""
    return sum(1 for path in folder.rglob("*") if path.is_file() and path.suffix != ".json" and path.name != ".lock")


def age(folder: Path, seconds: float) -> None:
    for path in folder.rglob("*"):
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


def test_what_is_kept_comes_back_in_another_process(tmp_path: Path) -> None:
    keeper(tmp_path).keep("table", name="sales.csv", meta={"target": "bought"}, files={"upload": b"a,b\n1,2\n"})
    child = (
        "import sys, pathlib\nfrom glider_core.keeping import Keeper, Limits\n"
        "mine = Keeper(sys.argv[1], folder=pathlib.Path(sys.argv[2]), limits=Limits())\nkept = mine.kept('table')\n"
        "print(kept.name, kept.meta['target'], mine.read(kept, 'upload'))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", child, ANNA, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert told.stdout == "sales.csv bought b'a,b\\n1,2\\n'\n"


def test_nobody_else_finds_it(tmp_path: Path) -> None:
    keeper(tmp_path).keep("table", name="sales.csv", files={"upload": b"secret"})
    assert keeper(tmp_path, BEN).kept("table") is None
    assert keeper(tmp_path, BEN).everything() == []
    keeper(tmp_path, BEN).forget()
    assert keeper(tmp_path).kept("table") is not None


def test_the_token_is_not_on_the_disk(tmp_path: Path) -> None:
    keeper(tmp_path).keep("table", name="sales.csv", files={"upload": b"secret"})
    for path in tmp_path.rglob("*"):
        assert ANNA not in str(path)
        assert path.is_dir() or ANNA.encode() not in path.read_bytes()


def test_a_folder_is_its_owners_alone(tmp_path: Path) -> None:
    keeper(tmp_path / "visitors").keep("table")
    (folder,) = (path for path in (tmp_path / "visitors").iterdir() if path.is_dir())
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("token", ["", "short", "a" * 31])
def test_a_token_that_can_be_guessed_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(gl.InvalidInput, match="not private"):
        keeper(tmp_path, token)


def test_the_latest_of_a_kind_takes_the_place_of_the_former(tmp_path: Path) -> None:
    mine = keeper(tmp_path)
    mine.keep("table", name="old.csv", files={"upload": b"old"})
    mine.keep("table", name="new.csv", files={"upload": b"new"})
    kept = mine.kept("table")
    assert kept is not None
    assert (kept.name, mine.read(kept, "upload")) == ("new.csv", b"new")
    assert contents(tmp_path) == 1  # the former content is gone


def test_equal_contents_are_kept_once(tmp_path: Path) -> None:
    mine = keeper(tmp_path)
    mine.keep("table", files={"upload": b"same"})
    mine.keep("table.model", files={"upload": b"same", "weights": b"w"})
    assert contents(tmp_path) == 2
    mine.forget("table")
    kept = mine.kept("table.model")
    assert kept is not None
    assert mine.read(kept, "upload") == b"same"


def test_all_goes_with_one_call(tmp_path: Path) -> None:
    mine = keeper(tmp_path)
    for kind in ("table", "table.model", "result.dna"):
        mine.keep(kind, files={"part": kind.encode()})
    assert [kept.kind for kept in mine.everything()] != []
    mine.forget()
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
    mine.forget()  # again: nothing is there


def test_what_long_runs_finished_goes_with_all_else(tmp_path: Path) -> None:
    anna, ben = keeper(tmp_path), keeper(tmp_path, BEN)
    for owner in (anna, ben):
        owner.keep("table", files={"upload": b"a"})
        owner.runs().mkdir()
        (owner.runs() / "run.jsonl").write_text("fields and effects of a table")
    anna.keep("table", files={"upload": b"b"})
    assert (anna.runs() / "run.jsonl").exists()
    anna.forget()
    assert not anna.runs().exists()
    assert (ben.runs() / "run.jsonl").exists()
    age(tmp_path, LIMITS.age + 60)
    keeper(tmp_path, "carl-" + "c" * 40).keep("table", files={"upload": b"c"})
    assert not ben.runs().exists()


def test_runs_go_first_where_an_owner_has_too_much(tmp_path: Path) -> None:
    anna = keeper(tmp_path, owner=100.0, all=1000.0, age=1000.0)
    anna.keep("table", files={"upload": b"a" * 40})
    anna.runs().mkdir()
    (anna.runs() / "run.jsonl").write_text("x" * 500)
    anna.keep("graph", files={"upload": b"b" * 10})
    assert list(anna.runs().iterdir()) == []


def test_what_was_not_used_for_long_is_gone(tmp_path: Path) -> None:
    mine, other = keeper(tmp_path, age=100.0), keeper(tmp_path, BEN, age=100.0)
    mine.keep("table", files={"upload": b"1"})
    mine.keep("graph", files={"upload": b"2"})
    age(tmp_path, 90)
    kept = mine.kept("graph")
    assert kept is not None
    mine.read(kept, "upload")  # used
    age(tmp_path, 20)
    assert mine.kept("table") is None
    assert mine.kept("graph") is not None
    other.keep("table", files={"upload": b"3"})  # whoever keeps something tidies
    assert contents(tmp_path) == 2
    age(tmp_path, 200)
    other.keep("table", files={"upload": b"3"})
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1


def test_the_oldest_of_an_owner_goes_where_there_is_too_much(tmp_path: Path) -> None:
    mine = keeper(tmp_path, owner=10_000.0)
    for number in range(5):
        mine.keep(f"result.{number}", files={"part": bytes([number]) * 3000})
        age(tmp_path, 10)
    assert {kept.kind for kept in mine.everything()} == {"result.2", "result.3", "result.4"}
    assert contents(tmp_path) == 3


def test_the_owner_who_was_away_longest_goes_where_all_have_too_much(tmp_path: Path) -> None:
    tokens = [f"{name}-{'x' * 40}" for name in ("anna", "ben", "carla")]
    for token in tokens:
        keeper(tmp_path, token, all=10_000.0).keep("table", files={"part": token.encode() * 80})
        age(tmp_path, 10)
    assert [keeper(tmp_path, token).kept("table") is not None for token in tokens] == [False, True, True]


def test_too_much_at_once_is_refused_and_the_former_stays(tmp_path: Path) -> None:
    mine = keeper(tmp_path, owner=1000.0)
    mine.keep("table", name="small.csv", files={"upload": b"1"})
    with pytest.raises(NotKept, match=r"large\.csv has 0 MB; at most 0 MB of a visitor are kept"):
        mine.keep("table", name="large.csv", files={"upload": bytes(2000)})
    kept = mine.kept("table")
    assert kept is not None
    assert kept.name == "small.csv"


def test_a_server_that_keeps_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotKept, match="keeps nothing"):
        keeper(tmp_path, age=0.0).keep("table")
    keeper(tmp_path).keep("table")
    assert keeper(tmp_path, age=0.0).kept("table") is None


@pytest.mark.parametrize("folder", ["/proc/nowhere/visitors", "file/visitors"])
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("")
    mine = keeper(tmp_path / folder)
    with pytest.raises(NotKept, match=r"sales\.csv cannot be kept on this server"):
        mine.keep("table", name="sales.csv", files={"upload": b"1"})
    assert mine.kept("table") is None
    assert mine.everything() == []
    mine.forget()


def test_a_full_disk_leaves_the_former(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = keeper(tmp_path)
    mine.keep("table", name="old.csv", files={"upload": b"old"})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(NotKept, match="No space left"):
            mine.keep("table", name="new.csv", files={"upload": b"new"})
    kept = mine.kept("table")
    assert kept is not None
    assert mine.read(kept, "upload") == b"old"


@pytest.mark.parametrize("content", [b"", b"old and longer", b"0ld"])
def test_a_damaged_content_is_not_handed_out(tmp_path: Path, content: bytes) -> None:
    mine = keeper(tmp_path)
    kept = mine.keep("table", name="old.csv", files={"upload": b"old"})
    (blob,) = tmp_path.rglob(kept.files["upload"][0])
    blob.write_bytes(content)
    with pytest.raises(NotKept, match=r"old\.csv was damaged"):
        mine.read(kept, "upload")
    mine.keep("table", name="old.csv", files={"upload": b"old"})  # kept anew
    assert mine.read(kept, "upload") == b"old"
    blob.unlink()
    with pytest.raises(NotKept, match=r"old\.csv is not kept any more"):
        mine.read(kept, "upload")


RECORD = {"glider": "kept", "format": 1, "kind": "table", "name": "", "meta": {}, "files": {}}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff", b"[" * 200_000, b"{}",
        *(json.dumps(RECORD | change).encode() for change in (
            {"glider": "else"}, {"format": 2}, {"kind": "graph"}, {"meta": 3}, {"files": []}, {"files": {"a": "b"}},
            {"files": {"a": ["b", "c"]}},
        )),
    ],
)  # fmt: skip
def test_a_damaged_record_is_said(tmp_path: Path, content: bytes) -> None:
    mine = keeper(tmp_path)
    mine.keep("table", name="old.csv")
    (record,) = tmp_path.rglob("table.json")
    record.write_bytes(content)
    with pytest.raises(NotKept, match="What was kept of table cannot be read"):
        mine.kept("table")
    assert mine.everything() == []
    mine.keep("table", name="new.csv")
    assert mine.kept("table") is not None


@pytest.mark.parametrize("text", ["x", "-1", "nan", "inf", "1e999", "14 days"])
def test_limits_that_make_no_sense_are_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GLIDER_KEEP_DAYS", text)
    with pytest.raises(gl.InvalidInput, match="GLIDER_KEEP_DAYS is"):
        Limits.of_environment()


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Limits.of_environment() == Limits(age=14 * 86_400, owner=300e6, all=5e9)
    for name, value in (("DAYS", "0.5"), ("MB", "20"), ("ALL_MB", " 100 ")):
        monkeypatch.setenv(f"GLIDER_KEEP_{name}", value)
    assert Limits.of_environment() == Limits(age=43_200, owner=20e6, all=100e6)


def test_many_threads_keep_beside_each_other(tmp_path: Path) -> None:
    problems: list[Exception] = []

    def work(number: int) -> None:
        try:
            mine = keeper(tmp_path, f"{number % 3}-{'x' * 40}")
            for turn in range(5):
                kept = mine.keep(f"result.{number}", files={"part": f"{number} {turn}".encode()})
                assert mine.read(kept, "part") == f"{number} {turn}".encode()
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert contents(tmp_path) == 9


def test_a_kill_at_any_moment_leaves_the_former_or_the_new(tmp_path: Path) -> None:
    child = (
        "import sys, pathlib\nfrom glider_core.keeping import Keeper, Limits\n"
        "mine = Keeper(sys.argv[1], folder=pathlib.Path(sys.argv[2]), limits=Limits())\nnumber = int(sys.argv[3])\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    number += 1\n"
        "    mine.keep('table', name=str(number), files={'a': str(number).encode() * 500, 'b': b'b%d' % number})\n"
        "    print(number, flush=True)\n"
    )
    last = 0
    for turn in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", child, ANNA, str(tmp_path), str(last)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.013 * turn)
        process.send_signal(signal.SIGKILL)
        told = [int(line) for line in process.communicate()[0].splitlines() if line.strip()]
        mine = keeper(tmp_path)
        kept = mine.kept("table")
        finished = max(told, default=last)
        if kept is None:
            assert finished == 0
            continue
        last = int(kept.name)
        assert last in (finished, finished + 1)  # what was said to be kept, or what was being kept
        assert mine.read(kept, "a") == kept.name.encode() * 500
        assert mine.read(kept, "b") == f"b{kept.name}".encode()
    keeper(tmp_path).keep("table", name="last", files={"a": b"a"})
    assert contents(tmp_path) == 1  # nothing half written lies about


@given(st.dictionaries(st.text(max_size=20), st.binary(max_size=50), max_size=4), st.text(max_size=30))
def test_whatever_is_kept_comes_back(tmp_path_factory: pytest.TempPathFactory, files, name: str) -> None:
    mine = keeper(tmp_path_factory.mktemp("kept"))
    mine.keep("table", name=name, meta={"name": name}, files=files)
    kept = mine.kept("table")
    assert kept is not None
    assert (kept.name, kept.meta) == (name, {"name": name})
    assert {part: mine.read(kept, part) for part in kept.files} == files
