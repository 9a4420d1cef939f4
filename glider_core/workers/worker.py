"""A worker as the process that started it sees it: does one task at a time, and is started anew when it dies."""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from glider_core import errors
from glider_core.workers.portable import Packed, Report, Send, model_bytes

GRACE = 2.0  # seconds that a cancelled task may take to notice, before its process is ended
POLL = 0.05  # seconds between looks at whether a task is still wanted
MAX_WORKERS = 4  # by default; each takes a few hundred MB, and models of its own
KEPT_MODELS = 4  # of those that were sent, in each worker

_DIED = "The process that worked on this run ended before it was done"


def n_workers() -> int:
    """How many processes runs have: GLIDER_WORKERS, or one for two cores, from 2 to 4; 0: threads of this process."""
    told = os.environ.get("GLIDER_WORKERS", "")
    if told.isdecimal():
        return int(told)
    # One for runs that take long and one for those that do not; a socket as standard input is not Windows's.
    return 0 if os.name == "nt" else min(max((os.cpu_count() or 1) // 2, 2), MAX_WORKERS)


def threads_each(workers: int) -> int:
    """Threads for a run beside others; always as many, since rounding and so the last digits depend on it."""
    return max((os.cpu_count() or 1) // max(workers, 1), 1)


class WorkerDied(errors.GliderError):
    """The worker's process ended in the middle of a task."""


class WorkerBroke(Exception):
    """A task raised what is no error for users; the text is its traceback in the worker."""


class Worker:
    """A process of its own. One thread at a time may use it."""

    def __init__(self) -> None:
        self._runs = itertools.count()
        self._sent: OrderedDict[int, None] = OrderedDict()  # numbers of the models that it keeps, latest used last
        self._start()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def run(
        self,
        task: Packed,
        *,
        threads: int = 1,
        niceness: int = 0,
        report: Report = lambda stage, share: None,
        send: Send = lambda value: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Any:
        """Do a task there; its result.

        Args:
            task: from `pack`.
            threads: of torch.
            niceness: of the task's thread, 0 to 19.
            report: called now and then with stage and share done.
            send: called with each part that the task sends before its end.
            stopped: asked twenty times a second; once it says yes, the task is cancelled. If it does not notice within
                two seconds, as in a long answer of a black box, the process is ended and another one started.

        Raises:
            Cancelled: it was.
            WorkerDied: the process ended. The next task has a new one.
            NotPortable: a model in it cannot be sent.
            GliderError: the task's own.
            WorkerBroke: the task raised something else.
        """
        if self._process.poll() is not None:
            self._restart()
        run = next(self._runs)
        try:
            self._send_models(task)
            self._send("run", run, task.content, threads, niceness)
            return self._follow(run, report, send, stopped)
        except (EOFError, OSError):
            code = self._restart()
            memory = " It was ended by the system, most likely for want of memory." if code == -9 else ""
            words = f"{_DIED}.{memory} Run it again, with a smaller input if it happens twice."
            raise WorkerDied(words) from None
        except BaseException as error:
            if not isinstance(error, errors.GliderError | WorkerBroke):
                self._restart()  # ours, such as one raised by `report`: the task may still be going on
            raise

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def _start(self) -> None:
        ours, theirs = Pipe()
        # A plain process instead of one of `multiprocessing`, which would run Streamlit's script again.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "glider_core.workers"], stdin=theirs.fileno(), env=_environment()
        )
        theirs.close()
        self._connection: Connection = ours
        self._sent.clear()

    def _restart(self) -> int:
        """Put another process in the place of this one; how this one had ended."""
        with contextlib.suppress(OSError):
            self._connection.close()
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._start()
        return code

    def _send_models(self, task: Packed) -> None:
        for number, model in task.models.items():
            if number not in self._sent:
                self._send("keep", number, model_bytes(model))
            self._sent[number] = None
            self._sent.move_to_end(number)
        while len(self._sent) > max(KEPT_MODELS, len(task.models)):
            number, _ = self._sent.popitem(last=False)
            self._send("drop", number)

    def _follow(self, run: int, report: Report, send: Send, stopped: Callable[[], bool]) -> Any:
        overdue = None
        while True:
            if overdue is None and stopped():
                self._send("cancel", run)
                overdue = time.monotonic() + GRACE
            if overdue is not None and time.monotonic() > overdue:
                self._process.kill()
                self._restart()
                raise errors.Cancelled("The run was cancelled.")
            if not self._connection.poll(POLL):
                continue
            kind, of, *values = pickle.loads(self._connection.recv_bytes())
            if of != run:
                continue
            if kind == "report" and overdue is None:
                report(*values)
            elif kind == "part" and overdue is None:
                send(*values)
            elif kind == "done":
                return values[0]
            elif kind == "refused":
                name, words = values
                raise getattr(errors, name, errors.GliderError)(words)
            elif kind == "broken":
                raise WorkerBroke(values[0])

    def _send(self, kind: str, number: int, *values: Any) -> None:
        self._connection.send_bytes(pickle.dumps((kind, number, *values), protocol=pickle.HIGHEST_PROTOCOL))


def _environment() -> dict[str, str]:
    """Of the process: it finds the same modules, and threads that wait do not spin on a core that others need.

    NumPy's BLAS would take all cores, whatever torch is told, for products too small to share.
    """
    folders = [folder or os.getcwd() for folder in sys.path]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(folders),
        "OMP_WAIT_POLICY": "PASSIVE",
        "OPENBLAS_NUM_THREADS": "1",
    }
