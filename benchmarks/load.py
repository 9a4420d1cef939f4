"""Visitors at once: results per minute, waits, errors and memory, every result held against the same computed alone.

    python -m benchmarks.load --visitors 5 20 50 --minutes 2
    python -m benchmarks.load --visitors 20 --results 500 --add   # does memory grow?
    python -m benchmarks.load --visitors 20 --niceness 0 10 --add   # are pages quicker beside nice workers?

Starts the app on a free port of its own. Each visitor opens links to new cases on four pages in turn, as fast as
results come but for a moment of reading in between.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np
import psutil

import glider_core as gl
from benchmarks.load_client import PageFailed, Visitor
from glider_core.domains.dna.sequence import random_sequence
from glider_core.workers import Task, Worker, n_workers, threads_each
from glider_core.workers.portable import pack
from glider_core.workers.tasks import explain_case

ROOT = Path(__file__).parents[1]
PAGES = ("sentiment", "dna", "recommender", "graph")
MASKS = 6000
READING = 1.5  # seconds between a result and the next question
PATIENCE = 600.0  # seconds that a visitor waits for a result
NEAR = 1e-6  # of numbers of two runs, by the largest: rounding may depend on the number of threads
WARM_UP = 4  # results before the clock starts: models are loaded, modules imported
ROWS = 300  # of the recommender
# What differs from run to run, and what is measured behind a result that is already there, if there is time for it.
OWN_TO_A_RUN = ("timings", "versions", "waited", "asked", "stability", "runs", "n_evaluations")
_WORDS = """the a film plot actor never fails to delight charming little slow dull story moves bright witty scene
cast not very good bad long tender clumsy laughs ending heart script hardly saves brilliant weak music funny sad and
but with"""


@dataclass(slots=True)
class Seen:
    """What all visitors of one run of the benchmark saw."""

    results: list[tuple[float, dict[str, Any]]] = field(default_factory=list)  # when it was there, and what it was
    errors: list[str] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)  # seconds until the start page was there
    reruns: int = 0  # of fragments
    drawn_again: int = 0  # whole pages, after their result was there
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1 << 30)))


def run() -> list[dict]:
    """results per minute and waits of 5, 20 and 50 visitors, a minute each, with the usual detector and the paper's"""
    return [measure(visitors, 1.0, detector=detector) for detector in (None, "NID") for visitors in (5, 20, 50)]


def measure(
    visitors: int,
    minutes: float,
    *,
    pages: Sequence[str] = PAGES,
    heavy: int = 0,
    detector: str | None = None,
    check: int | None = None,
    results: int | None = None,
) -> dict:
    """One run: a new server, so many visitors for so long.

    Args:
        visitors: at a time.
        minutes: that they ask for; what is not there by then is not counted.
        pages: that they open in turn.
        heavy: how many more visitors count interactions over hundreds of rows meanwhile, again and again.
        detector: None for the usual one.
        check: how many results, at most, to compute again, alone, when the server is gone; None: all.
        results: ask on until there are so many, however long it takes, in place of `minutes`.
    """
    with served() as (address, server):
        seen, usage = asyncio.run(_visits(address, server, visitors, minutes * 60, pages, heavy, detector, results))
    minutes = usage[-1]["at"] / 60
    waits = [result["waited"] for _, result in seen.results]
    cpu = usage[-1]["cpu"] - usage[0]["cpu"]
    row = {
        "visitors": visitors,
        "detector": detector or gl.Settings().detector,
        "heavy runs beside": heavy,
        "minutes": round(minutes, 2),
        "workers": os.environ.get("GLIDER_WORKERS", "as usual"),
        "niceness": os.environ.get("GLIDER_NICENESS", "as usual"),
        "results a minute": round(len(waits) / minutes, 1),
        "results, p50 and p90, seconds": _middle(waits),
        "slowest, seconds": round(max(waits, default=0.0), 2),
        "start page, p50 and p90, seconds": _middle(seen.drawn),
        "errors": len(seen.errors),
        "first errors": seen.errors[:3],
        "looks at runs": seen.reruns,
        "pages drawn again after their result": seen.drawn_again,
        "processor seconds per result": round(cpu / max(len(waits), 1), 2),
        "of these, the server's": round((usage[-1]["server"] - usage[0]["server"]) / max(len(waits), 1), 2),
        "MB, server and workers": [usage[0]["mb"], usage[len(usage) // 2]["mb"], usage[-1]["mb"]],
        "MB of each process at the end": usage[-1]["each"],
        "results": len(waits),
        "MB after each hundred results": _by_hundreds(usage),
    }
    checked = [result for _, result in seen.results][:check]
    wrong, row["largest difference"] = differences(checked)
    row |= {"checked": len(checked), "wrong": len(wrong), "first wrong": wrong[:3]}
    print(row)
    return row


def _by_hundreds(usage: Sequence[dict[str, Any]]) -> list[int]:
    """MB of the server and its workers at the first look after 0, 100, 200 ... results."""
    looks = {}
    for look in usage:
        looks.setdefault(look["results"] // 100, look["mb"])
    return list(looks.values())


def _middle(seconds: Sequence[float]) -> list[float]:
    return [round(median(seconds), 2), round(quantiles(seconds, n=10)[-1], 2)] if len(seconds) > 1 else []


@contextlib.contextmanager
def served() -> Iterator[tuple[str, psutil.Process]]:
    """The app on a free port: its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as app:
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
                    break
                time.sleep(0.1)
            yield address, psutil.Process(app.pid)
        finally:
            app.terminate()


def differences(results: Sequence[dict[str, Any]]) -> tuple[list[str], float]:
    """Compute each case anew, alone: which results are of another case or differ, and the largest difference."""
    wrong, largest, worker = [], 0.0, Worker()
    for result in results:
        case = gl.Case.from_dict(result["case"])
        task = pack(Task(explain_case, case, None))
        alone = json.loads(worker.run(task, threads=threads_each(n_workers())).to_json())
        (numbers, words), (numbers_alone, words_alone) = _split(result), _split(alone)
        if result["asked"] != [case.model, str(case.raw)]:
            wrong.append(f"{result['asked']} was answered with {case.model}, {case.raw}")
        elif words != words_alone or len(numbers) != len(numbers_alone):
            wrong.append(f"{result['asked']} has another result alone")
        else:
            scale = max(float(np.abs(numbers_alone).max()), 1.0)
            difference = float(np.abs(np.subtract(numbers, numbers_alone)).max()) / scale
            largest = max(largest, difference)
            if difference > NEAR:
                wrong.append(f"{result['asked']} differs by {difference:.1e}")
    worker.close()
    return wrong, largest


def _split(value: Any) -> tuple[list[float], list[Any]]:
    """The measured numbers of a result, and all else in it but what differs from run to run."""
    numbers: list[float] = []
    words: list[Any] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name not in OWN_TO_A_RUN:
                    words.append(name)
                    walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        elif isinstance(value, float):
            numbers.append(value)
        else:
            words.append(value)

    walk(value)
    return numbers, words


def question(page: str, number: int, detector: str | None = None) -> dict[str, str]:
    """A link's query to a case that no other number has."""
    rng = random.Random(f"{page} {number}")
    split = gl.Settings.with_masks(MASKS)
    chosen = {"seed": number} if detector is None else {"seed": number, "detector": detector}
    settings = split.model_copy(update=chosen).to_query()
    if page == "sentiment":
        return {
            "model": "sentiment/lstm",
            "text": " ".join(rng.choices(_WORDS.split(), k=14)) + f" {number}.",
        } | settings
    if page == "dna":
        return {"model": "dna/cnn", "text": random_sequence(number)} | settings
    if page == "recommender":
        return {"model": "recommender/simulated", "raw": str(rng.randrange(ROWS))} | settings
    return {"model": "graph/karate", "text": str(gl.load_model("graph/karate").graph.nodes[number % 34])} | settings  # type: ignore[attr-defined]


async def _visits(
    address: str,
    server: psutil.Process,
    visitors: int,
    seconds: float,
    pages: Sequence[str],
    heavy: int,
    detector: str | None,
    results: int | None,
) -> tuple[Seen, list[dict[str, Any]]]:
    seen = Seen()
    async with Visitor.connected(address) as first:
        for number in range(WARM_UP):
            page = pages[number % len(pages)]
            await first.explain(page, question(page, 10_000_000 + number, detector), timeout=PATIENCE)
    beside = [asyncio.create_task(_look_in(address, seen))]
    beside += [asyncio.create_task(_count_rows(address, number)) for number in range(heavy)]
    begun = time.perf_counter()
    usage = [_usage(server, seen, 0.0)]
    end = begun + (seconds if results is None else PATIENCE * results)
    asking = [asyncio.create_task(_visit(address, seen, number, end, pages, detector)) for number in range(visitors)]
    while time.perf_counter() < end and (results is None or len(seen.results) < results):
        if all(task.done() for task in asking):
            break  # each has failed, and said why
        await asyncio.sleep(min(5.0, max(end - time.perf_counter(), 0.0)))
        usage.append(_usage(server, seen, time.perf_counter() - begun))
    for task in [*asking, *beside]:
        task.cancel()
    await asyncio.gather(*asking, *beside, return_exceptions=True)
    return seen, usage


async def _visit(address: str, seen: Seen, number: int, end: float, pages: Sequence[str], detector: str | None) -> None:
    try:
        async with Visitor.connected(address) as visitor:
            turn = number
            while time.perf_counter() < end:
                page = pages[turn % len(pages)]
                query = question(page, next(seen.numbers), detector)
                before, again = visitor.reruns, visitor.drawn_again
                result = await visitor.explain(page, query, timeout=PATIENCE)
                seen.reruns += visitor.reruns - before
                if time.perf_counter() < end:
                    result["asked"] = [query["model"], query.get("text", query.get("raw"))]
                    seen.results.append((time.perf_counter(), result))
                turn += 1
                await asyncio.sleep(READING)
                seen.drawn_again += visitor.drawn_again - again
    except (PageFailed, TimeoutError, OSError, ValueError) as error:
        seen.errors.append(f"{type(error).__name__}: {error!s:.200}")


async def _look_in(address: str, seen: Seen) -> None:
    """Open the start page now and then."""
    async with Visitor.connected(address) as visitor:
        while True:
            seen.drawn.append(await visitor.look(""))
            await asyncio.sleep(READING)


async def _count_rows(address: str, number: int) -> None:
    """Have the Global view count rows again and again, until cancelled."""
    async with Visitor.connected(address) as visitor:
        for seed in itertools.count(1 + number * 1_000_000):
            await visitor.run("global_view", {"model": "recommender/simulated", "rows": str(ROWS), "seed": str(seed)})


def _usage(server: psutil.Process, seen: Seen, at: float) -> dict[str, Any]:
    """Processor seconds so far and resident MB of the server and its workers, `at` seconds after the beginning."""
    processes = [server, *server.children(recursive=True)]
    spent = [sum(process.cpu_times()[:2]) for process in processes]
    each = [round(process.memory_info().rss / 2**20) for process in processes]
    return {
        "cpu": sum(spent), "server": spent[0], "mb": sum(each), "each": each, "at": at, "results": len(seen.results)
    }  # fmt: skip


def main(words: list[str]) -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--visitors", type=int, nargs="+", default=[5, 20, 50], help="at a time; several in turn")
    parser.add_argument("--minutes", type=float, default=2.0, help="of each run")
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=PAGES, help="that visitors open in turn")
    parser.add_argument("--heavy", type=int, default=0, help="visitors who count hundreds of rows meanwhile")
    parser.add_argument("--detector", help="the usual one where it is not named")
    parser.add_argument("--check", type=int, help="compute so many results again, alone; all where it is not said")
    parser.add_argument("--results", type=int, help="ask on until there are so many, in place of --minutes")
    parser.add_argument("--niceness", nargs="+", default=[""], help="of the workers; each is measured in turn")
    parser.add_argument("--add", action="store_true", help="write it there beside what was measured before")
    parser.add_argument("--keep", action="store_true", help="write what was measured into benchmarks/results.json")
    options = parser.parse_args(words)
    rows = []
    for niceness, visitors in itertools.product(options.niceness, options.visitors):
        if niceness:
            os.environ["GLIDER_NICENESS"] = niceness
        rows.append(
            measure(
                visitors, options.minutes, pages=options.pages, heavy=options.heavy, detector=options.detector,
                check=options.check, results=options.results,
            )
        )  # fmt: skip
    if options.keep or options.add:
        from benchmarks.__main__ import RESULTS, keep

        before = json.loads(RESULTS.read_text()).get("load", {}).get("measured", []) if options.add else []
        keep("load", [*before, *rows])


if __name__ == "__main__":
    main(sys.argv[1:])
