"""All experiments, each in a process of its own: what ran, how long it took, what failed; a killed run goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glider_core.errors import InvalidInput
from glider_core.experiments import EXPERIMENTS
from glider_core.experiments.base import Experiment
from glider_core.journal import KIND, Journal
from glider_core.provenance import versions
from glider_core.shipped import ASSETS

SIZES = ("quick", "full")
_LAST = 300  # letters of what a failed experiment said last
_USUAL = {"quick": 20.0, "full": 1800.0}  # seconds of an experiment that nobody has measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one experiment went."""

    name: str
    seconds: float
    problem: str = ""  # what it said last where it failed
    earlier: bool = False  # whether an earlier run, which was killed, had finished it


def measured_seconds(size: str) -> dict[str, float]:
    """Seconds of each experiment where all were measured together last, from assets/results."""
    path = ASSETS / "results" / f"all_{size}.json"
    return json.loads(path.read_text(encoding="utf-8"))["seconds"] if path.is_file() else {}


def run_all(
    names: Sequence[str] = (),
    *,
    quick: bool,
    data: Path | None = None,
    keep: Path | None = None,
    processes: int = 1,
    tell: Callable[[str], None],
    start: Callable[[Sequence[str], Mapping[str, str]], Any] | None = None,
) -> list[Outcome]:
    """Run experiments by their commands, in the order of the registry.

    Results of full runs go where those of single ones go, to assets/results; those of quick runs into `keep`.

    Args:
        names: of the experiments; all by default.
        quick: each in its quick size.
        data: the folder of training data.
        keep: a folder for what is finished: a killed run goes on, and experiments of one family share work.
        processes: experiments at a time; those of one family are never run side by side.
        tell: takes lines of progress.
        start: starts a command in an environment, as `subprocess.Popen` does; for tests.

    Raises:
        InvalidInput: there is no such experiment; the folder is of another version or in use.
    """
    wanted = [_known(name) for name in names or EXPERIMENTS]
    size = "quick" if quick else "full"
    with _folder(keep) as folder:
        header = {KIND: "all experiments", "size": size, "versions": versions()}
        with Journal.open(folder / f"all-{size}.jsonl", header) as journal:
            done = {entry["name"]: float(entry["seconds"]) for entry in journal.entries}
            watch = _Watch(wanted, done, size, processes, tell)
            found = {
                each.name: Outcome(name=each.name, seconds=done[each.name], earlier=True)
                for each in wanted
                if each.name in done
            }
            environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
            if processes > 1:
                environment["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // processes))

            def run(experiment: Experiment) -> Outcome:
                command = _command(experiment, quick, data, folder)
                return _outcome(experiment.name, command, environment, tell, start or _started)

            for outcome in _side_by_side([each for each in wanted if each.name not in done], run, processes, watch):
                if not outcome.problem:
                    journal.append({"name": outcome.name, "seconds": outcome.seconds})
                found[outcome.name] = outcome
                watch.ended(outcome)
    return [found[each.name] for each in wanted]


def _known(name: str) -> Experiment:
    if name not in EXPERIMENTS:
        raise InvalidInput(f"There is no {name!r:.40} to reproduce; choose among {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="glider-all-") as folder:
        yield Path(folder)


def _command(experiment: Experiment, quick: bool, data: Path | None, folder: Path) -> list[str]:
    words = [sys.executable, "-m", "glider_core", "reproduce", experiment.name]
    if quick:
        options = experiment.context(quick=True).options
        words += ["--quick", "--out", str(folder / "quick" / f"{experiment.stem(experiment.name, options)}.json")]
    if data is not None:
        words += ["--data", str(data)]
    if "keep" in experiment.options:
        words += ["--keep", str(folder / ("quick-parts" if quick else "parts"))]
    return words


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )


def _outcome(
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    tell: Callable[[str], None],
    start: Callable[[Sequence[str], Mapping[str, str]], Any],
) -> Outcome:
    began, lines = time.perf_counter(), []
    process = start(command, environment)
    try:
        for line in process.stdout:
            lines = [*lines, line.rstrip()][-20:]
            tell(f"  {name}: {line.rstrip():.160}")
        code = process.wait()
    except BaseException:
        process.kill()
        raise
    said = " ".join(line.strip(" │╭╮╰╯─") for line in lines).strip()
    problem = "" if code == 0 else f"exit code {code}: {said[-_LAST:]}"
    return Outcome(name=name, seconds=round(time.perf_counter() - began, 1), problem=problem)


def _side_by_side(
    waiting: list[Experiment], run: Callable[[Experiment], Outcome], processes: int, watch: _Watch
) -> Iterator[Outcome]:
    """The outcomes as they come; of a family, one after the other."""
    running: dict[Future[Outcome], Experiment] = {}
    with ThreadPoolExecutor(processes, thread_name_prefix="glider-all") as pool:
        while waiting or running:
            families = {each.family for each in running.values() if each.family}
            for each in list(waiting):
                if len(running) < processes and each.family not in families:
                    waiting.remove(each)
                    families |= {each.family} if each.family else set()
                    watch.began(each.name)
                    running[pool.submit(run, each)] = each
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                del running[future]
                yield future.result()


class _Watch:
    """Tells how far all experiments are, and how long the rest will take, about."""

    def __init__(
        self,
        wanted: Sequence[Experiment],
        done: Mapping[str, float],
        size: str,
        processes: int,
        tell: Callable[[str], None],
    ) -> None:
        expected, names = measured_seconds(size), [each.name for each in wanted]
        usual = sum(expected.values()) / len(expected) if expected else _USUAL[size]
        self._left = {name: expected.get(name, usual) for name in names if name not in done}
        self._all, self._processes, self._tell = len(names), processes, tell
        self._taken = self._expected = 0.0  # of those that this run has ended

    def began(self, name: str) -> None:
        """Say that an experiment begins, and how much is left."""
        pace = self._taken / self._expected if self._expected else 1.0
        minutes = pace * sum(self._left.values()) / self._processes / 60
        self._tell(f"{name}: {self._all - len(self._left)} of {self._all} are done, about {minutes:.0f} minutes left")

    def ended(self, outcome: Outcome) -> None:
        """Note that one has ended."""
        self._taken += outcome.seconds
        self._expected += self._left.pop(outcome.name)
        self._tell(f"{outcome.name}: {'FAILED' if outcome.problem else 'done'} in {outcome.seconds:.0f} s")


def summary(outcomes: Sequence[Outcome]) -> str:
    """A line for each experiment, then what failed."""
    width = max(len(outcome.name) for outcome in outcomes)
    lines = [
        f"{outcome.name:{width}}  {outcome.seconds:8.1f} s  "
        + ("FAILED" if outcome.problem else "done earlier" if outcome.earlier else "done")
        for outcome in outcomes
    ]
    failed = [outcome for outcome in outcomes if outcome.problem]
    lines.append(
        f"{len(outcomes) - len(failed)} of {len(outcomes)} experiments ran, "
        f"{sum(outcome.seconds for outcome in outcomes) / 60:.1f} minutes together"
    )
    return "\n".join([*lines, *(f"{outcome.name}: {outcome.problem}" for outcome in failed)])


def as_json(outcomes: Sequence[Outcome], size: str, processes: int) -> dict[str, Any]:
    """Seconds by experiment, as `measured_seconds` reads them; JSON values."""
    return {
        "size": size,
        "processes": processes,
        "cores": os.cpu_count(),
        "seconds": {outcome.name: outcome.seconds for outcome in outcomes if not outcome.problem},
        "failed": {outcome.name: outcome.problem for outcome in outcomes if outcome.problem},
        "versions": versions(),
    }
