"""Chunks of rows as tasks of dask.distributed; the model goes to each worker once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from glider_core.clusters import Executor, connected, n_workers
from glider_core.errors import GliderError
from glider_core.rows.chunk import ChunkSets, Rows, explain_chunk
from glider_core.settings import Settings

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
    with connected(executor) as client:
        plugin = _carrier(model)
        client.register_plugin(plugin)
        under_way: deque[tuple[str, Any]] = deque()
        try:
            more = True
            while under_way or more:
                while more and len(under_way) < _AHEAD * n_workers(client):
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
            if not isinstance(executor, str):  # else the client goes, and the plugin with it
                client.unregister_worker_plugin(plugin.name)


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
