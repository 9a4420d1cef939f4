"""Slices of rows and filters of sets, as values."""

from __future__ import annotations

import pandas as pd
import pytest

import glider_core as gl
from pages.parts.global_filters import RowSlice, SetFilter, orders_of
from pages.parts.global_run import FinishedRun, unique_names

NAMES = ("hour", "site", "device", "age", "weather")


def found(*features: int, count: int, p_adjusted: float = 0.01) -> gl.GlobalInteraction:
    return gl.GlobalInteraction(
        features=features, names=tuple(NAMES[i] for i in features), count=count, share=count / 10, mean_strength=1.0,
        mean_effect=0.5, p_value=p_adjusted / 10, p_adjusted=p_adjusted, rows=tuple(range(count)),
    )  # fmt: skip


def run_of(*interactions: gl.GlobalInteraction) -> gl.GlobalInteractions:
    orders = [sum(i.count for i in interactions if i.order == order) for order in range(2, 6)]
    while orders and not orders[-1]:
        orders.pop()
    return gl.GlobalInteractions(
        names=NAMES, model_id="m", fingerprint="f", explained="click", n_rows=10, interactions=interactions,
        per_row=sum(orders) / 10, orders=tuple(orders), settings=gl.Settings(), seconds=1.0, versions={},
    )  # fmt: skip


RUN = run_of(
    found(0, 1, 2, count=9),
    found(0, 1, count=8),
    found(2, 3, count=4, p_adjusted=0.2),
    found(0, 1, 2, 3, count=2, p_adjusted=0.04),
    found(0, 1, 2, 3, 4, count=1, p_adjusted=1.0),
)


@pytest.mark.parametrize(
    ("chosen", "passing"),
    [
        (SetFilter(), [0, 1, 2, 3, 4]),
        (SetFilter(order="2"), [1, 2]),
        (SetFilter(order="3"), [0]),
        (SetFilter(order="4+"), [3, 4]),
        (SetFilter(fields=("age", "weather")), [2, 3, 4]),
        (SetFilter(significant=True), [0, 1, 3]),
        (SetFilter(no_subsets=True), [0, 2, 3, 4]),  # hour x site is contained in a more frequent set
        (SetFilter(order="2", no_subsets=True, significant=True), []),
    ],
)
def test_a_filter_lists_the_sets_that_pass_all_its_parts(chosen: SetFilter, passing: list[int]) -> None:
    assert chosen.apply(RUN) == [RUN.interactions[number] for number in passing]


def test_only_orders_that_were_found_can_be_chosen() -> None:
    assert orders_of(RUN) == ("all", "2", "3", "4+")
    assert orders_of(run_of(found(0, 1, count=3), found(0, 1, 2, count=1))) == ("all", "2", "3")
    assert orders_of(run_of(found(0, 1, count=3))) == ("all", "2")
    assert orders_of(run_of()) == ("all", "2")


TABLE = pd.DataFrame({"hour": ["00", "01", "02", "01", None], "clicks": [1, 2, 3, 4, 5]})


def test_a_slice_keeps_the_rows_with_one_of_its_values_and_their_numbers() -> None:
    rows, label = RowSlice(field="hour", values=("01", "(missing)")).apply(TABLE)
    assert list(rows.index) == [1, 3, 4]
    assert label == "hour: 01 or (missing)"


@pytest.mark.parametrize(
    "slice_of_all", [RowSlice(), RowSlice(field="hour"), RowSlice(field="clicks", values=("1", "2", "3", "4", "5"))]
)
def test_a_slice_that_leaves_nothing_out_is_no_slice(slice_of_all: RowSlice) -> None:
    rows, label = slice_of_all.apply(TABLE)
    assert len(rows) == len(TABLE)
    assert label == ""


def test_a_slice_of_another_table_loses_what_this_one_lacks() -> None:
    asked = RowSlice(field="hour", values=("01", "23"))
    assert asked.within(TABLE, ["hour"]) == RowSlice(field="hour", values=("01",))
    assert asked.within(TABLE, ["clicks"]) == RowSlice()


def test_runs_of_one_name_can_be_told_apart() -> None:
    runs = {
        key: FinishedRun(name=name, result=RUN) for key, name in {"a": "DeepFM", "b": "AutoInt", "c": "DeepFM"}.items()
    }
    assert unique_names(runs) == {"a": "DeepFM", "b": "AutoInt", "c": "DeepFM (2)"}
