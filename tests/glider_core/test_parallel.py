"""Work on all cores: order, failures, stopping."""

import threading
import time

import pytest
import torch

from glider_core import parallel


def test_results_come_in_the_items_order() -> None:
    before = torch.get_num_threads()
    assert parallel.each(lambda n: (time.sleep(0.01 * (3 - n)), n * n)[1], range(3), poll=lambda: None) == [0, 1, 4]
    assert parallel.each(lambda n: n, []) == []
    assert torch.get_num_threads() == before


def test_each_item_is_computed_on_one_core() -> None:
    assert parallel.each(lambda _: torch.get_num_threads(), range(3)) == [1, 1, 1]
    with parallel.one_thread():  # no threads within threads
        assert parallel.each(lambda _: threading.current_thread() is threading.main_thread(), range(2)) == [True, True]


def test_a_failure_comes_out() -> None:
    def fail(n: int) -> int:
        if n == 1:
            raise ValueError("item 1")
        return n

    with pytest.raises(ValueError, match="item 1"):
        parallel.each(fail, range(4))


def test_what_poll_raises_stops_the_work() -> None:
    stop, begun = threading.Event(), []

    def work(n: int) -> None:
        begun.append(n)
        assert stop.wait(10)

    def enough() -> None:
        if begun:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        parallel.each(work, range(50), poll=enough, stop=stop)
    assert len(begun) < 50
