"""Two runs side by side."""

from __future__ import annotations

import pandas as pd
import pytest

import glider_core as gl
from glider_core.rows.compare import compare
from glider_core.rows.run import detect_global
from tests.rows.regimes import TwoRegimes


def test_compare_shows_rank_changes(run) -> None:
    other = detect_global(TwoRegimes(), pd.DataFrame({"x": [False] * 12}), run.settings)
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
