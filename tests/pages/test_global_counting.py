"""The paper's way of counting, on the Global view."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.conftest import Visitor


def test_the_papers_counting_is_one_choice_away_and_in_the_link(
    visitor: Visitor, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLIDER_CACHE", str(tmp_path_factory.mktemp("cache")))
    visitor.open("global_view", rows="2", counting="paper")
    assert visitor.app.selectbox(key="global.counting").value == "paper"
    assert visitor.reads("2 rows · seed 0 · NID's top 100")
    assert dict(visitor.app.query_params)["counting"] == "paper"
    (table,) = (table.value for table in visitor.app.dataframe if "p, adjusted" in table.value)
    assert len(table) > 20  # of NID's ranking, whatever its sets gain
    # Glider's count of the same rows comes with one press, and then both stand side by side.
    assert len(tables(visitor, "counted")[0]) == 1
    visitor.app.button(key="global.other").click()
    visitor.draw().settle()
    assert visitor.app.selectbox(key="global.counting").value == "gates"
    (ways,), (both,) = tables(visitor, "counted"), tables(visitor, "rows, paper")
    assert [float(value) for value in ways["sets a row"]] == sorted(float(value) for value in ways["sets a row"])
    assert list(ways["significant above"]) == ["2 rows", "2 rows"]  # of two rows nothing is significant
    runs = [run.result for run in visitor.state("glider.global").visit.history.values()]
    counts = {" × ".join(each.names): each.count for each in runs[0].interactions}
    for fields, count in zip(both["fields"], both["rows, paper"], strict=True):
        assert count == counts.get(fields, 0)
    assert set(both["rows, Glider"]) - {0}


def tables(visitor: Visitor, column: str) -> list[Any]:
    """Tables that have this column."""
    return [table.value for table in visitor.app.dataframe if column in table.value]
