import csv
import io

import numpy as np
import pandas as pd

from glider_core.tables.export import csv_text


def test_no_text_of_a_csv_is_a_formula() -> None:
    table = pd.DataFrame(
        {
            "=HYPERLINK(1)": ["=1+1", "+x", "-x", "@sum", "\tx", "\rx", "plain", "a=b", None],
            "effect": [-1.5, 2, np.nan, 0, 0, 0, 0, 0, 0],
        }
    )
    rows = list(csv.reader(io.StringIO(csv_text(table))))
    assert rows[0] == ["'=HYPERLINK(1)", "effect"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+x", "'-x", "'@sum", "'\tx", "'\rx", "plain", "a=b", ""]
    assert rows[1][1] == "-1.5"  # a number is a number
    assert table.columns[0] == "=HYPERLINK(1)"
