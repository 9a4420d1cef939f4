"""Numbers of tables written as everywhere else, with a minus as wide as a plus; they sort as the numbers they are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
from pandas.io.formats.style import Styler

from glider_core.numerals import signed


def with_signs(table: pd.DataFrame, digits: Mapping[str, int]) -> Styler:
    """The table for `st.dataframe`, whose columns named in `digits` show a sign and so many decimals."""
    written = {name: partial(signed, digits=places) for name, places in digits.items()}
    return table.style.format(written, na_rep="")  # type: ignore[arg-type]  # functions of a value, as documented
