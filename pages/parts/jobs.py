"""A queue of runs: a few at a time per machine, each with progress and cancel, none of them blocking a page."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Any, Literal

from glider_core import Cancelled, GliderError

State = Literal["queued", "running", "done", "failed", "cancelled"]
NICENESS = 10  # of the workers, so that pages stay quick while a run takes all cores
KEPT_RESULTS = 200

_log = logging.getLogger(__name__)


class Job:
    """One run. Its fields are written by a worker and read by pages."""

    def __init__(
        self,
        key: Hashable,
        work: Callable[[Callable[[str, float], None]], Any],
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self.key = key
        self.state: State = "queued"
        self.stage = ""
        self.share = 0.0  # of the stage
        self.result: Any = None
        self.error = ""  # a sentence for the user
        self._work = work
        self._wanted = wanted
        self._cancelled = threading.Event()

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ("queued", "running")

    def cancel(self) -> None:
        """Stop it: at once if it waits, at its next report of progress if it runs."""
        self._cancelled.set()
        if self.state == "queued":
            self.state = "cancelled"

    def run(self) -> None:
        """Do the work; never raises."""
        if self._stopped():
            self.state = "cancelled"
            return
        self.state = "running"
        try:
            result = self._work(self._report)
        except Cancelled:
            self.state = "cancelled"
        except GliderError as error:
            self.error, self.state = str(error), "failed"
        except Exception:
            _log.exception("A run failed")
            self.error = "Something went wrong inside Glider; the details are in the server's log."
            self.state = "failed"
        else:
            self.result, self.state = result, "done"

    def _report(self, stage: str, share: float) -> None:
        if self._stopped():
            raise Cancelled("The run was cancelled.")
        self.stage, self.share = stage, share

    def _stopped(self) -> bool:
        return self._cancelled.is_set() or not self._wanted()


class JobQueue:
    """Runs jobs in the order they come, `workers` at a time, and keeps their latest results."""

    def __init__(self, workers: int = 1) -> None:
        self._waiting: deque[Job] = deque()
        self._running: set[Hashable] = set()
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._changed = threading.Condition()
        for number in range(workers):
            threading.Thread(target=self._serve, name=f"glider-run-{number}", daemon=True).start()

    def submit(
        self,
        key: Hashable,
        work: Callable[[Callable[[str, float], None]], Any],
        *,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Job:
        """A job for this work; done already when the same key was worked out before.

        Args:
            key: equal keys have equal results; None never does.
            work: called with a function that reports stage and share done, which raises once the job is cancelled.
            wanted: asked now and then; once it says no, the job is cancelled.
        """
        job = Job(key, work, wanted)
        with self._changed:
            if not self._answer(job):
                self._waiting.append(job)
                self._changed.notify_all()
        return job

    def position(self, job: Job) -> int:
        """How many runs are ahead of a waiting one in the queue."""
        with self._changed:
            ahead = [other for other in self._waiting if other.state == "queued"]
        return ahead.index(job) if job in ahead else 0

    def _serve(self) -> None:
        with contextlib.suppress(AttributeError, OSError):  # where the system has no niceness of threads
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        while True:
            with self._changed:
                while (job := self._next()) is None:
                    self._changed.wait()
                self._waiting.remove(job)
                if self._answer(job):
                    continue
                self._running.add(job.key)
            job.run()
            with self._changed:
                self._running.discard(job.key)
                if job.state == "done" and job.key is not None:
                    self._results[job.key] = job.result
                    while len(self._results) > KEPT_RESULTS:
                        self._results.popitem(last=False)
                self._changed.notify_all()

    def _next(self) -> Job | None:
        """The first job whose equal is not being worked out right now; that one waits for the result."""
        return next((job for job in self._waiting if job.key is None or job.key not in self._running), None)

    def _answer(self, job: Job) -> bool:
        """Finish a job with the result of an equal one, if there is one."""
        if job.key is None or job.key not in self._results or not job.active:
            return False
        self._results.move_to_end(job.key)
        job.result, job.state = self._results[job.key], "done"
        return True
