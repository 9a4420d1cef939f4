"""Charts of a global run."""

from typing import Any

import glider_core as gl
from glider_core.drawings import global_run as draw_global
from glider_core.rows.result import GlobalInteraction


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


def test_the_network_escapes_names() -> None:
    html = draw_global.network(RUN, RUN.interactions)
    assert "&lt;b&gt;a&lt;/b&gt;" in html
    assert "<b>a" not in html
    assert html.count("<polygon") == 1
    assert draw_global.network(RUN, []) == ""


def test_orders_are_counted() -> None:
    figure: Any = draw_global.orders(RUN)
    assert list(figure.data[0].x) == ["2", "3"]
    assert list(figure.data[0].y) == [1, 1]
