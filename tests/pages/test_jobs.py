import threading

import glider_core as gl
from pages.parts.jobs import Job, JobQueue
from pages.parts.queue import Cost


def finished(job: Job) -> Job:
    assert job.wait(5), "the job did not end"
    return job


def test_a_job_reports_and_ends_with_its_result() -> None:
    def work(report):
        report("ask", 0.5)
        return 42

    job = finished(JobQueue().submit("key", work))
    assert (job.state, job.result, job.stage, job.share) == ("done", 42, "ask", 0.5)


def test_equal_keys_are_worked_out_once() -> None:
    queue, calls = JobQueue(), []
    for _ in range(2):
        finished(queue.submit("key", lambda report: calls.append(1)))
    assert len(calls) == 1
    finished(queue.submit(None, lambda report: calls.append(1)))
    finished(queue.submit(None, lambda report: calls.append(1)))
    assert len(calls) == 3


def test_an_equal_run_waits_for_the_one_that_is_under_way() -> None:
    queue, hold, calls = JobQueue(workers=2), threading.Event(), []

    def work(report):
        calls.append(1)
        hold.wait(5)
        return "once"

    first, second = queue.submit("key", work), queue.submit("key", work)
    assert finished(queue.submit("other", lambda report: "free")).result == "free"  # the second worker had room
    assert second.state == "queued"
    hold.set()
    assert [finished(first).result, finished(second).result, len(calls)] == ["once", "once", 1]


def test_cancel_stops_at_the_next_report() -> None:
    started, go_on, reached = threading.Event(), threading.Event(), []

    def work(report):
        started.set()
        go_on.wait(5)
        report("train", 0.1)
        reached.append(1)

    job = JobQueue().submit("key", work)
    started.wait(5)
    job.cancel()
    go_on.set()
    assert finished(job).state == "cancelled"
    assert reached == []


def test_waiting_jobs_know_their_place_and_can_be_cancelled() -> None:
    queue, begun, hold = JobQueue(), threading.Event(), threading.Event()

    def work(report):
        begun.set()
        hold.wait(5)

    queue.submit(1, work)
    second = queue.submit(2, lambda report: "two")
    third = queue.submit(3, lambda report: "three")
    begun.wait(5)
    assert (queue.place(second).ahead, queue.place(third).ahead) == (0, 1)
    second.cancel()
    assert second.state == "cancelled"
    assert queue.place(third).ahead == 0
    hold.set()
    assert finished(third).result == "three"
    assert second.result is None


def test_a_job_that_is_still_prepared_stands_behind_all_others() -> None:
    queue, begun, hold = JobQueue(), threading.Event(), threading.Event()

    def work(report):
        begun.set()
        hold.wait(5)

    first = queue.submit(1, work, cost=Cost(guess=10.0))
    second = queue.submit(2, lambda report: "two", cost=Cost(guess=3.0))
    begun.wait(5)
    place = queue.place(Job(3, work))
    assert place.ahead == 1
    assert 0 < place.seconds <= 10
    assert queue.place(second).ahead == 0
    assert queue.place(first).ahead == 0  # it runs
    hold.set()


def test_failures_become_sentences() -> None:
    def refuse(report):
        raise gl.BlackBoxFailed("The model answered nan.")

    def break_down(report):
        raise KeyError("secret/path")

    queue = JobQueue()
    assert finished(queue.submit(1, refuse)).error == "The model answered nan."
    broken = finished(queue.submit(2, break_down))
    assert broken.state == "failed"
    assert "secret" not in broken.error
    # The worker survives.
    assert finished(queue.submit(3, lambda report: 1)).result == 1


def test_a_run_nobody_wants_is_dropped() -> None:
    assert finished(JobQueue().submit("key", lambda report: 1, wanted=lambda: False)).state == "cancelled"


def test_what_refines_gives_way_to_whoever_has_no_result_and_begins_anew() -> None:
    queue, started, finish, begun = JobQueue(), threading.Event(), threading.Event(), []

    def refine(report):
        begun.append(1)
        started.set()
        while not finish.wait(0.01):
            report("again", 0.5)
        return "refined"

    refining = queue.submit("again", refine, cost=Cost(refines=True))
    assert started.wait(5)
    assert finished(queue.submit("first", lambda report: "first")).result == "first"  # the only worker came free
    assert refining.active
    finish.set()
    assert (finished(refining).result, len(begun)) == ("refined", 2)


def test_a_run_that_gave_way_can_be_cancelled() -> None:
    queue, started, hold = JobQueue(), threading.Event(), threading.Event()

    def refine(report):
        started.set()
        while True:
            report("again", 0.5)

    refining = queue.submit("again", refine, cost=Cost(refines=True))
    assert started.wait(5)
    other = queue.submit("first", lambda report: hold.wait(5))
    while refining.state != "queued":
        threading.Event().wait(0.01)
    refining.cancel()
    assert finished(refining).state == "cancelled"
    hold.set()
    finished(other)
