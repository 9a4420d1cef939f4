"""What many rows showed: saved, pruned, judged."""

from __future__ import annotations

import json

import pytest
from scipy.stats import binom

import glider_core as gl
from glider_core.rows.significance import significance_threshold


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
        (("per_row",), float("nan"), "NaN, which is no number"),
        (("per_row",), -1.0, "-1.0 sets"),
        (("null_order",), 99, "at most 99"),
        (("interactions", 0, "features"), [0, 6], "contradicts itself at the set a × b"),
        (("interactions", 0, "names"), ["a", "c"], "contradicts itself at the set a × c"),
        (("interactions", 0, "count"), 31, "contradicts itself"),
        (("interactions", 0, "rows"), [30], "contradicts itself"),
        (("interactions", 0, "p_value"), 1.5, "contradicts itself"),
        (("interactions", 0, "p_adjusted"), -0.5, "contradicts itself"),
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


def test_a_format_of_another_time_or_kind_is_refused(run) -> None:
    saved = json.loads(run.to_json())
    assert (saved["glider"], saved["format"]) == ("global run", 3)
    with pytest.raises(gl.InvalidInput, match="format 4; this version of Glider reads formats 1 to 3"):
        gl.GlobalInteractions.from_json(json.dumps(saved | {"format": 4}))
    with pytest.raises(gl.InvalidInput, match="it says that it is a saved explanation"):
        gl.GlobalInteractions.from_json(json.dumps(saved | {"glider": "explanation"}))
    del saved["glider"], saved["format"]  # as 0.3 wrote it
    assert gl.GlobalInteractions.from_json(json.dumps(saved)) == run


def test_q_values_lie_between_p_and_its_bonferroni(run) -> None:
    q = run.q_values()
    for interaction, value in zip(run.interactions, q, strict=True):
        assert interaction.p_value <= value <= interaction.p_adjusted
    assert q[0] < 1e-9
