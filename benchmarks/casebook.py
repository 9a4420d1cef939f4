"""The case book: 100,000 cases opened and searched, 20 sessions that judge at once, 50 kills; on each database.

    python -m benchmarks.casebook --save                                        # all of it
    python -m benchmarks.casebook --parts sessions --on postgresql --save       # a part, beside what is kept of others
    python -m benchmarks.casebook --cases 5000 --seconds 5 --kills 3            # a look whether it runs

PostgreSQL where GLIDER_TEST_POSTGRESQL names a server that may hold databases.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from glider_core import prepared
from glider_core.store import Ask, ReviewedBook, Reviewer, Store
from glider_core.store.tables import CASES, CONTENTS

N_CASES, SESSIONS, SECONDS, KILLS = 100_000, 20, 180.0, 50
PARTS, DATABASES = ("open", "sessions", "kills"), ("sqlite", "postgresql")
_WORDS = 4000  # different ones in the titles
_SESSION = """
import json, random, sys, time
from dataclasses import replace
from glider_core import prepared
from glider_core.store import Ask, Store
url, number, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
store = Store(url)
book, me = store.book(), store.reviewer(f"session {number}", f"Session {number}")
rng, ids, given, took = random.Random(number), book.ids()[:500], {}, {"verdict": [], "run": [], "search": []}
explanation, runs = prepared.stored(prepared.example("sentiment/lstm")), {}
def timed(what, work):
    began = time.perf_counter()
    result = work()
    took[what].append(time.perf_counter() - began)
    return result
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + seconds
while time.monotonic() < end:
    case, value = rng.choice(ids), rng.randint(1, 4)
    timed("verdict", lambda: book.judge(case, value, me))
    given[case] = value
    if rng.random() < 0.2:
        timed("search", lambda: book.lines(Ask(search=f"word{rng.randrange(4000)}"), me))
    if rng.random() < 0.1:
        mark = f"{number}-{len(runs)}"
        runs[timed("run", lambda: book.add(replace(explanation, fingerprint=mark), title=mark))] = mark
    time.sleep(rng.random() * 0.2)
kept = book.verdicts(me)
there = {case: book.explanation(case).fingerprint for case in runs}
print(json.dumps({"lost": sum(kept.get(c) != v for c, v in given.items()), "more": len(set(kept) - set(given)),
                  "runs lost": sum(there[c] != mark for c, mark in runs.items()), "took": took}), flush=True)
"""
_JUDGE = """
import sys
from glider_core.store import Store
store = Store(sys.argv[1])
book, me = store.book(), store.reviewer("killed", "Killed")
ids = book.ids()[:200]
value = int(sys.argv[2])
for case in ids * 1000:
    value = value % 4 + 1
    book.judge(case, value, me)
    print(case, value, flush=True)
"""


def run() -> dict[str, Any]:
    """Cases on SQLite, and on PostgreSQL where GLIDER_TEST_POSTGRESQL names a server"""
    return measure()


def measure(
    parts: Sequence[str] = PARTS,
    databases: Sequence[str] = DATABASES,
    *,
    cases: int = N_CASES,
    seconds: float = SECONDS,
    kills: int = KILLS,
) -> dict[str, Any]:
    """These parts on these databases, each on a store that is filled for it."""
    measured: dict[str, Any] = {}
    if "sqlite" in databases:
        with tempfile.TemporaryDirectory() as folder:
            measured["sqlite"] = _measure(f"sqlite:///{Path(folder) / 'cases.db'}", parts, cases, seconds, kills)
    server = os.environ.get("GLIDER_TEST_POSTGRESQL", "")
    if "postgresql" in databases and server:
        with _database(server) as url:
            measured["postgresql"] = _measure(url, parts, cases, seconds, kills)
    return measured


def _measure(url: str, parts: Sequence[str], cases: int, seconds: float, kills: int) -> dict[str, Any]:
    store = Store(url)
    book, me = store.book(), store.reviewer("me", "Me")
    _fill(store, book, cases)
    found: dict[str, Any] = {}
    if "open" in parts:
        found |= {"cases": cases} | _looked(book, me)
    store.close()
    if "sessions" in parts:
        found["sessions"] = _sessions(url, seconds)
    if "kills" in parts:
        found["kills"] = _kills(url, kills)
    print(url.partition(":")[0], found, flush=True)
    return found


def _fill(store: Store, book: ReviewedBook, n: int) -> None:
    """As many cases, each of its own words, their explanations shared by copies."""
    explanation = prepared.stored(prepared.example("sentiment/lstm"))
    first = book.add(replace(explanation, fingerprint="0" * 32))
    rng = random.Random(0)
    with store.database.writing() as connection:
        line = dict(connection.execute(sa.select(CASES).where(CASES.c.id == first)).mappings().one())
        content = dict(connection.execute(sa.select(CONTENTS).where(CONTENTS.c.case_id == first)).mappings().one())
        for start in range(1, n, 1000):
            rows = []
            for number in range(start, min(start + 1000, n)):
                title = " ".join(f"word{rng.randrange(_WORDS)}" for _ in range(12))
                rows.append(
                    line
                    | {"id": first + number, "digest": f"{number:032x}", "title": title, "searched": title,
                       "together": rng.random(), "effect": rng.gauss(0, 1), "created": line["created"] + number}
                )  # fmt: skip
            connection.execute(sa.insert(CASES), rows)
            connection.execute(sa.insert(CONTENTS), [content | {"case_id": row["id"]} for row in rows])
        if not store.database.is_sqlite:
            connection.exec_driver_sql("SELECT setval('cases_id_seq', (SELECT max(id) FROM cases))")
    if not store.database.is_sqlite:
        with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE cases")


def _looked(book: ReviewedBook, me: Reviewer) -> dict[str, Any]:
    """Seconds of what the page asks when it opens, and of searches, medians of five."""

    def opened() -> None:
        book.count(Ask(), me)
        lines = book.lines(Ask(), me)
        book.choices()
        book.explanation(lines[0].id)

    def searched(words: str, **more: Any) -> Callable[[], None]:
        def search() -> None:
            book.count(Ask(search=words, **more), me)
            book.lines(Ask(search=words, **more), me)

        return search

    told = {
        "open": opened,
        "search for a word": searched("word77"),
        "search for a beginning that many have": searched("word1"),
        "search and sort by effect": searched("word17 word2", sort="effect"),
        "sort by share": lambda: book.lines(Ask(sort="together"), me) and None,
        "filter by a range": searched("", ranges={"together": (0.99, None)}),
    }
    return {f"{name}, s": round(_median(work), 4) for name, work in told.items()}


def _median(work: Callable[[], None]) -> float:
    took = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _sessions(url: str, seconds: float) -> dict[str, Any]:
    """Processes that judge and search at once; what each gave must be there, and nothing else."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _SESSION, url, str(number), str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(SESSIONS)
    ]  # fmt: skip
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    told = []
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        out, _ = process.communicate()
        told.append(json.loads(out))
    took = {what: sorted(second for each in told for second in each["took"][what]) for what in told[0]["took"]}
    return {
        "sessions": SESSIONS,
        "seconds": seconds,
        "verdicts": len(took["verdict"]),
        "runs": len(took["run"]),
        "verdicts lost": sum(each["lost"] for each in told),
        "runs lost": sum(each["runs lost"] for each in told),
        "verdicts of others": sum(each["more"] for each in told),
        **{f"{what}, s": _quantiles(seconds) for what, seconds in took.items() if seconds},
    }


def _quantiles(took: Sequence[float]) -> dict[str, float]:
    """Of sorted seconds."""
    shares = {"median": 0.5, "p95": 0.95, "p99": 0.99, "longest": 1.0}
    return {name: round(took[int(share * (len(took) - 1))], 4) for name, share in shares.items()}


def _kills(url: str, kills: int) -> dict[str, int]:
    """Kill a process that judges at random moments; every verdict that it had told of must be there."""
    rng, told, lost = random.Random(1), 0, 0
    given: dict[int, int] = {}
    for number in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-c", _JUDGE, url, str(number % 4)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(rng.random() * 0.5)
        process.send_signal(signal.SIGKILL)
        lines = [line for line in (first, *process.stdout.readlines()) if line.endswith("\n")]
        process.wait()
        told += len(lines)
        given |= {int(case): int(value) for case, value in map(str.split, lines)}
        store = Store(url)
        kept = store.book().verdicts(store.reviewer("killed", "Killed"))
        order = store.book().ids()[:200]  # in which it judges
        store.close()
        # The one after the last may have been given without being told of.
        after = order[(order.index(int(lines[-1].split()[0])) + 1) % len(order)]
        lost += sum(kept.get(case) != value for case, value in given.items() if case != after)
        given = dict(kept)
    return {"kills": kills, "acknowledged": told, "lost": lost}


@contextmanager
def _database(server: str) -> Iterator[str]:
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine, name = sa.create_engine(url, isolation_level="AUTOCOMMIT"), f"glider_{uuid.uuid4().hex}"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


def main(words: list[str]) -> None:
    """What the command line asks for."""
    from benchmarks.__main__ import RESULTS, keep

    parser = argparse.ArgumentParser(prog="python -m benchmarks.casebook", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--on", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--cases", type=int, default=N_CASES)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="that the sessions judge for")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--save", action="store_true", help="put it into results.json, beside other parts' results")
    given = parser.parse_args(words)
    measured = measure(given.parts, given.on, cases=given.cases, seconds=given.seconds, kills=given.kills)
    if given.save:
        before = json.loads(RESULTS.read_text()).get("casebook", {}).get("measured", {}) if RESULTS.exists() else {}
        keep("casebook", {name: before.get(name, {}) | measured.get(name, {}) for name in before | measured})


if __name__ == "__main__":
    main(sys.argv[1:])
