"""One way to do many tasks, wherever they are done: here, in processes beside this one, or on a cluster.

A task must be one that can be done twice, for a worker that dies leaves it half done and another one begins anew.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from glider_core.clusters import Executor, connected, n_workers
from glider_core.errors import GliderError, InvalidSettings
from glider_core.workers.portable import Report, Send, Task, pack
from glider_core.workers.worker import Worker, WorkerDied

# A function of a module, and the arguments of each task; results come in the tasks' order.
Spread = Callable[[Callable[..., Any], Iterable[tuple[Any, ...]]], Iterator[Any]]

_AHEAD = 2  # tasks per worker that are under way or waiting, so that a stream of tasks stays a stream
_TRIES = 3  # of a task whose worker dies


@contextmanager
def spread(processes: int = 1, executor: Executor | None = None) -> Iterator[Spread]:
    """How tasks are done.

    Args:
        processes: beside this one, on this machine; 1: they are done here.
        executor: a `dask.distributed.Client` or a scheduler's address.

    Raises:
        InvalidSettings: processes below 1, or beside an executor; dask.distributed is not installed.
        InvalidInput: no scheduler answers.
        GliderError: from what is yielded: the task's own, or a task was given up.
    """
    if processes < 1 or (processes > 1 and executor is not None):
        raise InvalidSettings(f"processes: got {processes}; give 1 or more, and with an executor leave it out.")
    if executor is not None:
        with connected(executor) as client:
            yield lambda function, tasks: _on_cluster(client, function, iter(tasks))
    elif processes > 1:
        workers = [Worker() for _ in range(processes)]
        try:
            with ThreadPoolExecutor(processes, thread_name_prefix="glider-spread") as pool:
                yield _in_processes(workers, pool)
        finally:
            for worker in workers:
                worker.close()
    else:
        yield lambda function, tasks: (function(*arguments) for arguments in tasks)


def _in_processes(workers: list[Worker], pool: ThreadPoolExecutor) -> Spread:
    idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def do(function: Callable[..., Any], arguments: tuple[Any, ...], stop: threading.Event) -> Any:
        worker, task = idle.get(), pack(Task(_call, function, *arguments))
        try:
            for tries_left in reversed(range(_TRIES)):
                try:
                    return worker.run(task, stopped=stop.is_set)
                except WorkerDied:
                    if not tries_left:
                        raise
        finally:
            idle.put(worker)

    def run(function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        stop = threading.Event()
        return _ahead(
            iter(tasks), lambda arguments: pool.submit(do, function, arguments, stop), lambda: len(workers), stop.set
        )

    return run


def _on_cluster(client: Any, function: Callable[..., Any], tasks: Iterator[tuple[Any, ...]]) -> Iterator[Any]:
    results = _ahead(
        tasks,
        lambda arguments: client.submit(function, *arguments, pure=False, retries=_TRIES),
        lambda: n_workers(client),
    )
    try:
        yield from results
    except GliderError:
        raise
    except Exception as error:
        words = f"The cluster gave a task up ({type(error).__name__}: {str(error)[:200]})."
        raise GliderError(words) from error


def _ahead(
    tasks: Iterator[tuple[Any, ...]],
    submit: Callable[[tuple[Any, ...]], Any],
    workers: Callable[[], int],
    stop: Callable[[], None] = lambda: None,
) -> Iterator[Any]:
    """Results in order; only so many tasks are taken from the stream as keep all workers busy."""
    under_way: deque[Any] = deque()
    try:
        more = True
        while under_way or more:
            while more and len(under_way) < _AHEAD * workers():
                arguments = next(tasks, None)
                if arguments is None:
                    more = False
                else:
                    under_way.append(submit(arguments))
            if under_way:
                yield under_way.popleft().result()
    finally:
        stop()
        for future in under_way:
            future.cancel()


def _call(report: Report, send: Send, function: Callable[..., Any], *arguments: Any) -> Any:
    report("task", 0.0)  # raises where the run was cancelled before it began
    return function(*arguments)
