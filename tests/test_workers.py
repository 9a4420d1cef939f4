"""Workers: what is done in them is what would be done here, and whatever happens to them, somebody is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import glider_core as gl
from glider_core import Cancelled
from glider_core.models import loaded_id
from glider_core.workers import Task, Worker, WorkerDied, n_workers, worker
from glider_core.workers.portable import NotPortable, pack
from glider_core.workers.tasks import detect_rows, explain_case, train_graph
from glider_core.workers.worker import WorkerBroke
from tests import worker_tasks as tasks


@pytest.fixture(scope="module")
def one() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


def do(one: Worker, function: Any, *arguments: Any, **others: Any) -> Any:
    return one.run(pack(Task(function, *arguments)), **others)


def same(left: gl.Explanation, right: gl.Explanation) -> bool:
    return (left.fingerprint, left.main_effects, left.interactions, left.ranking) == (
        right.fingerprint, right.main_effects, right.interactions, right.ranking
    )  # fmt: skip


def test_an_explanation_is_the_same_as_here(one: Worker, lstm: gl.Model, quick: gl.Settings) -> None:
    text = "This charming little film never fails to delight."
    case = gl.Case(domain="sentiment", model="sentiment/lstm", raw=text, settings=quick)
    there = do(one, explain_case, case, None)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert same(there, gl.explain(lstm.instance(text), quick))
    finally:
        torch.set_num_threads(threads)


def test_it_is_another_process_that_stays(one: Worker) -> None:
    first, second = do(one, tasks.whereabouts, "x")[0], do(one, tasks.whereabouts)[0]
    assert first == second == one.pid != os.getpid()


def test_reports_and_parts_come_in_their_order(one: Worker) -> None:
    stages, parts = [], []
    assert do(one, tasks.count, 5, report=lambda *told: stages.append(told), send=parts.append) == 5
    assert parts == [0, 1, 2, 3, 4]
    assert stages[:2] == [("waiting", 0.0), ("counting", 0.2)]


def test_a_model_that_can_be_loaded_goes_by_its_name(lstm: gl.Model) -> None:
    assert loaded_id(lstm) == "sentiment/lstm"
    packed = pack(Task(tasks.whereabouts, lstm))
    assert not packed.models
    assert len(packed.content) < 1000


def test_a_model_of_this_process_is_sent_once_and_explained_there(
    one: Worker, monkeypatch: pytest.MonkeyPatch, quick: gl.Settings
) -> None:
    graph: Any = gl.load_model("graph/karate")
    model, fit = do(one, train_graph, graph.graph)
    assert loaded_id(model) is None
    assert 0 < fit.accuracy["test"] <= 1
    sent, send = [], worker.model_bytes
    monkeypatch.setattr(worker, "model_bytes", lambda model: sent.append(model) or send(model))
    for node in graph.graph.nodes[:2]:
        case = gl.Case(domain="graph", model="graph/own", raw=node, settings=quick)
        assert same(do(one, explain_case, case, model), gl.explain(model.instance(node), quick))
    assert sent == [model]


def test_models_that_were_sent_are_dropped_when_there_are_too_many(
    one: Worker, monkeypatch: pytest.MonkeyPatch, quick: gl.Settings
) -> None:
    monkeypatch.setattr(worker, "KEPT_MODELS", 1)
    graph: Any = gl.load_model("graph/karate").graph  # type: ignore[attr-defined]
    models = [do(one, train_graph, graph)[0] for _ in range(2)]
    case = gl.Case(domain="graph", model="graph/own", raw=graph.nodes[0], settings=quick)
    told, send = [], one._send
    monkeypatch.setattr(one, "_send", lambda kind, *values: told.append(kind) or send(kind, *values))
    for model in [*models, *models]:  # each is sent again, since the other took its place
        assert do(one, explain_case, case, model).names
    assert told.count("keep") == 4
    assert told.count("drop") >= 3


def test_rows_are_counted_there(one: Worker) -> None:
    model: Any = gl.load_model("recommender/simulated")
    few = gl.Settings(detector="NID", n_train=100, n_validation=20, n_test=20, max_epochs=2)
    parts: list[gl.GlobalInteractions] = []
    counted = do(one, detect_rows, model, model.rows.head(3), few, send=parts.append)
    assert counted.n_rows == 3
    assert parts[-1].n_rows == 3


def test_a_configured_function_is_imported_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: gl.Settings
) -> None:
    (tmp_path / "a_friends_model.py").write_text(
        "import glider_core as gl\n"
        "def instance():\n"
        "    return gl.FunctionInstance(['a', 'b', 'c'], lambda masks: masks @ [1.0, 2.0, 3.0] + masks[:, :2].all(1))\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLIDER_INSTANCES", "a_friends_model:instance")
    case = gl.Case(domain="function", model="function/a_friends_model:instance", raw=0, settings=quick)
    made = Worker()
    try:
        assert do(made, explain_case, case, None).names == ("a", "b", "c")
        # The same where the page hands the model over.
        assert do(made, explain_case, case, gl.load_model(case.model)).names == ("a", "b", "c")
    finally:
        made.close()


def test_what_cannot_be_sent_is_refused_before_it_is_sent(one: Worker) -> None:
    with pytest.raises(NotPortable, match="only in the process"):
        pack(Task(tasks.call, lambda: 1))

    class Local:
        id, title, identity = "function/local", "made in a test", None

        def instance(self) -> None: ...

    with pytest.raises(NotPortable, match="only in the process"):
        do(one, tasks.whereabouts, Local())
    assert do(one, tasks.whereabouts, 1)[1] == 1


def test_errors_for_users_keep_their_kind_and_words(one: Worker) -> None:
    for kind in ("InvalidInput", "BlackBoxFailed", "ModelUnavailable"):
        with pytest.raises(getattr(gl, kind), match="It cannot be done"):
            do(one, tasks.refuse, kind)
    with pytest.raises(gl.GliderError, match="not enough memory"):
        do(one, tasks.use_up_memory)


def test_other_errors_bring_their_traceback_and_the_worker_stays(one: Worker) -> None:
    before = one.pid
    for function in (tasks.break_down, tasks.return_function):
        with pytest.raises(WorkerBroke, match="Traceback"):
            do(one, function)
    assert do(one, tasks.whereabouts)[0] == before


def test_a_killed_worker_fails_its_run_and_is_replaced(one: Worker) -> None:
    before = one.pid
    with pytest.raises(WorkerDied, match=r"ended before it was done.*memory.*Run it again"):
        do(one, tasks.be_killed)
    assert do(one, tasks.whereabouts)[0] == one.pid != before


def test_a_worker_that_died_while_idle_is_replaced_without_a_word(one: Worker) -> None:
    one._process.kill()
    one._process.wait()
    assert do(one, tasks.whereabouts, "there")[1] == "there"


def test_a_cancelled_task_stops_and_the_worker_stays(one: Worker) -> None:
    before, begun = do(one, tasks.whereabouts)[0], []
    with pytest.raises(Cancelled):
        do(one, tasks.report_forever, send=begun.append, stopped=lambda: bool(begun))
    assert do(one, tasks.count, 2) == 2  # not cancelled with the one before
    assert one.pid == before


def test_a_task_that_does_not_notice_its_cancelling_is_ended(one: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "GRACE", 0.1)
    before, begun = one.pid, []
    with pytest.raises(Cancelled):
        do(one, tasks.hang, send=begun.append, stopped=lambda: bool(begun))
    assert do(one, tasks.whereabouts)[0] == one.pid != before


def test_a_worker_ends_with_the_process_that_started_it() -> None:
    made = Worker()
    begun: list[str] = []
    do(made, tasks.whereabouts)
    made._connection.close()
    assert made._process.wait(30) == 0
    assert begun == []


@pytest.mark.parametrize(
    ("told", "cores", "workers"),
    [("", 2, 2), ("", 1, 2), ("", 6, 3), ("", 64, 4), ("7", 2, 7), ("0", 8, 0), ("x", 2, 2)],
)
def test_the_number_of_workers(monkeypatch: pytest.MonkeyPatch, told: str, cores: int, workers: int) -> None:
    monkeypatch.setenv("GLIDER_WORKERS", told)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert n_workers() == workers
