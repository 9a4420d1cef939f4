"""Chunks of rows in this process and others beside it, on one machine; each computes on one core."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from glider_core.errors import Cancelled
from glider_core.parallel import one_thread
from glider_core.rows.chunk import ChunkSets, Rows, explain_chunk
from glider_core.settings import Settings
from glider_core.workers.portable import Report, Send, Task, model_bytes, pack
from glider_core.workers.worker import Worker, WorkerDied

_AHEAD = 2  # chunks per process that are under way or waiting, so that a stream of rows stays a stream
_POLL = 0.1  # seconds between looks at whether the run is still wanted
_TRIES = 3  # of a chunk whose process dies

Explain = Callable[[Rows, threading.Event], ChunkSets]


def explain_in_processes(
    processes: int, model: Any, chunks: Iterator[tuple[str, Rows]], settings: Settings, done: Callable[[], None]
) -> Iterator[tuple[str, ChunkSets]]:
    """The sets of each chunk with its digest, in the chunks' order.

    A chunk's sets depend on its rows alone, so they are those of one process. A chunk whose process dies is done again.

    Args:
        processes: at least two, this one among them; the others start in about three seconds.
        model: that can be pickled.
        chunks: as they come.
        settings: of MADEX.
        done: called ten times a second; may raise to stop.

    Raises:
        NotPortable: the model cannot be sent to another process.
        GliderError: explaining a chunk failed.
    """
    model_bytes(model)  # refuses here what would be refused there
    workers = [Worker() for _ in range(processes - 1)]
    seats: queue.SimpleQueue[Explain] = queue.SimpleQueue()
    seats.put(lambda rows, stop: _explain_here(model, rows, settings, stop))
    for worker in workers:
        seats.put(lambda rows, stop, worker=worker: _explain_there(worker, model, rows, settings, stop))
    stop = threading.Event()

    def explain(rows: Rows) -> ChunkSets:
        seat = seats.get()
        try:
            return seat(rows, stop)
        finally:
            seats.put(seat)

    under_way: deque[tuple[str, Future[ChunkSets]]] = deque()
    try:
        with ThreadPoolExecutor(processes, thread_name_prefix="glider-rows") as pool:
            try:
                for digest, rows in chunks:
                    under_way.append((digest, pool.submit(explain, rows)))
                    if len(under_way) >= _AHEAD * processes:
                        yield _first(under_way, done)
                while under_way:
                    yield _first(under_way, done)
            finally:
                stop.set()
                for _, future in under_way:
                    future.cancel()
    finally:
        for worker in workers:
            worker.close()


def _first(under_way: deque[tuple[str, Future[ChunkSets]]], done: Callable[[], None]) -> tuple[str, ChunkSets]:
    digest, future = under_way[0]
    while not wait([future], timeout=_POLL).done:
        done()
    under_way.popleft()
    return digest, future.result()


def _explain_here(model: Any, rows: Rows, settings: Settings, stop: threading.Event) -> ChunkSets:
    def wanted(stage: str, share: float) -> None:
        if stop.is_set():
            raise Cancelled("The run was cancelled.")

    with one_thread():
        return explain_chunk(model, rows, settings, wanted)


def _explain_there(worker: Worker, model: Any, rows: Rows, settings: Settings, stop: threading.Event) -> ChunkSets:
    task = pack(Task(_explain_rows, model, rows, settings))
    for tries_left in reversed(range(_TRIES)):
        try:
            return worker.run(task, stopped=stop.is_set)
        except WorkerDied:
            if not tries_left:
                raise
    raise AssertionError


def _explain_rows(report: Report, send: Send, model: Any, rows: Rows, settings: Settings) -> ChunkSets:
    return explain_chunk(model, rows, settings, report)
