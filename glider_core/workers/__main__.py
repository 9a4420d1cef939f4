"""A worker: takes tasks from the process that started it, one at a time, over the socket that is its standard input."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from typing import Any

from glider_core.memory import give_back

OFTEN = 0.1  # seconds between two reports of one stage


class Service:
    """The worker's side of the protocol.

    Messages in: ("keep", number, model's bytes), ("drop", number), ("run", run, task's bytes, threads, niceness),
    ("cancel", run). Messages out, each with the run's number: ("report", stage, share), ("part", value), and at the end
    ("done", result), ("refused", error's name, sentence) or ("broken", traceback).
    """

    def __init__(self, connection: Connection) -> None:
        self._connection, self._lock = connection, threading.Lock()
        self._models: dict[int, Any] = {}
        self._cancelled = -1  # the latest run that was given up

    def serve(self) -> None:
        """Work until the other side is gone."""
        while True:
            try:
                kind, number, *rest = pickle.loads(self._connection.recv_bytes())
            except (EOFError, OSError):
                os._exit(0)  # whatever runs, nobody waits for it
            if kind == "run":
                threading.Thread(target=self._run, args=(number, *rest), daemon=True).start()
            elif kind == "cancel":
                self._cancelled = number
            elif kind == "keep":
                self._models[number] = rest[0]
            elif kind == "drop":
                self._models.pop(number, None)

    def _run(self, run: int, content: bytes, threads: int, niceness: int) -> None:
        with contextlib.suppress(AttributeError, OSError):  # where the system has no niceness of threads
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
        import torch

        from glider_core.errors import GliderError
        from glider_core.workers.portable import unpack

        torch.set_num_threads(threads)  # PyTorch keeps the number per thread
        try:
            for number, model in self._models.items():
                if isinstance(model, bytes):
                    self._models[number] = pickle.loads(model)
            result = unpack(content, self._models)(self._reporter(run), lambda value: self._send("part", run, value))
            self._send("done", run, result)
        except GliderError as error:
            self._send("refused", run, type(error).__name__, str(error))
        except MemoryError:
            words = (
                "There was not enough memory for this run; ask for less at once, such as fewer rows or a smaller input."
            )
            self._send("refused", run, "GliderError", words)
        except BaseException:  # of somebody's own function, perhaps; the worker goes on
            self._send("broken", run, traceback.format_exc())
        result = None
        give_back()

    def _reporter(self, run: int):
        from glider_core.errors import Cancelled

        last = ("", 0.0)  # stage, and when it was told

        def report(stage: str, share: float) -> None:
            nonlocal last
            if self._cancelled >= run:
                raise Cancelled("The run was cancelled.")
            now = time.monotonic()
            if stage != last[0] or now - last[1] >= OFTEN:
                last = stage, now
                self._send("report", run, stage, share)

        return report

    def _send(self, kind: str, run: int, *values: Any) -> None:
        content = pickle.dumps((kind, run, *values), protocol=pickle.HIGHEST_PROTOCOL)
        with self._lock, contextlib.suppress(OSError):  # the other side is gone; `serve` sees it, too
            self._connection.send_bytes(content)


def main() -> None:
    """Serve the process whose socket is the standard input; what own functions print goes to the log."""
    connection = Connection(os.dup(0))
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, for all: the server ends, and this with it
    import glider_core.engine.explain  # noqa: F401  takes seconds: now, not when somebody waits

    Service(connection).serve()


if __name__ == "__main__":
    sys.exit(main())
