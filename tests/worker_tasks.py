"""Tasks for tests of workers: a worker imports them by name."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import glider_core as gl

FOREVER = 600.0  # seconds; a test that waits so long has failed


def whereabouts(report: Any, send: Any, *things: Any) -> tuple[Any, ...]:
    """The process that does it, and what it was given."""
    return (os.getpid(), *things)


def call(report: Any, send: Any, function: Callable[[], Any]) -> Any:
    """What a function returns."""
    return os.getpid(), function()


def count(report: Any, send: Any, n: int) -> int:
    """Tell each number."""
    for number in range(n):
        report("counting" if number % 2 else "waiting", number / n)
        send(number)
    return n


def refuse(report: Any, send: Any, name: str) -> None:
    """Raise an error for users."""
    raise getattr(gl, name)("It cannot be done.")


def break_down(report: Any, send: Any) -> None:
    """Raise an error of ours."""
    raise KeyError("secret/path")


def use_up_memory(report: Any, send: Any) -> None:
    """Raise what Python raises then."""
    raise MemoryError


def be_killed(report: Any, send: Any) -> None:
    """End as a process that the system ends for want of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def report_forever(report: Any, send: Any) -> None:
    """Never end, but notice when it is cancelled."""
    send("begun")
    while True:
        report("waiting", 0.5)


def hang(report: Any, send: Any) -> None:
    """Never end, nor notice anything."""
    send("begun")
    threading.Event().wait(FOREVER)


def return_function(report: Any, send: Any) -> Callable[[], None]:
    """A result that cannot be sent back."""
    return lambda: None
