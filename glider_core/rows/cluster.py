"""Chunks of rows as tasks of dask.distributed; the model goes to each worker once."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from glider_core.errors import GliderError, InvalidInput, InvalidSettings
from glider_core.rows.chunk import ChunkSets, Rows, explain_chunk
from glider_core.settings import Settings

Executor = Any  # a dask.distributed.Client, or a scheduler's address

_TIMEOUT = 10.0  # seconds for a scheduler to answer
_AHEAD = 4  # chunks per worker that are under way at a time, so that a stream of rows stays a stream
_one_at_a_time = threading.Lock()  # a chunk uses all cores of its worker by itself


def explain_on_cluster(
    executor: Executor, model: Any, chunks: Iterator[tuple[str, Rows]], settings: Settings
) -> Iterator[tuple[str, ChunkSets]]:
    """The sets of each chunk with its digest, in the chunks' order.

    The model goes to each worker once, also to one that joins later, by a worker plugin. A chunk whose worker dies is
    done again elsewhere; a chunk's result is taken once.

    Raises:
        InvalidSettings: dask.distributed is not installed.
        InvalidInput: no scheduler answers.
        GliderError: the cluster gave a chunk up, or explaining it failed.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InvalidSettings(
            "executor: dask.distributed is not installed; `pip install 'glider[cluster]'`, or leave the executor out."
        ) from None
    own_client = isinstance(executor, str)
    try:
        if own_client:
            # In a thread, since a notebook's own has a loop that runs already.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, _knock(executor)).result()
        client = Client(executor, timeout=_TIMEOUT) if own_client else executor
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput(f"No scheduler answers at {executor!r:.80} ({type(error).__name__}).") from None
    plugin = _carrier(model)
    client.register_plugin(plugin)
    under_way: deque[tuple[str, Any]] = deque()
    try:
        more = True
        while under_way or more:
            workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
            while more and len(under_way) < _AHEAD * workers:
                chunk = next(chunks, None)
                if chunk is None:
                    more = False
                    break
                digest, rows = chunk
                task = client.submit(_explain_on_worker, plugin.name, rows, settings, retries=3, pure=False)
                under_way.append((digest, task))
            if under_way:
                digest, task = under_way.popleft()
                yield digest, _result(task)
    finally:
        for _, task in under_way:
            task.cancel()
        if own_client:
            client.close()
        else:
            client.unregister_worker_plugin(plugin.name)


async def _knock(address: str) -> None:
    """Raise OSError or ValueError unless someone answers there.

    Asked before a client is made: one that finds nobody is left half made, and closes itself whenever the garbage
    collector comes by, which may be while this thread holds the lock that closing waits for.
    """
    from distributed.comm.core import connect

    comm = await connect(address, timeout=_TIMEOUT)
    await comm.close()


def _carrier(model: Any) -> Any:
    """A worker plugin that brings the model to every worker, and to those that join later or start anew."""
    from distributed import WorkerPlugin

    class ModelCarrier(WorkerPlugin):
        def __init__(self) -> None:
            self.model = model
            self.name = f"glider-{uuid4()}"

    return ModelCarrier()


def _explain_on_worker(plugin: str, rows: Rows, settings: Settings) -> ChunkSets:
    from distributed import get_worker

    carrier: Any = get_worker().plugins[plugin]
    with _one_at_a_time:
        return explain_chunk(carrier.model, rows, settings, None)


def _result(task: Any) -> ChunkSets:
    try:
        return task.result()
    except GliderError:
        raise
    except Exception as error:
        raise GliderError(
            f"The cluster gave a chunk of rows up ({type(error).__name__}: {str(error)[:200]}). What was finished "
            "is in the resume file, if there is one."
        ) from error
