"""Who is next: fairness between visitors, room for short runs, and what waiting visitors are told; without a clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.parts.queue import LIGHT, Cost, Durations, Line

LONG, SHORT = LIGHT * 10, 1.0
# Runs as (visitor, seconds), in the order they come.
RUNS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([SHORT, LIGHT, LONG])), max_size=30)


def lined_up(runs: list[tuple[str, float]], workers: int = 1) -> Line[int]:
    line: Line[int] = Line(workers)
    for number, (visitor, seconds) in enumerate(runs):
        line.add(number, visitor, seconds)
    return line


def drained(line: Line[int]) -> Iterator[int]:
    """Runs in the order they begin, each over before the next begins."""
    while (run := line.take()) is not None:
        yield run
        line.remove(run)


def test_visitors_take_turns_whatever_they_ask_for() -> None:
    line = lined_up([("greedy", SHORT)] * 5 + [("modest", SHORT)] + [("third", SHORT)] * 2)
    assert list(drained(line)) == [0, 5, 6, 1, 7, 2, 3, 4]


def test_who_was_just_served_stands_behind_the_others_again() -> None:
    line = lined_up([("a", SHORT), ("b", SHORT)])
    first = line.take()
    assert first == 0
    line.remove(first)
    line.add(2, "a", SHORT)  # asked at once for more
    assert list(drained(line)) == [1, 2]


@given(RUNS)
def test_every_run_comes_once_and_a_visitors_runs_in_their_order(runs: list[tuple[str, float]]) -> None:
    order = list(drained(lined_up(runs)))
    assert sorted(order) == list(range(len(runs)))
    for visitor in "abcd":
        own = [number for number in order if runs[number][0] == visitor]
        assert own == sorted(own)


@given(RUNS)
def test_nobody_is_served_twice_while_another_waits(runs: list[tuple[str, float]]) -> None:
    order = [runs[number][0] for number in drained(lined_up(runs))]
    for position, visitor in enumerate(order):
        for other in set(order[position:]) - {visitor}:
            until_other = order[position : order.index(other, position)]
            assert Counter(until_other)[visitor] <= 1, (visitor, other, order)


@given(RUNS, st.integers(1, 4), st.data())
def test_no_more_runs_go_on_than_workers_and_one_is_kept_for_short_ones(
    runs: list[tuple[str, float]], workers: int, data: st.DataObject
) -> None:
    line, going, begun = lined_up(runs, workers), set(), 0
    while True:
        run = line.take()
        if run is None and not going:
            break
        if run is None or (going and data.draw(st.booleans())):
            over = data.draw(st.sampled_from(sorted(going)))
            going.discard(over)
            line.remove(over)
        if run is not None:
            going.add(run)
            begun += 1
        assert len(going) <= workers
        heavy = sum(runs[number][1] > LIGHT for number in going)
        assert heavy <= max(workers - 1, 1)
    assert begun == len(runs)


def test_a_short_run_passes_long_ones_that_wait_for_their_worker() -> None:
    line = lined_up([("a", LONG), ("b", LONG), ("c", SHORT)], workers=2)
    assert [line.take(), line.take(), line.take()] == [0, 2, None]
    line.remove(2)
    assert line.take() is None  # the second worker stays free for short ones
    line.remove(0)
    assert line.take() == 1


def test_a_run_that_takes_longer_than_expected_counts_as_long() -> None:
    line = lined_up([("a", SHORT), ("b", LONG), ("c", SHORT)], workers=2)
    assert line.take() == 0
    line.overrun(0, LONG)
    assert line.take() == 2


def test_who_cannot_begin_yet_lets_others_pass_and_keeps_the_turn() -> None:
    line = lined_up([("a", SHORT), ("b", SHORT)], workers=2)
    assert line.take(ready=lambda run: run != 0) == 1
    line.add(2, "b", SHORT)
    assert line.take() == 0


@given(RUNS, st.data())
def test_a_cancelled_run_never_begins_and_all_others_do(runs: list[tuple[str, float]], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(0, max(len(runs) - 1, 0)), max_size=len(runs)))
    line = lined_up(runs)
    for number in gone:
        line.remove(number)
    assert sorted(drained(line)) == sorted(set(range(len(runs))) - gone)


@given(RUNS, st.integers(1, 4))
def test_what_waiting_visitors_are_told_is_what_happens(runs: list[tuple[str, float]], workers: int) -> None:
    line = lined_up(runs, workers)
    told = line.places({})
    now, ends, order = 0.0, {}, []
    while len(order) < len(runs):
        if (run := line.take()) is not None:
            assert told[run].seconds == pytest.approx(now)
            assert told[run].ahead == len(order)
            order.append(run)
            ends[run] = now + runs[run][1]
            continue
        over = min(ends, key=ends.__getitem__)
        now = ends.pop(over)
        line.remove(over)


def test_the_time_that_a_run_has_gone_on_for_is_taken_off_the_wait() -> None:
    line = lined_up([("a", 4.0), ("b", SHORT)])
    line.take()
    assert line.places({0: 1.0})[1].seconds == pytest.approx(3.0)
    assert line.places({0: 9.0})[1].seconds == 0.0  # it takes longer than it should


def test_durations_are_guessed_then_measured_and_grow_with_the_size() -> None:
    durations = Durations()
    assert durations.seconds(Cost("rows", 100, guess=7.0)) == 7.0
    durations.note(Cost("rows", 100), 20.0)
    assert durations.seconds(Cost("rows", 300, guess=7.0)) == pytest.approx(60.0)
    durations.note(Cost("rows", 100), 40.0)
    assert 20.0 < durations.seconds(Cost("rows", 100)) < 40.0
    assert durations.seconds(Cost("other", guess=7.0)) == 7.0


def test_what_refines_a_result_comes_behind_all_others_and_leaves_a_worker_free() -> None:
    line: Line[str] = Line(2)
    for name, refines in (("again", True), ("again too", True), ("first", False), ("second", False)):
        line.add(name, "a" if refines else name, SHORT, refines=refines)
    assert [place.ahead for _, place in sorted(line.places({}).items())] == [2, 3, 0, 1]
    assert [line.take(), line.take()] == ["first", "second"]
    line.remove("first")
    assert line.take() == "again"
    line.remove("second")
    assert line.take() is None  # one refines already: the other worker waits for whoever has no result yet
    line.add("third", "c", SHORT)
    assert line.take() == "third"
