"""Charts of a global run."""

from dataclasses import replace
from typing import Any

import glider_core as gl
from glider_core.drawings import global_run as draw_global
from glider_core.drawings.palette import NEGATIVE, NEUTRAL, POSITIVE
from glider_core.rows.result import GlobalInteraction
from tests.drawings.values import svgs


def run_of(*sets: tuple[tuple[str, ...], int, float]) -> gl.GlobalInteractions:
    names = tuple(dict.fromkeys(name for fields, _, _ in sets for name in fields))
    found = tuple(
        GlobalInteraction(
            features=tuple(sorted(names.index(name) for name in fields)),
            names=fields,
            count=count,
            share=count / 100,
            mean_strength=1.0,
            mean_effect=effect,
            p_value=0.0,
            p_adjusted=0.0,
            rows=(0,),
        )
        for fields, count, effect in sets
    )
    return gl.GlobalInteractions(
        names=names, model_id="m", fingerprint=None, explained="click", n_rows=100, interactions=found, per_row=2.0,
        orders=(1, 1), settings=gl.Settings(), seconds=0.0, versions={},
    )  # fmt: skip


RUN = run_of((("<b>a</b>", "b"), 60, 0.5), (("b", "c", "d"), 40, -0.5))


def test_counts_stand_at_their_ranks() -> None:
    figure: Any = draw_global.by_rank(RUN, RUN.interactions, ["b × c × d"])
    pairs, others = figure.data
    assert (list(pairs.x), list(pairs.y)) == ([1], [60])
    assert (list(others.x), list(others.y)) == ([2], [40])
    assert (others.mode, list(others.text)) == ("markers+text", ["3"])  # its order
    assert (list(pairs.marker.color), list(others.marker.color)) == ([POSITIVE], [NEGATIVE])  # the sign, not the order
    assert figure.layout.yaxis.type == "log"
    assert others.marker.size[0] > pairs.marker.size[0]  # the chosen one
    assert "<b>a" not in pairs.customdata[0][1]
    # A filter hides points and moves none.
    only: Any = draw_global.by_rank(RUN, RUN.interactions[1:])
    assert list(only.data[1].x) == [2]


def test_the_matrix_counts_pairs_and_larger_sets() -> None:
    figure: Any = draw_global.matrix(RUN, RUN.interactions)
    a, b, c, d = range(4)
    z = figure.data[0].z
    assert z[a][b] == z[b][a] == 0.6
    assert z[b][c] == z[c][d] == 0.4
    assert z[c][b] == 0.0
    assert z[a][a] is None


def test_the_bars_name_ten_sets_and_show_the_effect_of_each_row() -> None:
    effects = (0.5, -1.0, 2.0)
    found = tuple(replace(each, rows=(0, 1, 2), effects=effects) for each in RUN.interactions)
    html = draw_global.bars_of(replace(RUN, interactions=found), found, [["b", "c", "d"]], "b × c × d")
    wide = svgs(html)[0]
    groups = [group for group in wide.iter("g") if group.get("data-pick")]
    assert [group.get("data-pick") for group in groups] == ["<b>a</b> × b", "b × c × d"]
    dots = [dot for dot in groups[0].iter("circle")]
    middle = float(dots[0].get("cx") or 0)
    assert [dot.get("fill") for dot in dots] == [POSITIVE, NEGATIVE, POSITIVE]
    assert float(dots[1].get("cx") or 0) < middle < float(dots[2].get("cx") or 0)
    texts = ["".join(text.itertext()) for text in groups[1].iter("text")]
    assert texts[:2] == ["2", "b × c × d ✓"]
    bars = [rect.get("fill") for group in groups for rect in group.iter("rect")]
    assert set(bars) == {NEUTRAL}  # a share has no sign
    assert draw_global.bars_of(RUN, [], []) == ""


def test_a_planted_set_is_ticked_over_its_fields() -> None:
    wide = svgs(draw_global.upset_of(RUN, RUN.interactions, [["b", "c", "d"]]))[0]
    texts = ["".join(text.itertext()) for text in wide.iter("text")]
    assert {"60%", "40% ✓", "+0.50", "−0.50"} <= set(texts)


def test_orders_are_counted() -> None:
    figure: Any = draw_global.orders(RUN)
    assert list(figure.data[0].x) == ["2", "3"]
    assert list(figure.data[0].y) == [1, 1]
