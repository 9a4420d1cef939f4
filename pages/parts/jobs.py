"""A queue of runs: each with progress and cancel, none of them blocking a page, in processes where they can be sent."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Literal

from glider_core import Cancelled, GliderError
from glider_core.workers import Task, Worker, threads_each
from glider_core.workers.portable import NotPortable, pack
from pages.parts.queue import Cost, Durations, Line, Place

State = Literal["queued", "running", "done", "failed", "cancelled"]
Report = Callable[[str, float], None]  # stage, and the share of it done; raises once the job is cancelled
Work = Callable[[Report], Any]
KEPT_RESULTS = 200

_log = logging.getLogger(__name__)


class Job:
    """One run. Its fields are written by a worker and read by pages.

    Args:
        key: equal keys have equal results; None never does.
        work: a task, which is done in a process of its own, or a function, which is called in a thread of this one.
        wanted: asked now and then; once it says no, the job is cancelled.
        visitor: whose it is.
        cost: what it is expected to take.
        send: called with each part of a task's result that comes before the end.
        then: makes the job's result of the task's, here.
    """

    def __init__(
        self,
        key: Hashable,
        work: Task | Work,
        wanted: Callable[[], bool] = lambda: True,
        *,
        visitor: Hashable = None,
        cost: Cost | None = None,
        send: Callable[[Any], None] = lambda part: None,
        then: Callable[[Any], Any] = lambda result: result,
    ) -> None:
        self.key = key
        self.visitor, self.cost = visitor, cost or Cost()
        self.state: State = "queued"
        self.stage = ""
        self.share = 0.0  # of the stage
        self.began: float | None = None  # when it left the queue, in seconds of the monotonic clock
        self.result: Any = None
        self.error = ""  # a sentence for the user
        self._work = work
        self._wanted = wanted
        self._send, self._then = send, then
        self._cancelled = threading.Event()
        self._gives_way = threading.Event()
        self._ended = threading.Event()
        self._ending = threading.Lock()

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return not self._ended.is_set()

    @property
    def elapsed(self) -> float:
        """Seconds since it left the queue."""
        return 0.0 if self.began is None else time.monotonic() - self.began

    def wait(self, timeout: float) -> bool:
        """Wait for its end, at most so many seconds; whether it has ended."""
        return self._ended.wait(timeout)

    def cancel(self) -> None:
        """Stop it: at once if it waits, at its next report of progress if it runs."""
        self._cancelled.set()
        with self._ending:
            waits = self.state == "queued"
        if waits:
            self._end("cancelled")

    def give_way(self) -> None:
        """Stop it, if it runs, and let it wait again: it begins anew when its turn comes."""
        self._gives_way.set()

    def run(self, worker: Worker | None = None, *, threads: int = 1, niceness: int = 0) -> None:
        """Do the work, in the worker where that is possible; never raises."""
        with self._ending:
            if self.active and not self._cancelled.is_set():
                self.state, self.began = "running", time.monotonic()
                self._gives_way.clear()
        if self._called_off():
            self._end("cancelled")
            return
        try:
            result = self._then(self._outcome(worker, threads, niceness))
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
            with self._ending:
                if self._gives_way.is_set() and not self._called_off():
                    self.state, self.began, self.share = "queued", None, 0.0
                    return
            self._end("cancelled")
            return
        if isinstance(error, GliderError):
            self.error = str(error)
        else:
            _log.error("A run failed", exc_info=error)
            self.error = "Something went wrong inside Glider; the details are in the server's log."
        self._end("failed")

    def stopped(self) -> bool:
        """Whether it is to end, for good or to wait again."""
        return self._gives_way.is_set() or self._called_off()

    def _called_off(self) -> bool:
        """Whether it is cancelled, or nobody is there any more who wants it."""
        return self._cancelled.is_set() or not self._wanted()

    def _outcome(self, worker: Worker | None, threads: int, niceness: int) -> Any:
        if not isinstance(self._work, Task):
            return self._work(self._report)
        if worker is not None:
            try:
                task = pack(self._work)
                return worker.run(
                    task,
                    threads=threads,
                    niceness=niceness,
                    report=self._note,
                    send=self._send,
                    stopped=self.stopped,
                )
            except NotPortable as error:
                _log.info("A run goes on in the app's own process: %s", error)
        return self._work(self._report, self._send)

    def _end(self, state: State) -> None:
        with self._ending:
            if self.active:
                self.state = state
                self._ended.set()

    def _report(self, stage: str, share: float) -> None:
        if self.stopped():
            raise Cancelled("The run was cancelled.")
        self._note(stage, share)

    def _note(self, stage: str, share: float) -> None:
        self.stage, self.share = stage, share


class JobQueue:
    """Runs jobs, `workers` at a time, in the order of a `Line`, and keeps their latest results.

    Args:
        workers: runs that go on at a time.
        niceness: of what they compute, so that pages stay quick while runs take all cores; half as much again for runs
            that take long.
        processes: whether each has a process of its own, in which tasks are done; else they are done in threads.
    """

    def __init__(self, workers: int = 1, *, niceness: int = 0, processes: bool = False) -> None:
        self._line: Line[Job] = Line(workers)
        self._durations = Durations()
        self._running: dict[Hashable, Job] = {}  # by key
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._going: set[Job] = set()
        self._changed = threading.Condition()
        self._niceness = niceness
        for number in range(workers):
            worker = Worker() if processes else None
            name = f"glider-run-{number}"
            threading.Thread(target=self._serve, args=(worker,), name=name, daemon=True).start()

    def submit(
        self,
        key: Hashable,
        work: Task | Work,
        *,
        wanted: Callable[[], bool] = lambda: True,
        visitor: Hashable = None,
        cost: Cost | None = None,
    ) -> Job:
        """A job for this work, as `Job` says; done already when the same key was worked out before."""
        job = Job(key, work, wanted, visitor=visitor, cost=cost)
        self.enter(job)
        return job

    def enter(self, job: Job) -> None:
        """Line a job up, or finish it at once with the result of its key."""
        with self._changed:
            if job.active and not self._answer(job):
                self._line_up(job)
                self._changed.notify_all()

    def remember(self, key: Hashable, result: Any) -> None:
        """Take a result that was worked out before, by a server that has ended since."""
        with self._changed:
            self._keep(key, result)

    def place(self, job: Job) -> Place:
        """Where a waiting job stands; one that is still being prepared, behind all others."""
        with self._changed:
            self._sweep()
            places = self._line.places({going: going.elapsed for going in self._going})
        if job in places or job.state != "queued":
            return places.get(job, Place(0, 0.0))
        return Place(len(places), max((place.seconds for place in places.values()), default=0.0))

    def seconds(self, job: Job) -> float:
        """What a job is expected to take in all."""
        return self._durations.seconds(job.cost)

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        with self._changed:
            self._sweep()
            return self._line.waiting

    def _serve(self, worker: Worker | None) -> None:
        if worker is None:
            with contextlib.suppress(AttributeError, OSError):  # where the system has no niceness of threads
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._niceness)
        while True:
            with self._changed:
                while (job := self._next()) is None:
                    self._changed.wait()
                niceness = min(self._niceness * 3 // 2, 19) if self._line.is_heavy(job) else self._niceness
                threads = (os.cpu_count() or 1) if job.cost.wide else threads_each(self._line.workers)
            try:
                job.run(worker, threads=threads, niceness=niceness)
            finally:
                with self._changed:
                    self._leave(job)
                    self._changed.notify_all()

    def _line_up(self, job: Job) -> None:
        self._line.add(job, job.visitor, self._durations.seconds(job.cost), refines=job.cost.refines)
        if not job.cost.refines and self._line.running >= self._line.workers:
            for going in self._going:
                if going.cost.refines:
                    going.give_way()  # someone has no result yet

    def _next(self) -> Job | None:
        """The next job; one whose equal is being worked out right now waits for its result."""
        self._sweep()
        for going in self._going:
            self._line.overrun(going, going.elapsed)
        job = self._line.take(lambda job: job.key is None or job.key not in self._running)
        if job is not None:
            self._going.add(job)
            if job.key is not None:
                self._running[job.key] = job
        return job

    def _sweep(self) -> None:
        """Take out of the line whoever was cancelled, and answer whoever's equal has ended."""
        for job in self._line.entries():
            if not job.active or self._answer(job):
                self._line.remove(job)

    def _leave(self, job: Job) -> None:
        self._line.remove(job)
        self._going.discard(job)
        self._running.pop(job.key, None)
        if job.state == "queued":  # it gave way
            self._line_up(job)
        if job.state != "done":
            return
        self._durations.note(job.cost, job.elapsed)
        if job.key is not None:
            self._keep(job.key, job.result)

    def _keep(self, key: Hashable, result: Any) -> None:
        self._results[key] = result
        self._results.move_to_end(key)
        while len(self._results) > KEPT_RESULTS:
            self._results.popitem(last=False)

    def _answer(self, job: Job) -> bool:
        """Finish a job with the result of an equal one, if there is one."""
        if job.key is None or job.key not in self._results or not job.active:
            return False
        self._results.move_to_end(job.key)
        job.finish(self._results[job.key])
        return True
