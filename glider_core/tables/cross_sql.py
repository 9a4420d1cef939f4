"""The numbers of crosses as one SQL statement, for wherever a pipeline's rows lie.

Standard SQL that PostgreSQL, DuckDB and SQLite (from 3.39) run: a small table for each field and each cross, joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.tables.cross_numbers import CrossNumbers
from glider_core.tables.cross_tables import CrossedField
from glider_core.tables.crosses import title_of
from glider_core.tables.values import MISSING


def cross_sql(numbers: CrossNumbers, table: str = "rows") -> str:
    """A query that gives all columns of a table and those of the numbers, as `CrossNumbers.transform` does.

    Texts are read without the spaces around them, and blank ones as missing.

    Args:
        numbers: fitted.
        table: its name, which is put in quotes; the rows come in no order.

    Raises:
        InvalidInput: a field holds what SQL cannot read as training did: dates, or values of several types.
    """
    position = {name: number for number, name in enumerate(numbers.fields_)}
    tables, joins, columns = [], [], []
    for name, field in numbers.fields_.items():
        if field.fine.values is not None:
            number = position[name]
            rows = (
                (literal, str(code), str(field.coarse[code]))
                for code, literal in enumerate(_literals(name, field, field.fine.values))
            )
            tables.append(_values(f"f{number}", ("value", "code", "coarse"), rows))
            joins.append(f"LEFT JOIN f{number} ON {_read(name, field)} IS NOT DISTINCT FROM f{number}.value")
    for number, cross in enumerate(numbers.tables_):
        for letter, codes, values in (("c", cross.fine, cross.numbers), ("r", cross.coarse, cross.coarse_numbers)):
            if not len(values):
                codes, values = np.full((1, len(cross.fields)), -9), np.zeros(1)  # VALUES needs a row; none has it
            keys = [f"k{place}" for place in range(len(cross.fields))]
            tables.append(_values(f"{letter}{number}", (*keys, "number"), _rows(codes, values)))
            own = (_code(n, numbers.fields_[n], position[n], coarse=letter == "r") for n in cross.fields)
            on = (f"{letter}{number}.k{place} = {code}" for place, code in enumerate(own))
            joins.append(f"LEFT JOIN {letter}{number} ON {' AND '.join(on)}")
        columns.append(
            f"COALESCE(c{number}.number, r{number}.number, CAST(0 AS DOUBLE PRECISION)) AS "
            f"{quoted(title_of(cross.fields))}"
        )
    return (
        "WITH "
        + ",\n".join(tables)
        + "\nSELECT t.*,\n  "
        + ",\n  ".join(columns)
        + f"\nFROM {quoted(table)} AS t\n"
        + "\n".join(joins)
        + "\n"
    )


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace("\x00", "").replace('"', '""') + '"'


def _read(name: str, field: CrossedField) -> str:
    column = f"t.{quoted(name)}"
    return f"NULLIF(TRIM(CAST({column} AS VARCHAR)), '')" if field.column == "text" else column


def _code(name: str, field: CrossedField, number: int, *, coarse: bool) -> str:
    if field.fine.values is not None:
        return f"COALESCE(f{number}.coarse, {field.coarse[-1]})" if coarse else f"f{number}.code"
    assert field.fine.edges is not None
    column, edges = f"t.{quoted(name)}", field.fine.edges.tolist()
    codes = field.coarse.tolist() if coarse else list(range(len(edges) + 2))
    cases = " ".join(f"WHEN {column} < {edge!r} THEN {codes[place]}" for place, edge in enumerate(edges, 1))
    return f"CASE WHEN {column} IS NULL THEN {codes[0]} {cases} ELSE {codes[len(edges) + 1]} END"


def _rows(codes: NDArray[np.int64], values: NDArray[np.float64]) -> Iterable[tuple[str, ...]]:
    for row, value in zip(codes.tolist(), values.tolist(), strict=True):
        yield (*map(str, row), f"CAST({value!r} AS DOUBLE PRECISION)")


def _values(name: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> str:
    body = ",\n".join(f"  ({', '.join(row)})" for row in rows)
    return f"{name}({', '.join(columns)}) AS (VALUES\n{body})"


def _literals(name: str, field: CrossedField, values: Iterable[str]) -> list[str]:
    return [_literal(value) for value in plain_values(name, field, values)]


def plain_values(name: str, field: CrossedField, values: Iterable[str]) -> list[Any]:
    """The values of a category as its column holds them, None where one is missing.

    Raises:
        InvalidInput: only Python can read the column as training did.
    """
    if field.column == "mixed":
        raise InvalidInput(
            f"The field {name[:60]!r} holds dates or values of several types, which are read by Python alone; turn it "
            "into text or numbers before, and learn the crosses anew."
        )
    if field.column == "boolean":
        return [None if value == MISSING else value == "True" for value in values]
    if field.column == "number":
        return [None if value == MISSING else _number(value) for value in values]
    return [None if value == MISSING else _unquoted(value) for value in values]


def _number(value: str) -> int | float:
    try:
        return int(value)
    except ValueError:
        return float(value)


def _unquoted(value: str) -> str:
    """A text that reads like the mark for a missing value is kept in quotes; this is the text itself."""
    return value[1:-1] if value.strip('"') == MISSING else value


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        if "\x00" in value:
            raise InvalidInput("A category has a zero byte in it, which SQL cannot hold.")
        return "'" + value.replace("'", "''") + "'"
    return repr(value)
