"""Global detection: counts, significance, resuming after a kill, a cluster that loses a worker."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

import glider_core as gl
from glider_core.rows import detect as glider
from glider_core.rows.detect import compare, detect_global
from glider_core.rows.significance import n_sets, p_value, significance_threshold
from glider_core.rows.slices import row_slices

QUICK = gl.Settings(n_train=400, n_validation=50, n_test=50, epochs=3, hidden=(32, 16))


class Rows:
    """Six fields; a and b interact where x is 1, else c and d."""

    id = "test/rows"
    fingerprint = "v1"

    def instance(self, raw: Any, /) -> gl.FunctionInstance:
        x = raw["x"]

        def black_box(masks):
            sets = [[0, 1]] if x else [[2, 3]]
            return masks @ np.arange(6.0) + sum(5.0 * masks[:, s].all(axis=1) for s in sets)

        return gl.FunctionInstance(list("abcdef"), black_box)


def table(n: int) -> pd.DataFrame:
    return pd.DataFrame({"x": np.arange(n) % 3 > 0})


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch) -> None:
    monkeypatch.setattr(glider, "CHUNK", 8)


@pytest.fixture(scope="module")
def run() -> gl.GlobalInteractions:
    return detect_global(Rows(), table(30), QUICK.model_copy(update={"n_train": 1000, "epochs": None}))


def test_sets_are_counted_over_rows(run) -> None:
    assert run.n_rows == 30
    first, second = run.interactions[:2]
    assert first.names == ("a", "b")
    assert first.count == 20
    assert first.share == pytest.approx(20 / 30)
    assert first.mean_effect == pytest.approx(5.0)
    assert first.rows == tuple(n for n in range(30) if n % 3)
    assert second.names == ("c", "d")
    assert second.rows == tuple(range(0, 30, 3))
    assert sum(run.orders) == sum(one.count for one in run.interactions) == round(run.per_row * 30)
    assert run.orders[0] >= 20
    assert first.p_adjusted < 1e-9
    assert first.count > run.threshold()


def test_a_run_survives_json(run) -> None:
    again = gl.GlobalInteractions.from_json(run.to_json())
    assert again == run
    with pytest.raises(gl.InvalidInput, match=r"not a saved global run: names: Field required"):
        gl.GlobalInteractions.from_json("{}")


def test_a_run_of_an_older_or_newer_version(run) -> None:
    saved = json.loads(run.to_json())
    del saved["null_order"], saved["label"]  # 0.2.0 knew neither
    assert gl.GlobalInteractions.from_json(json.dumps(saved)) == run
    saved["settings"]["telepathy"] = True
    saved["versions"]["glider"] = "9.0"
    with pytest.raises(gl.InvalidInput, match=r"telepathy.* written by version 9\.0"):
        gl.GlobalInteractions.from_json(json.dumps(saved))


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("n_rows",), 0, "0 rows"),
        (("per_row",), float("nan"), "nan sets"),
        (("null_order",), 99, "at most 99"),
        (("interactions", 0, "features"), [0, 6], "contradicts itself at the set a × b"),
        (("interactions", 0, "names"), ["a", "c"], "contradicts itself at the set a × c"),
        (("interactions", 0, "count"), 31, "contradicts itself"),
    ],
)
def test_a_saved_run_that_was_edited_is_refused(run, path, value, told) -> None:
    saved = json.loads(run.to_json())
    place = saved
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(gl.InvalidInput, match=told):
        gl.GlobalInteractions.from_json(json.dumps(saved))


def test_a_label_is_kept_and_is_only_a_name(run) -> None:
    slice_ = detect_global(Rows(), table(30), run.settings, label="x is any")
    assert gl.GlobalInteractions.from_json(slice_.to_json()).label == "x is any"
    assert slice_ == run


def test_one_row_is_enough() -> None:
    run = detect_global(Rows(), table(1), QUICK)
    assert run.n_rows == 1
    assert all(one.count == 1 for one in run.interactions)


def test_pruning_moves_others_up(run) -> None:
    sets = [one.features for one in run.interactions]
    kept = run.prune(5)
    assert len(kept) <= 5
    for position, one in enumerate(kept):
        assert not any(set(one.features) < set(other.features) for other in kept[:position])
    assert run.top(3) == tuple(one.names for one in run.interactions[:3])
    assert len(run.prune(10**6)) <= len(sets)
    with pytest.raises(gl.InvalidInput):
        run.top(-1)


def test_the_papers_thresholds() -> None:
    assert n_sets(39) == 9880
    assert significance_threshold(39, 1000, 87) == 25
    assert significance_threshold(23, 1000, 87) == 71
    assert [
        k
        for k in range(1, 200)
        if significance_threshold(39, 1000, k) == 25
        if significance_threshold(23, 1000, k) == 71
    ] == [87]


def test_p_values_by_hand() -> None:
    # Five fields have 10 pairs, 10 triples and 5 sets of four; one set per row, two rows, found in both or in one.
    assert p_value(2, 5, 2, 1.0, 2) == pytest.approx((1 / 10) ** 2)
    assert p_value(2, 5, 2, 1.0) == pytest.approx((1 / 20) ** 2)
    assert p_value(2, 5, 2, 1.0, 4) == pytest.approx((1 / 25) ** 2)
    assert p_value(1, 5, 2, 1.0, 4) == pytest.approx(1 - (24 / 25) ** 2)
    # Any set in both rows: 10 * 0.1 ** 2 = 0.1 is not below 0.05, 25 * 0.04 ** 2 = 0.04 is.
    assert significance_threshold(5, 2, 1.0, max_order=2) == 2
    assert significance_threshold(5, 2, 1.0, max_order=4) == 1
    assert significance_threshold(5, 2, 0.0) == 0
    assert p_value(1, 3, 10, 50.0) == 1.0  # more sets per row than there are


def test_the_order_of_the_null_is_chosen_and_kept(run) -> None:
    assert run.null_order == 3
    assert run.with_null(3) == run
    for order, space in ((2, 15), (3, 35), (4, 50)):  # of six fields
        again = run.with_null(order)
        assert again.null_order == order
        assert gl.GlobalInteractions.from_json(again.to_json()) == again
        assert [one.features for one in again.interactions] == [one.features for one in run.interactions]
        for one in again.interactions:
            assert one.p_value == pytest.approx(float(binom.sf(one.count - 1, 30, run.per_row / space)))
            assert one.p_adjusted == pytest.approx(min(1.0, space * one.p_value))
            assert (one.p_adjusted < 0.05) == (one.count > again.threshold())
    with pytest.raises(gl.InvalidInput, match="2 to 10"):
        run.with_null(1)
    with pytest.raises(gl.InvalidInput, match="2 to 10"):
        significance_threshold(5, 10, 1.0, max_order=11)


@pytest.mark.parametrize("order", [2, 3])
def test_random_sets_are_rarely_significant(order: int) -> None:
    # Draw under the null and see how often any set passes its own threshold.
    rng = np.random.default_rng(0)
    d, rows, per_row = 10, 200, 4
    spaces, passed = n_sets(d, order), 0
    for _ in range(400):
        counts = np.bincount(
            np.concatenate([rng.choice(spaces, per_row, replace=False) for _ in range(rows)]), minlength=spaces
        )
        passed += counts.max() > significance_threshold(d, rows, per_row, max_order=order)
    assert passed / 400 <= 0.07


def test_p_values_fall_with_counts() -> None:
    values = [p_value(count, 15, 1000, 6.0) for count in range(0, 60, 5)]
    assert values == sorted(values, reverse=True)
    assert values[0] == 1.0


@pytest.mark.parametrize("form", ["table", "list", "generator"])
def test_rows_come_in_any_form(run, form) -> None:
    rows: Any = table(30)
    if form == "list":
        rows = rows.to_dict("records")
    elif form == "generator":
        rows = (row for row in rows.to_dict("records"))
    assert detect_global(Rows(), rows, run.settings) == run


def test_compare_shows_rank_changes(run) -> None:
    other = detect_global(Rows(), pd.DataFrame({"x": [False] * 12}), run.settings)
    changes = {change.names: change for change in compare(run, other)}
    assert changes["c", "d"].ranks == (2, 1)
    assert changes["a", "b"].ranks[1] is None
    assert changes["a", "b"].shares[1] == 0
    assert changes["a", "b"].counts == (20, 0)
    assert changes["c", "d"].counts == (10, 12)
    assert [change.names for change in compare(run, run, k=1)] == [("a", "b")]
    assert len(compare(run, run, k=None)) == len(run.interactions)


def test_compare_counts_ranks_among_shared_fields() -> None:
    here = run_of(("a", "z"), ("a", "b"), ("b", "c"))
    there = run_of(("c", "b"), ("y", "c"), ("b", "a"))
    assert [(change.names, change.ranks) for change in compare(here, there)] == [
        (("a", "b"), (1, 2)),
        (("b", "c"), (2, 1)),
    ]
    with pytest.raises(gl.InvalidInput, match="share 1 fields"):
        compare(here, run_of(("a", "x")))


def run_of(*sets: tuple[str, ...]) -> gl.GlobalInteractions:
    names = tuple(sorted({name for fields in sets for name in fields}))
    found = []
    for rank, fields in enumerate(sets):
        features = tuple(sorted(names.index(name) for name in fields))
        one = gl.GlobalInteraction(
            features=features, names=tuple(names[i] for i in features), count=9 - rank, share=(9 - rank) / 10,
            mean_strength=1.0, mean_effect=1.0, p_value=0.0, p_adjusted=0.0, rows=(0,),
        )  # fmt: skip
        found.append(one)
    return gl.GlobalInteractions(
        names=names, model_id="m", fingerprint=None, explained="click", n_rows=10, interactions=tuple(found),
        per_row=1.0, orders=(len(found),), settings=gl.Settings(), seconds=0.0, versions={},
    )  # fmt: skip


def test_slices_are_values_or_ranges() -> None:
    rows = row_slices(pd.Series(["b", "a", "b", None, "c"]))
    assert list(rows) == ["b", "a", "c", "(missing)"]
    assert rows["b"].tolist() == [True, False, True, False, False]
    assert rows["(missing)"].tolist() == [False, False, False, True, False]
    assert list(row_slices(pd.Series(range(500)).astype(str), most=3)) == ["0", "1", "10"]
    ages = row_slices(pd.Series(range(20, 60)))
    assert list(ages) == ["20 to 29", "30 to 39", "40 to 49", "50 to 59"]
    assert list(row_slices(pd.Series([1.0, 2.5, 1.0]))) == ["1", "2.5"]
    assert list(row_slices(pd.Series([True, False, True]))) == ["True", "False"]


@given(st.lists(st.sampled_from([0.0, 0.5, float("nan"), *range(1, 60)]), min_size=1, max_size=80))
def test_slices_part_the_rows(numbers) -> None:
    slices = row_slices(pd.Series(numbers, dtype=float))
    assert (np.sum(list(slices.values()), axis=0) == 1).all()  # each row is in one
    assert all(rows.any() for rows in slices.values())


def test_a_number_with_many_rows_is_a_slice_of_its_own() -> None:
    gains = row_slices(pd.Series([0] * 90 + list(range(100, 140))))
    assert list(gains) == ["0", "100 to 109", "110 to 119", "120 to 129", "130 to 139"]
    assert gains["0"].sum() == 90
    hours = row_slices(pd.Series([40] * 30 + list(range(30, 50))))
    assert list(hours) == ["40", "30 to 34", "35 to 39", "41 to 44", "45 to 49"]
    assert list(row_slices(pd.Series([40] * 30 + list(range(30, 50))), parts=2)) == ["40", "30 to 39", "41 to 49"]
    assert list(row_slices(pd.Series([31] * 30 + list(range(30, 50))), parts=2))[1] == "30 to 40, not 31"


def test_a_stopped_run_resumes(run, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    seen: list[int] = []

    def stop(partial: gl.GlobalInteractions) -> None:
        seen.append(partial.n_rows)
        if len(seen) == 2:
            raise gl.Cancelled("enough")

    with pytest.raises(gl.Cancelled):
        detect_global(Rows(), table(30), run.settings, resume=path, on_partial=stop)
    with path.open("ab") as file:
        file.write(b'{"digest": "half a li')  # killed while it wrote
    asked: list[int] = []
    again = detect_global(Rows(), table(30), run.settings, resume=path, on_partial=lambda one: asked.append(one.n_rows))
    assert asked == [24, 30]  # two of four chunks were left
    assert again == run


def test_a_resume_file_of_another_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    detect_global(Rows(), table(8), QUICK, resume=path)
    with pytest.raises(gl.InvalidInput, match="settings"):
        detect_global(Rows(), table(8), QUICK.model_copy(update={"seed": 1}), resume=path)
    with pytest.raises(gl.InvalidInput, match="not those"):
        detect_global(Rows(), table(8).assign(x=True), QUICK, resume=path)
    path.write_text("something else\n")
    with pytest.raises(gl.InvalidInput, match="not a file of finished chunks"):
        detect_global(Rows(), table(8), QUICK, resume=path)
    assert path.read_text() == "something else\n"


def test_bad_rows_are_told() -> None:
    with pytest.raises(gl.InvalidInput, match="no rows"):
        detect_global(Rows(), [], QUICK)

    class Texts:
        id = "test/texts"

        def instance(self, raw: Any, /) -> gl.FunctionInstance:
            return gl.FunctionInstance(list(raw), lambda masks: masks.sum(axis=1))

    with pytest.raises(gl.InvalidInput, match="other features"):
        detect_global(Texts(), ["abc", "abcd"], QUICK)


WORKER = """
import sys
import glider_core as gl
gl.glider.CHUNK = 16
model = gl.load_model("recommender/simulated")
settings = gl.Settings(n_train=400, n_validation=50, n_test=50, epochs=3, hidden=(32, 16))
run = gl.detect_global(model, range(64), settings, resume=sys.argv[1])
print(run.to_json())
"""


def test_a_killed_process_resumes_with_the_same_result(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "run.jsonl"
    root = Path(__file__).resolve().parents[2]
    begin = lambda: subprocess.Popen([sys.executable, "-c", WORKER, str(path)], cwd=root, stdout=subprocess.PIPE)  # noqa: E731
    process = begin()
    while process.poll() is None and (not path.exists() or path.read_bytes().count(b"\n") < 3):
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    lines = path.read_bytes().count(b"\n")
    assert 3 <= lines < 5  # the header and two of four chunks, and not all of them
    resumed, _ = begin().communicate(timeout=120)
    monkeypatch.setattr(glider, "CHUNK", 16)
    whole = gl.detect_global(gl.load_model("recommender/simulated"), range(64), QUICK)
    assert path.read_bytes().count(b"\n") == 5
    assert gl.GlobalInteractions.from_json(resumed) == whole


def test_a_cluster_that_loses_a_worker_counts_the_same(monkeypatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(glider, "CHUNK", 16)
    model = gl.load_model("recommender/simulated")
    alone = gl.detect_global(model, range(100), QUICK)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        workers = client.run(os.getpid)
        seen: list[int] = []

        def kill_one(partial: gl.GlobalInteractions) -> None:
            seen.append(partial.n_rows)
            if len(seen) == 2:
                os.kill(next(iter(workers.values())), signal.SIGKILL)

        together = gl.detect_global(model, range(100), QUICK, executor=client, on_partial=kill_one)
        assert set(client.run(os.getpid).values()) != set(workers.values())  # one is new
    assert seen == [*range(16, 100, 16), 100]
    assert together == alone


def test_a_cluster_that_is_not_there(monkeypatch) -> None:
    monkeypatch.setattr(glider, "_TIMEOUT", 0.5)
    pytest.importorskip("distributed")
    with pytest.raises(gl.InvalidInput, match="No scheduler"):
        detect_global(Rows(), table(8), QUICK, executor="tcp://127.0.0.1:9")


def test_errors_come_out_of_a_cluster_as_themselves() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.Client(n_workers=1, processes=False, dashboard_address=None) as client,
        pytest.raises(gl.InvalidInput, match="no row 999999"),
    ):
        detect_global(gl.load_model("recommender/simulated"), [999_999], QUICK, executor=client)


def test_progress_grows_to_one(run) -> None:
    shares: list[float] = []
    lock = threading.Lock()

    def report(stage: str, share: float) -> None:
        with lock:
            assert stage == "rows"
            shares.append(share)

    detect_global(Rows(), table(30), run.settings, on_progress=report)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert json.dumps(shares)
