"""A queue of runs: a few at a time per machine, each with progress and cancel, none of them blocking a page."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Any, Literal

from glider_core import Cancelled, GliderError

State = Literal["queued", "running", "done", "failed", "cancelled"]
ABANDONED = 150.0  # seconds without a look from its page after which a run is dropped; hidden tabs look once a minute
KEPT_RESULTS = 200

_log = logging.getLogger(__name__)


class Job:
    """One run. Its fields are written by a worker and read by pages."""

    def __init__(self, key: Hashable, work: Callable[[Callable[[str, float], None]], Any]) -> None:
        self.key = key
        self.state: State = "queued"
        self.stage = ""
        self.share = 0.0  # of the stage
        self.result: Any = None
        self.error = ""  # a sentence for the user
        self._work = work
        self._cancelled = threading.Event()
        self._seen = time.monotonic()

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ("queued", "running")

    def touch(self) -> None:
        """A page still looks at this run."""
        self._seen = time.monotonic()

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
        return self._cancelled.is_set() or time.monotonic() - self._seen > ABANDONED


class JobQueue:
    """Runs jobs in the order they come, `workers` at a time, and keeps their latest results."""

    def __init__(self, workers: int = 1) -> None:
        self._waiting: deque[Job] = deque()
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._changed = threading.Condition()
        for number in range(workers):
            threading.Thread(target=self._serve, name=f"glider-run-{number}", daemon=True).start()

    def submit(self, key: Hashable, work: Callable[[Callable[[str, float], None]], Any]) -> Job:
        """A job for this work; done already when the same key was worked out before.

        Args:
            key: equal keys have equal results; None never does.
            work: called with a function that reports stage and share done, which raises once the job is cancelled.
        """
        job = Job(key, work)
        with self._changed:
            if key is not None and key in self._results:
                self._results.move_to_end(key)
                job.result, job.state = self._results[key], "done"
                return job
            self._waiting.append(job)
            self._changed.notify()
        return job

    def position(self, job: Job) -> int:
        """How many runs are ahead of a waiting one in the queue."""
        with self._changed:
            ahead = [other for other in self._waiting if other.state == "queued"]
        return ahead.index(job) if job in ahead else 0

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                job = self._waiting.popleft()
            job.run()
            if job.state == "done" and job.key is not None:
                with self._changed:
                    self._results[job.key] = job.result
                    while len(self._results) > KEPT_RESULTS:
                        self._results.popitem(last=False)
