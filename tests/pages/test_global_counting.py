"""The paper's way of counting, on the Global view."""

from __future__ import annotations

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
