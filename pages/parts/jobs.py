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
Report = Callable[[str, float], None]  # stage, and the share of it done; raises once the job is cancelled
Work = Callable[[Report], Any]
KEPT_RESULTS = 200

_log = logging.getLogger(__name__)


class Job:
    """One run. Its fields are written by a worker and read by pages."""

    def __init__(self, key: Hashable, work: Work, wanted: Callable[[], bool] = lambda: True) -> None:
        self.key = key
        self.state: State = "queued"
        self.stage = ""
        self.share = 0.0  # of the stage
        self.result: Any = None
        self.error = ""  # a sentence for the user
        self._work = work
        self._wanted = wanted
        self._cancelled = threading.Event()
        self._ended = threading.Event()

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return not self._ended.is_set()

    def wait(self, timeout: float) -> bool:
        """Wait for its end, at most so many seconds; whether it has ended."""
        return self._ended.wait(timeout)

    def cancel(self) -> None:
        """Stop it: at once if it waits, at its next report of progress if it runs."""
        self._cancelled.set()
        if self.state == "queued":
            self._end("cancelled")

    def run(self) -> None:
        """Do the work; never raises."""
        if self._stopped():
            self._end("cancelled")
            return
        self.state = "running"
        try:
            result = self._work(self._report)
        except Exception as error:
            self.fail(error)
        else:
            self.finish(result)

    def finish(self, result: Any) -> None:
        """End it with its result."""
        self.result = result
        self._end("done")

    def fail(self, error: Exception) -> None:
        """End it with an error, as a sentence where the error is meant for users."""
        if isinstance(error, Cancelled):
            self._end("cancelled")
            return
        if isinstance(error, GliderError):
            self.error = str(error)
        else:
            _log.error("A run failed", exc_info=error)
            self.error = "Something went wrong inside Glider; the details are in the server's log."
        self._end("failed")

    def _end(self, state: State) -> None:
        self.state = state
        self._ended.set()

    def _report(self, stage: str, share: float) -> None:
        if self._stopped():
            raise Cancelled("The run was cancelled.")
        self.stage, self.share = stage, share

    def _stopped(self) -> bool:
        return self._cancelled.is_set() or not self._wanted()


class JobQueue:
    """Runs jobs in the order they come, `workers` at a time, and keeps their latest results.

    Args:
        workers: threads.
        niceness: of the threads, so that pages stay quick while a run takes all cores.
    """

    def __init__(self, workers: int = 1, *, niceness: int = 0) -> None:
        self._waiting: deque[Job] = deque()
        self._running: set[Hashable] = set()
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._changed = threading.Condition()
        self._niceness = niceness
        for number in range(workers):
            threading.Thread(target=self._serve, name=f"glider-run-{number}", daemon=True).start()

    def submit(self, key: Hashable, work: Work, *, wanted: Callable[[], bool] = lambda: True) -> Job:
        """A job for this work; done already when the same key was worked out before.

        Args:
            key: equal keys have equal results; None never does.
            work: called with a function that reports stage and share done, which raises once the job is cancelled.
            wanted: asked now and then; once it says no, the job is cancelled.
        """
        job = Job(key, work, wanted)
        self.enter(job)
        return job

    def enter(self, job: Job) -> None:
        """Line a job up, or finish it at once with the result of its key."""
        with self._changed:
            if job.active and not self._answer(job):
                self._waiting.append(job)
                self._changed.notify_all()

    def position(self, job: Job) -> int:
        """How many runs are ahead of a waiting one in the queue."""
        with self._changed:
            ahead = [other for other in self._waiting if other.state == "queued"]
        return ahead.index(job) if job in ahead else 0

    def _serve(self) -> None:
        with contextlib.suppress(AttributeError, OSError):  # where the system has no niceness of threads
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._niceness)
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
        job.finish(self._results[job.key])
        return True
