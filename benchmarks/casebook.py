"""The case book: 100,000 cases opened and searched, 20 sessions that judge at once, 50 kills; on each database."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from glider_core import prepared
from glider_core.store import Ask, ReviewedBook, Reviewer, Store
from glider_core.store.tables import CASES, CONTENTS

N_CASES, SESSIONS, SECONDS, KILLS = 100_000, 20, 180.0, 50
_WORDS = 4000  # different ones in the titles
_SESSION = """
import json, random, sys, time
from glider_core.store import Ask, Store
url, number, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
store = Store(url)
book, me = store.book(), store.reviewer(f"session {number}", f"Session {number}")
rng, ids, given, took = random.Random(number), book.ids()[:500], {}, []
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + seconds
while time.monotonic() < end:
    case, value = rng.choice(ids), rng.randint(1, 4)
    began = time.perf_counter()
    book.judge(case, value, me)
    took.append(time.perf_counter() - began)
    given[case] = value
    if rng.random() < 0.2:
        book.lines(Ask(search=f"word{rng.randrange(4000)}"), me)
    time.sleep(rng.random() * 0.2)
kept = book.verdicts(me)
print(json.dumps({"n": len(took), "lost": sum(kept.get(c) != v for c, v in given.items()),
                  "more": len(set(kept) - set(given)), "took": took}), flush=True)
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
    """Cases on SQLite, and on PostgreSQL where GLIDER_TEST_POSTGRESQL names a server."""
    seconds = float(os.environ.get("GLIDER_BENCH_SECONDS", SECONDS))
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        measured["sqlite"] = _measure(f"sqlite:///{Path(folder) / 'cases.db'}", seconds)
    server = os.environ.get("GLIDER_TEST_POSTGRESQL", "")
    if server:
        with _database(server) as url:
            measured["postgresql"] = _measure(url, seconds)
    return measured


def _measure(url: str, seconds: float) -> dict[str, Any]:
    store = Store(url)
    book, me = store.book(), store.reviewer("me", "Me")
    _fill(store, book)
    found = {"cases": N_CASES} | _looked(book, me)
    store.close()
    found |= {"sessions": _sessions(url, seconds), "kills": _kills(url)}
    print(url.partition(":")[0], {name: value for name, value in found.items() if not isinstance(value, list)})
    return found


def _fill(store: Store, book: ReviewedBook) -> None:
    """As many cases, each of its own words, their explanations shared by copies."""
    explanation = prepared.stored(prepared.example("sentiment/lstm"))
    first = book.add(replace(explanation, fingerprint="0" * 32))
    rng = random.Random(0)
    with store.database.writing() as connection:
        line = dict(connection.execute(sa.select(CASES).where(CASES.c.id == first)).mappings().one())
        content = dict(connection.execute(sa.select(CONTENTS).where(CONTENTS.c.case_id == first)).mappings().one())
        for start in range(1, N_CASES, 1000):
            rows = []
            for number in range(start, min(start + 1000, N_CASES)):
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
    import json

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
    took = sorted(second for each in told for second in each["took"])
    quantile = lambda share: round(took[int(share * (len(took) - 1))], 4)  # noqa: E731
    return {
        "sessions": SESSIONS,
        "seconds": seconds,
        "verdicts": len(took),
        "lost": sum(each["lost"] for each in told),
        "of others": sum(each["more"] for each in told),
        "verdict, s": {"median": quantile(0.5), "p95": quantile(0.95), "p99": quantile(0.99), "longest": quantile(1.0)},
    }


def _kills(url: str) -> dict[str, int]:
    """Kill a process that judges at random moments; every verdict that it had told of must be there."""
    rng, told, lost = random.Random(1), 0, 0
    given: dict[int, int] = {}
    for number in range(KILLS):
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
    return {"kills": KILLS, "acknowledged": told, "lost": lost}


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
