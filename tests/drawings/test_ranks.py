"""The chart of ranks in two global runs."""

from typing import Any

from glider_core.drawings import ranks
from glider_core.rows.compare import RankChange


def test_ranks_in_two_runs() -> None:
    changes = [
        RankChange(("<b>a</b>", "b"), (1, 2), (60, 30), (0.6, 0.3)),
        RankChange(("b", "c"), (2, 1), (50, 40), (0.5, 0.4)),
        RankChange(("c", "d"), (3, 70), (40, 2), (0.4, 0.02)),
        RankChange(("a", "d"), (None, 3), (0, 25), (0.0, 0.25)),
        RankChange(("far", "away"), (40, 50), (3, 3), (0.03, 0.03)),
    ]
    figure: Any = ranks.rank_changes(changes, (100, 100), k=3)
    lines = {trace.customdata[0][0]: trace for trace in figure.data if trace.customdata}
    falls, rises, far, alone = (lines[name] for name in ("&lt;b&gt;a&lt;/b&gt; × b", "b × c", "c × d", "a × d"))
    assert len(lines) == 4  # the last is far down in both
    assert [falls.name, rises.name, far.name, alone.name] == ["falls", "rises", "falls", "only right"]
    assert (falls.y[0], falls.y[-1]) == (1, 2)
    assert far.y[-1] < 6  # below a gap, not 70 lines down
    assert list(alone.x) == [1.0]
    assert alone.customdata[0][1:] == ["left: not found", "right: rank 3, in 25 of 100 rows (25%)"]
    assert any("<b>70</b>" in text and "▼ 67" in text for text in figure.layout.yaxis2.ticktext)
    assert not any("<b>a" in text for text in figure.layout.yaxis.ticktext)


def test_changes_of_rank_in_words() -> None:
    pairs = [(5, 2), (2, 5), (3, 3), (1, None), (None, 1)]
    assert [ranks.change(*pair) for pair in pairs] == ["▲ 3", "▼ 3", "=", "only left", "only right"]
