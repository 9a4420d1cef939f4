"""Numbers for people: the sign in front, and the minus that is one."""

import pandas as pd

from glider_core.numerals import number, signed
from pages.parts.signs import with_signs


def test_signs_are_written_out() -> None:
    assert (signed(0.5), signed(-0.5), signed(1.23456, 3)) == ("+0.50", "−0.50", "+1.235")
    assert (number(0.5), number(-0.5, 1)) == ("0.50", "−0.5")


def test_a_table_shows_a_minus_and_keeps_its_numbers() -> None:
    styled = with_signs(pd.DataFrame({"set": ["a-b", "c"], "effect": [-0.3, None]}), {"effect": 2})
    assert styled.data["effect"].tolist()[0] == -0.3  # type: ignore[attr-defined]
    shown = styled.to_html()
    assert all(part in shown for part in ("−0.30", "a-b"))
    assert "nan" not in shown
