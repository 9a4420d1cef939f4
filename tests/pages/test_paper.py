"""What the paper's method finds, one click away in the details of a result."""

from typing import Any

from tests.pages.conftest import Visitor


def test_the_papers_rankings_stand_beside_the_result(visitor: Visitor) -> None:
    visitor.open("sentiment", text="The jokes in this film never fail to work.", masks="600")
    assert not visitor.state("glider.sentiment").outcomes[""].beside
    visitor.press("Find").settle()
    both = visitor.state("glider.sentiment").outcomes[""].beside
    assert [beside.detector for beside in both] == ["NID", "GradientNID"]
    names = visitor.state("glider.sentiment").outcomes[""].shown.explanation.names
    tables: list[Any] = [table.value for table in visitor.app.dataframe if "passes" in table.value.columns]
    assert len(tables) == 2
    for table, beside in zip(tables, both, strict=True):
        assert table["set"][0] == " · ".join(names[i] for i in beside.ranking[0].features)
        assert any(str(above) != "–" for above in table["above"])  # some of it stands in the result, too
    # Another input has other findings.
    visitor.app.text_area[0].set_value("The film is not good at all.")
    visitor.draw().press("Run").settle()
    assert visitor.state("glider.sentiment").outcomes[""].beside is None
