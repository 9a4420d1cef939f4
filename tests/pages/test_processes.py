"""Pages whose runs go on in processes, as for people."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from glider_core.workers import Task
from pages.parts import run
from pages.parts.jobs import Job, JobQueue
from pages.parts.queue import LIGHT, Cost
from tests import worker_tasks as tasks
from tests.pages.conftest import WAIT, Visitor
from tests.pages.test_own_table import learn, sales, upload

FEW = {"masks": "600"}


@pytest.fixture(scope="module")
def processes() -> JobQueue:
    return JobQueue(2, processes=True)


@pytest.fixture
def queue(processes: JobQueue, monkeypatch: pytest.MonkeyPatch) -> JobQueue:
    monkeypatch.setattr(run, "QUEUE", processes)
    return processes


def finished(job: Job) -> Job:
    assert job.wait(WAIT), "the job did not end"
    return job


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_sentence_is_explained_in_a_worker(queue: JobQueue, visitor: Visitor) -> None:
    visitor.open("sentiment", text="Explained in another process.", seed="91", **FEW)
    assert "process" in visitor.pictures()[0]


def test_a_model_of_the_visit_is_trained_and_explained_in_workers(queue: JobQueue, visitor: Visitor) -> None:
    visitor.open("crosses", source="own", aim="beside")
    upload(visitor, sales())
    learn(visitor)
    assert visitor.reads("Learned **bought**")
    assert visitor.reads("rows in which AutoInt was explained") or visitor.reads("No set of fields was found")


def test_what_cannot_be_sent_goes_on_in_this_process(queue: JobQueue) -> None:
    there = finished(queue.submit(None, Task(tasks.whereabouts, "x"))).result
    here = finished(queue.submit(None, Task(tasks.call, lambda: "y"))).result
    assert there[0] != os.getpid()
    assert here == (os.getpid(), "y")


def test_a_worker_that_dies_fails_its_run_only(queue: JobQueue) -> None:
    killed = finished(queue.submit(None, Task(tasks.be_killed)))
    assert killed.state == "failed"
    assert "ended before it was done" in killed.error
    after = [queue.submit(None, Task(tasks.whereabouts)) for _ in range(4)]
    assert [finished(job).state for job in after] == ["done"] * 4


def test_an_error_of_ours_is_not_shown(queue: JobQueue) -> None:
    broken = finished(queue.submit(None, Task(tasks.break_down)))
    assert broken.state == "failed"
    assert "secret" not in broken.error


def test_a_long_run_leaves_a_worker_to_short_ones_and_ends_when_cancelled(queue: JobQueue) -> None:
    long = [queue.submit(None, Task(tasks.report_forever), cost=Cost("long", guess=LIGHT * 10)) for _ in range(3)]
    until(lambda: long[0].state == "running")
    short = [queue.submit(None, Task(tasks.whereabouts)) for _ in range(5)]
    assert [finished(job).state for job in short] == ["done"] * 5
    assert [job.state for job in long] == ["running", "queued", "queued"]
    assert queue.place(long[2]).ahead == 1
    for job in reversed(long):
        job.cancel()
    assert [finished(job).state for job in long] == ["cancelled"] * 3


def test_a_visitor_who_leaves_frees_the_worker(queue: JobQueue) -> None:
    there = True
    job = queue.submit(None, Task(tasks.report_forever), wanted=lambda: there)
    until(lambda: job.state == "running")
    there = False
    assert finished(job).state == "cancelled"
