"""`glider reproduce all`: every experiment by its command, what failed at the end, and what was finished not again."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glider_core import experiments
from glider_core.cli import app
from glider_core.errors import InvalidInput
from glider_core.experiments import everything
from glider_core.experiments.base import Experiment, Option
from glider_core.experiments.everything import Outcome, run_all, summary


class Process:
    """A command that has said these lines and ended so."""

    def __init__(self, lines: Sequence[str] = (), code: int = 0) -> None:
        self.stdout, self.code = iter(f"{line}\n" for line in lines), code

    def wait(self) -> int:
        return self.code

    def kill(self) -> None:
        raise AssertionError("it was not to be killed")


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Experiment]:
    """Three experiments, of which two share work."""
    keep = {"keep": Option(help="", kind=Path), "rows": Option(help="", default=5)}
    known = {
        name: Experiment(
            name=name, title=name, run=lambda context: {}, options=options, quick={"rows": 1} if options else {},
            family=family,
        )
        for name, options, family in (("first", keep, "rows"), ("second", {}, ""), ("third", keep, "rows"))
    }  # fmt: skip
    monkeypatch.setattr(everything, "EXPERIMENTS", known)
    monkeypatch.setattr(experiments, "EXPERIMENTS", known)
    monkeypatch.setattr(everything, "measured_seconds", lambda size: {"first": 60.0, "second": 120.0, "third": 60.0})
    return known


def test_each_runs_by_its_command_and_a_killed_run_goes_on(three: Any, tmp_path: Path) -> None:
    commands: list[list[str]] = []
    lines: list[str] = []

    def start(command: Sequence[str], environment: Mapping[str, str]) -> Process:
        commands.append(list(command[3:]))
        if command[4] == "second" and len(commands) == 2:
            return Process(["Traceback", "ValueError: no such thing"], code=1)
        return Process(["half way"])

    def run() -> list[Outcome]:
        return run_all(quick=True, data=Path("data"), keep=tmp_path, tell=lines.append, start=start)

    found = run()
    assert [(each.name, bool(each.problem)) for each in found] == [("first", False), ("second", True), ("third", False)]
    assert "no such thing" in found[1].problem
    parts, out = str(tmp_path / "quick-parts"), tmp_path / "quick"
    assert commands == [
        ["reproduce", "first", "--quick", "--out", str(out / "first.json"), "--data", "data", "--keep", parts],
        ["reproduce", "second", "--quick", "--out", str(out / "second.json"), "--data", "data"],
        ["reproduce", "third", "--quick", "--out", str(out / "third.json"), "--data", "data", "--keep", parts],
    ]
    assert "first: 0 of 3 are done, about 4 minutes left" in lines
    assert "  first: half way" in lines
    assert "second: FAILED in 0 s" in lines
    again = run()
    assert commands[3:] == [commands[1]]  # what failed, and nothing else
    assert [each.earlier for each in again] == [True, False, True]
    assert "3 of 3 experiments ran" in summary(again)


def test_those_of_one_family_are_not_run_side_by_side(three: Any) -> None:
    running: set[str] = set()
    beside: dict[str, set[str]] = {}
    threads: set[str] = set()
    second_began = threading.Event()

    class Running(Process):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name, beside[name] = name, set(running)
            running.add(name)
            if name == "second":
                second_began.set()

        def wait(self) -> int:
            if self.name == "first":
                assert second_began.wait(20), "the second never began while the first was running"
            running.discard(self.name)
            return 0

    def start(command: Sequence[str], environment: Mapping[str, str]) -> Running:
        threads.add(environment["OMP_NUM_THREADS"])
        return Running(command[4])

    run_all(["first", "third", "second"], quick=True, processes=2, tell=lambda line: None, start=start)
    assert "first" not in beside["third"]
    assert len(threads) == 1  # each has its share of the cores


def test_a_failure_is_the_exit_code(three: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for code in (0, 2):
        monkeypatch.setattr(everything, "_started", lambda *_, code=code: Process(["said"], code=code))
        done = CliRunner().invoke(app, ["reproduce", "all", "first", "--quick", "--out", str(tmp_path / "all.json")])
        assert done.exit_code == (1 if code else 0), done.output
    assert "first: exit code 2: said" in done.output
    assert '"failed": {\n  "first"' in (tmp_path / "all.json").read_text()
    with pytest.raises(InvalidInput, match="choose among first, second, third"):
        run_all(["fourth"], quick=True, tell=lambda line: None)
