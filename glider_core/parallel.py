"""A thread per core, each of whose products is computed on that core alone.

For work made of many small products this is faster than sharing each of them among all cores, where threads wait for
each other at every step; and one product's rounding does not depend on how many cores there are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")
_POLL = 0.03  # seconds between looks at how far the others are


@contextmanager
def one_thread():
    """Torch computes on one core inside, in this thread. PyTorch keeps the number per thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def each(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    poll: Callable[[], None] | None = None,
    stop: threading.Event | None = None,
) -> list[Result]:
    """`work` of every item, results in the items' order; as many at a time as torch has threads here.

    Args:
        work: must not touch what other items' work touches.
        items: any.
        poll: called in the calling thread now and then while it waits. What it raises comes out of here once the items
            begun are done; those not begun never are.
        stop: set then, so that work in progress can see it.
    """
    workers = min(torch.get_num_threads(), len(items))
    if workers <= 1 and poll is None:
        with one_thread():
            return [work(item) for item in items]

    def on_one_core(item: Item) -> Result:
        with one_thread():
            return work(item)

    with ThreadPoolExecutor(max(workers, 1), thread_name_prefix="glider-core") as pool:
        running = [pool.submit(on_one_core, item) for item in items]
        try:
            waiting = set(running)
            while waiting:
                done, waiting = wait(waiting, timeout=None if poll is None else _POLL, return_when=FIRST_EXCEPTION)
                if any(future.exception() is not None for future in done):
                    break
                if poll is not None:
                    poll()
        except BaseException:
            if stop is not None:
                stop.set()
            raise
        finally:
            for future in running:
                future.cancel()
        begun = [future for future in running if not future.cancelled()]
        if stop is not None and any(future.done() and future.exception() for future in begun):
            stop.set()
    failed = next((future for future in begun if future.exception() is not None), None)
    if failed is not None:
        failed.result()
    return [future.result() for future in running]
