"""How a run finds its cluster: a `dask.distributed.Client`, given or made from a scheduler's address."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from glider_core.errors import InvalidInput, InvalidSettings

Executor = Any  # a dask.distributed.Client, or a scheduler's address

_TIMEOUT = 10.0  # seconds for a scheduler to answer


@contextmanager
def connected(executor: Executor) -> Iterator[Any]:
    """A client of the cluster; one that was made here is closed at the end.

    Raises:
        InvalidSettings: dask.distributed is not installed.
        InvalidInput: no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InvalidSettings(
            "executor: dask.distributed is not installed; `pip install 'glider[cluster]'`, or leave the executor out."
        ) from None
    if not isinstance(executor, str):
        yield executor
        return
    try:
        # In a thread, since a notebook's own has a loop that runs already.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _knock(executor)).result()
        client = Client(executor, timeout=_TIMEOUT)
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput(f"No scheduler answers at {executor!r:.80} ({type(error).__name__}).") from None
    try:
        yield client
    finally:
        client.close()


def n_workers(client: Any) -> int:
    """How many workers the cluster has right now, at least one."""
    return max(1, len(client.scheduler_info(n_workers=-1)["workers"]))


async def _knock(address: str) -> None:
    """Raise OSError or ValueError unless someone answers there.

    Asked before a client is made: one that finds nobody is left half made, and closes itself whenever the garbage
    collector comes by, which may be while this thread holds the lock that closing waits for.
    """
    from distributed.comm.core import connect

    comm = await connect(address, timeout=_TIMEOUT)
    await comm.close()
