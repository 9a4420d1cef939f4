"""The numbers of crosses as Polars expressions: in this process, or as a module that needs Polars alone."""

from __future__ import annotations

import inspect
import math
import pprint
from typing import Any

from glider_core.errors import InvalidInput
from glider_core.tables.cross_numbers import CrossNumbers
from glider_core.tables.cross_sql import plain_values
from glider_core.tables.crosses import title_of

_HEAD = '''"""Numbers of feature crosses as Polars expressions; written by Glider.

table.with_columns(EXPRESSIONS) has what CrossNumbers.transform gives for new rows.
"""

import polars as pl

'''


def cross_expressions(numbers: CrossNumbers) -> list[Any]:
    """A Polars expression for each cross, under its name, that gives what `CrossNumbers.transform` does.

    Raises:
        InvalidInput: Polars is not installed; a field holds dates or values of several types; a cross has more
            combinations than 64 bits can number.
    """
    try:
        import polars  # noqa: F401
    except ImportError:
        raise InvalidInput("Polars is not installed; `pip install polars` brings it.") from None
    return _expressions(_plain(numbers))


def cross_module(numbers: CrossNumbers) -> str:
    """The source of a module with `EXPRESSIONS`, which are those of `cross_expressions`.

    Raises:
        InvalidInput: as for `cross_expressions`, but Polars need not be installed.
    """
    source = inspect.getsource(_expressions).replace("    import polars as pl\n\n", "")
    data = pprint.pformat(_plain(numbers), compact=True, width=120, sort_dicts=False)
    return f"{_HEAD}\n{source}\n\nCROSSES = {data}\n\nEXPRESSIONS = _expressions(CROSSES)\n"


def _plain(numbers: CrossNumbers) -> list[dict[str, object]]:
    """Each cross in lists of numbers and texts: its fields, and a number for each combination of codes."""
    fields: dict[str, dict[str, object]] = {}
    for name, field in numbers.fields_.items():
        codes = field.coarse.tolist()
        if field.fine.values is None:
            assert field.fine.edges is not None
            plain = {"edges": field.fine.edges.tolist()}
        else:
            plain = {"values": plain_values(name, field, field.fine.values), "column": field.column}
        fields[name] = {"name": name, **plain, "coarse": codes, "sizes": (len(codes), max(codes) + 1)}
    crosses = []
    for cross in numbers.tables_:
        own: list[Any] = [fields[name] for name in cross.fields]
        if any(math.prod(field["sizes"][which] for field in own) >= 2**63 for which in (0, 1)):
            raise InvalidInput(f"{title_of(cross.fields)[:80]} has more combinations than Polars can number.")
        levels = []
        for which, codes, values in ((0, cross.fine, cross.numbers), (1, cross.coarse, cross.coarse_numbers)):
            keys = [0] * len(values)
            for position, field in enumerate(own):
                size = field["sizes"][which]
                keys = [key * size + code for key, code in zip(keys, codes[:, position].tolist(), strict=True)]
            levels.append({"keys": keys, "numbers": values.tolist()})
        crosses.append({"name": title_of(cross.fields), "fields": own, "levels": levels})
    return crosses


def _expressions(crosses):  # goes out as source, beside its data
    import polars as pl

    def code(field):
        column = pl.col(field["name"])
        if "edges" in field:
            column = column.cast(pl.Float64).fill_nan(None)
            above = [(column >= edge).cast(pl.Int64) for edge in field["edges"]]
            return pl.when(column.is_null()).then(0).otherwise(pl.sum_horizontal(pl.lit(1, pl.Int64), *above))
        values = field["values"]
        kind = pl.String
        if field["column"] == "text":
            column = column.cast(pl.String).str.strip_chars()
            column = pl.when(column == "").then(None).otherwise(column)
        elif field["column"] == "boolean":
            kind, column = pl.Boolean, column.cast(pl.Boolean)
        elif all(value is None or (isinstance(value, int) and abs(value) < 2**53) for value in values):
            kind, column = pl.Float64, column.cast(pl.Float64).fill_nan(None)
        else:
            kind = pl.Int64 if all(value is None or isinstance(value, int) for value in values) else pl.Float64
            column = column.cast(kind) if kind == pl.Int64 else column.cast(kind).fill_nan(None)
        known = [number for number, value in enumerate(values) if value is not None]
        found = pl.lit(-1, pl.Int64)
        if known:
            old = pl.Series([values[number] for number in known], dtype=kind)
            found = column.replace_strict(old, pl.Series(known), default=-1, return_dtype=pl.Int64)
        missing = next((number for number, value in enumerate(values) if value is None), -1)
        return pl.when(column.is_null()).then(missing).otherwise(found)

    def numbers(cross, which):
        level, key, known = cross["levels"][which], pl.lit(0, pl.Int64), pl.lit(True)
        for field in cross["fields"]:
            own = code(field)
            if which:
                coarse = field["coarse"]
                own = own.replace_strict(list(range(len(coarse))), coarse, default=coarse[-1], return_dtype=pl.Int64)
            known = known & (own >= 0)
            key = key * field["sizes"][which] + own
        if not level["keys"]:
            return pl.lit(None, pl.Float64)
        found = key.replace_strict(level["keys"], level["numbers"], default=None, return_dtype=pl.Float64)
        return pl.when(known).then(found).otherwise(None)

    return [pl.coalesce(numbers(c, 0), numbers(c, 1), pl.lit(0.0)).alias(c["name"]) for c in crosses]
