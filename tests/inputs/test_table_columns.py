# ruff: noqa: E501 (a case a line)
# pyright: reportGeneralTypeIssues=false, reportArgumentType=false, reportCallIssue=false
"""Columns as people write them: numbers, codes, dates, marks for "no value", ids; each read right, and said."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from glider_core.tables.assumptions import Assumptions
from glider_core.tables.dates import with_date_parts
from glider_core.tables.fields import as_read, encode, learn_fields, with_readings
from glider_core.tables.read import read_table
from glider_core.tables.target import guess_target
from glider_core.tables.values import MISSING, guess_columns, texts
from tests.inputs.table_files import ROWS, only

NA = None
TEXT, NUMBER, DATE = "text", "number", "date"

# What the cells are, with what divides the columns; what they are read as, their first values, and what is said.
CELLS: list[Any] = [
    pytest.param(["1", "2", "3"], ",", NUMBER, [1, 2, 3], "", id="whole"),
    pytest.param(["1.5", "2", "-3.25"], ",", NUMBER, [1.5, 2, -3.25], "", id="decimal-point"),
    pytest.param(["1,5", "2", "-3,25"], ";", NUMBER, [1.5, 2, -3.25], "", id="decimal-comma"),
    pytest.param(['"1,5"', "2", '"3,25"'], ",", NUMBER, [1.5, 2, 3.25], "", id="decimal-comma-in-a-comma-file"),
    pytest.param(["1.234,50", "12,00", "5,00"], ";", NUMBER, [1234.5, 12, 5], "", id="european"),
    pytest.param(['"1,234.50"', "12.00", "5.00"], ",", NUMBER, [1234.5, 12, 5], "", id="american"),
    pytest.param(['"1,329"', "768", "41"], ",", NUMBER, [1329, 768, 41], "1,329 may be 1329 or 1.329; it is read as 1329", id="thousands-comma"),
    pytest.param(["1,329", "768", "41"], ";", NUMBER, [1329, 768, 41], "may be 1329 or 1.329", id="thousands-comma-in-a-semicolon-file"),
    pytest.param(["0,329", "0,768", "0,041"], ";", NUMBER, [0.329, 0.768, 0.041], "", id="three-decimals"),
    pytest.param(["1,329", "1768", "41"], ";", NUMBER, [1.329, 1768, 41], "", id="no-thousands-beside-1768"),
    pytest.param(["1.234.567", "12.000", "5"], ";", NUMBER, [1234567, 12000, 5], "", id="thousands-points"),
    pytest.param(["1.234", "2.345", "5.5"], ",", NUMBER, [1.234, 2.345, 5.5], "", id="three-decimals-point"),
    pytest.param(["1 234 567", "12 000", "5"], ";", NUMBER, [1234567, 12000, 5], "", id="thousands-blanks"),
    pytest.param(["1\u00a0234,5", "12\u202f000,5", "5"], ";", NUMBER, [1234.5, 12000.5, 5], "", id="thousands-no-break-blanks"),
    pytest.param(["1'234.50", "12’000", "5"], ",", NUMBER, [1234.5, 12000, 5], "", id="swiss"),
    pytest.param(['"12,34,567"', '"1,00,000"', "5"], ",", NUMBER, [1234567, 100000, 5], "", id="lakh"),
    pytest.param(["5 %", "12%", "3.5 %"], ",", NUMBER, [5, 12, 3.5], "5 % is read as 5", id="percent"),
    pytest.param(["€ 12", "€ 3.50", "€ 0"], ",", NUMBER, [12, 3.5, 0], "Amounts in €", id="currency-before"),
    pytest.param(["12,00 €", "1.300,50 €", "3 €"], ";", NUMBER, [12, 1300.5, 3], "Amounts in €", id="currency-behind"),
    pytest.param(['"$1,200"', "-$5", "$-7"], ",", NUMBER, [1200, -5, -7], "Amounts in $", id="dollars"),
    pytest.param(["€1.234", "€2.500"], ";", NUMBER, [1234, 2500], "may be 1234 or 1.234; it is read as 1234", id="thousands-of-euro"),
    pytest.param(["12 USD", "5 USD", "7 USD"], ",", NUMBER, [12, 5, 7], "Amounts in USD", id="currency-code"),
    pytest.param(["(12)", "7", "(3)"], ",", NUMBER, [-12, 7, -3], "", id="accounting"),
    pytest.param(["−12", "+7", "3"], ",", NUMBER, [-12, 7, 3], "", id="minus-sign"),
    pytest.param(["1e-7", "2.5E+3", "1"], ",", NUMBER, [1e-7, 2500, 1], "", id="exponents"),
    pytest.param(["1e25", "1.01e25", "3e25"], ",", NUMBER, [1e25, 1.01e25, 3e25], "beyond 2^53", id="beyond-2^63"),
    pytest.param(["inf", "-inf", "1"], ",", NUMBER, [np.inf, -np.inf, 1], "", id="infinite"),
    pytest.param(["1", "", "3"], ",", NUMBER, [1, NA, 3], "", id="blank-among-numbers"),
    pytest.param(["1", "NA", "3"], ",", NUMBER, [1, NA, 3], "40 cells are no number (“NA”) and read as missing", id="na-among-numbers"),
    pytest.param(["1.5", "n/a", "?"], ",", NUMBER, [1.5, NA, NA], "no number", id="marks-among-numbers"),
    pytest.param(["1", "#N/A", "#DIV/0!"], ",", NUMBER, [1, NA, NA], "no number", id="errors-of-excel"),
    pytest.param(["€ 12", "$ 3", "€ 4"], ",", TEXT, ["€ 12", "$ 3"], "several currencies", id="two-currencies"),
    pytest.param(["5 %", "0.05", "7 %"], ",", TEXT, ["5 %", "0.05"], "some have none", id="percent-and-none"),
    pytest.param(["1", "2", "3", "four"], ",", TEXT, ["1", "2", "3", "four"], "“four” in line 5 is no number", id="a-word-among-numbers"),
    pytest.param(["1.5", "1,5", "2"], ";", TEXT, ["1.5", "1,5", "2"], "is no number", id="point-and-comma"),
    pytest.param(["01234", "1234", "001234"], ",", TEXT, ["01234", "1234", "001234"], "leading zeros", id="leading-zeros"),
    pytest.param(["00", "01", "23"], ",", TEXT, ["00", "01", "23"], "leading zeros", id="hours-as-codes"),
    pytest.param(["+49301234567", "+4915112345", "+393331234"], ",", TEXT, ["+49301234567"], "telephone", id="telephone"),
    pytest.param(["9007199254740993", "9007199254740992", "5"], ",", TEXT, ["9007199254740993", "9007199254740992"], "2^53", id="beyond-2^53"),
    pytest.param(["12345678901234567890123", "5", "6"], ",", TEXT, ["12345678901234567890123"], "2^53", id="beyond-2^63-whole"),
    pytest.param(["9007199254740993.0", "9007199254740992.0", "5.0"], ",", TEXT, ["9007199254740993.0"], "2^53", id="floats-beyond-2^53"),
    pytest.param(["0x1F", "0x2A", "0xFF"], ",", TEXT, ["0x1F", "0x2A"], "", id="hexadecimal"),
    pytest.param(["12E", "3F", "1A"], ",", TEXT, ["12E", "3F"], "", id="gates"),
    pytest.param(["192.168.0.1", "10.0.0.1", "8.8.8.8"], ",", TEXT, ["192.168.0.1"], "", id="addresses"),
    pytest.param(["1-2", "3-4", "5-6"], ",", TEXT, ["1-2"], "", id="ranges"),
    pytest.param(["12:30", "08:15", "23:59"], ",", TEXT, ["12:30"], "", id="times-of-day"),
    pytest.param(["True", "False", "True"], ",", TEXT, ["True", "False"], "", id="bools"),
    pytest.param(["NA", "DE", "FR"], ",", TEXT, ["NA", "DE", "FR"], "“NA” (40 rows) is kept as a value", id="namibia"),
    pytest.param(["None", "few", "many"], ",", TEXT, ["None", "few", "many"], "is kept as a value", id="none-as-a-value"),
    pytest.param(["null", "NaN", "x"], ",", TEXT, ["null", "NaN", "x"], "kept as a value", id="null-and-nan"),
    pytest.param(["x", "", "y"], ",", TEXT, ["x", NA, "y"], "", id="blank-among-texts"),
    pytest.param(["(missing)", "", "y"], ",", TEXT, ["(missing)", NA, "y"], "", id="a-value-called-missing"),
    pytest.param(["(other)", "x", "y"], ",", TEXT, ["(other)", "x", "y"], "", id="a-value-called-other"),
    pytest.param(["", "", ""], ",", TEXT, [NA, NA], "", id="all-blank"),
    pytest.param(["2024-01-05", "2023-12-31", "2024-02-29"], ",", DATE, ["2024-01-05", "2023-12-31"], "", id="iso-dates"),
    pytest.param(["2024-01-05 10:30", "2023-12-31 23:59:59", "2024-02-29T00:00"], ",", DATE, ["2024-01-05 10:30"], "", id="iso-times"),
    pytest.param(["2024-01-05T10:30:00Z", "2024-01-05T10:30:00+02:00", "2024-01-05T10:30:00Z"], ",", DATE, ["2024-01-05 10:30", "2024-01-05 08:30"], "turned into UTC", id="zones"),
    pytest.param(["31.12.2023", "05.01.2024", "29.02.2024"], ";", DATE, ["2023-12-31", "2024-01-05"], "", id="german-dates"),
    pytest.param(["12/31/2023", "01/05/2024", "2/29/2024"], ",", DATE, ["2023-12-31", "2024-01-05"], "", id="american-dates"),
    pytest.param(["31/12/2023", "05/01/2024", "29/2/2024"], ",", DATE, ["2023-12-31", "2024-01-05"], "", id="british-dates"),
    pytest.param(["01/02/2024", "05/01/2024", "03/03/2024"], ",", DATE, ["2024-02-01", "2024-01-05"], "may have the day or the month first", id="dates-that-may-be-either"),
    pytest.param(["5 Jan 2024", "31 Dec 2023", "1 Feb 2024"], ",", DATE, ["2024-01-05", "2023-12-31"], "", id="dates-with-months"),
    pytest.param(["05-Jan-24", "31-Dec-23", "01-Feb-24"], ",", DATE, ["2024-01-05", "2023-12-31"], "", id="oracle-dates"),
    pytest.param(["2024/01/05 10:00", "2023/12/31 23:00", "2024/02/01 00:00"], ",", DATE, ["2024-01-05 10:00"], "", id="japanese-dates"),
    pytest.param(["1/5/2024 5:30 PM", "12/31/2023 12:01 AM", "2/1/2024 1:00 AM"], ",", DATE, ["2024-01-05 17:30", "2023-12-31 00:01"], "", id="am-and-pm"),
    pytest.param(["2024-01-05", "", "NA"], ",", DATE, ["2024-01-05", NA, NA], "no dates", id="dates-with-gaps"),
    pytest.param(["2024-01-05", "soon", "later"], ",", TEXT, ["2024-01-05", "soon"], "", id="dates-and-words"),
    pytest.param(["2024-02-30", "2024-13-01", "2024-01-01"], ",", TEXT, ["2024-02-30"], "", id="days-that-are-not"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "sep", "kind", "values", "says"), CELLS)
def test_cells_are_read_as_they_were_meant(cells: list[str], sep: str, kind: str, values: list[Any], says: str) -> None:
    found, told = read_table(only(("x", cells), ("other", ["u", "v"]), sep=sep).encode(), "a.csv")
    column = found["x"]
    reading = told.reading("x")
    assert reading is not None
    assert reading.kind == kind
    if kind == DATE:
        expected = [pd.NaT if value is NA else pd.Timestamp(value) for value in values]
        assert [repr(value) for value in column[: len(values)]] == [repr(value) for value in expected]
    else:
        assert [NA if pd.isna(value) else value for value in column[: len(values)]] == values
    notes = " ".join(note.text for note in told.notes if note.column == "x")
    assert says in notes if says else not notes
    # A cell alone is read as in its column.
    for cell, value in zip(cells, column, strict=False):
        alone = reading.value(cell.strip('"'))
        assert (pd.isna(alone) and pd.isna(value)) or alone == value


def test_the_decimal_mark_of_other_columns_decides_for_a_doubtful_one() -> None:
    text = only(("many", ["1.234", "2.345"]), ("price", ["3,5", "17,25"]), sep=";")
    found, told = read_table(text.encode(), "a.csv")
    assert found["many"][:2].tolist() == [1234, 2345]
    assert "it is read as 1234" in " ".join(note.text for note in told.notes)
    point = read_table(text.encode(), "a.csv", Assumptions(decimal=".")).table
    assert point["many"][:2].tolist() == [1.234, 2.345]
    assert point["price"][:2].tolist() == ["3,5", "17,25"]


def test_every_assumption_can_be_corrected() -> None:
    text = only(("zip", ["01234", "99"]), ("amount", ["1,329", "768"]), ("land", ["NA", "DE"]), sep=";").encode()
    found, told = read_table(text, "a.csv", Assumptions(decimal=",", missing=("NA",)))
    assert found["amount"][:2].tolist() == [1.329, 768]
    assert found["land"][:2].tolist() == [None, "DE"]
    as_number = read_table(text, "a.csv", told.with_column("zip", "number")).table
    assert as_number["zip"][:2].tolist() == [1234, 99]
    as_text = read_table(text, "a.csv", told.with_column("amount", "text")).table
    assert as_text["amount"][:2].tolist() == ["1,329", "768"]
    headless = read_table(text, "a.csv", Assumptions(header=False)).table
    assert headless.iloc[0].tolist() == ["zip", "amount", "land", "y"]
    below = read_table(text, "a.csv", Assumptions(skip=1, header=False)).table
    assert len(below) == ROWS


GUESSES: list[Any] = [
    pytest.param(list(range(ROWS)), None, "numbers the rows", id="row-numbers"),
    pytest.param([5 + 3 * i for i in range(ROWS)], None, "numbers the rows", id="row-numbers-in-threes"),
    pytest.param(np.random.default_rng(0).permutation(ROWS), None, "numbers the rows", id="shuffled-row-numbers"),
    pytest.param(np.random.default_rng(0).integers(10**6, 10**7, ROWS), None, "as ids do", id="whole-ids"),
    pytest.param([f"user {i}" for i in range(ROWS)], None, "have a value of their own", id="names"),
    pytest.param([f"{2**60 + i}" for i in range(ROWS)], None, "have a value of their own", id="long-ids"),
    pytest.param(["x"], None, "same value in all rows", id="constant"),
    pytest.param([7], None, "same value in all rows", id="constant-number"),
    pytest.param([""], None, "no value in any row", id="empty"),
    pytest.param(["x", ""], "categorical", "", id="constant-or-missing"),
    pytest.param(np.random.default_rng(0).normal(size=ROWS).round(6), "dense", "", id="measures"),
    pytest.param([f"{i * 37 % 4000:,}".join('""') for i in range(ROWS)], "dense", "", id="amounts-with-thousands"),
    pytest.param([f"€ {i * 37 % 4000}" for i in range(ROWS)], "dense", "Amounts in €", id="amounts-in-euro"),
    pytest.param(list(range(40)), "dense", "", id="ages"),
    pytest.param([1, 2, 3], "categorical", "", id="few-numbers"),
    pytest.param([f"2024-0{1 + i % 3}-1{i % 9}" for i in range(9)], None, "a date, whose month, weekday can be used", id="dates"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "kind", "says"), GUESSES)
def test_fields_are_chosen_with_a_reason(cells: Any, kind: str | None, says: str) -> None:
    table, told = read_table(only(("x", list(cells)), ("other", ["u", "v", "w"])).encode(), "a.csv")
    guesses = guess_columns(with_date_parts(table), told)
    assert guesses["x"].kind == kind
    assert says in guesses["x"].reason
    assert guess_target(table) == "y"


def test_an_index_without_a_name_is_no_field() -> None:
    lines = ["Unnamed: 0,a,y", *(f"{i},{i % 3},{i % 2}" for i in range(ROWS))]
    table, told = read_table("\n".join(lines).encode(), "a.csv")
    assert guess_columns(table, told)["Unnamed: 0"] == guess_columns(table)["Unnamed: 0"]
    assert guess_columns(table)["Unnamed: 0"].kind is None
    assert "numbers the rows" in guess_columns(table)["Unnamed: 0"].reason


def test_a_copy_of_a_column_is_left_out() -> None:
    table, told = read_table(b"a,a,y\n" + b"1,1,0\n3,3,1\n" * 60, "a.csv")
    assert guess_columns(table, told)["a (2)"].kind is None
    assert "same values as “a”" in guess_columns(table, told)["a (2)"].reason


def test_parts_of_dates_vary_or_are_not_offered() -> None:
    table, _ = read_table(only(("when", ["2024-01-05 10:00", "2024-01-06 23:30"]), ("b", [1, 2])).encode(), "a.csv")
    parts = with_date_parts(table)
    assert [name for name in parts if name.startswith("when")] == ["when", "when: weekday", "when: hour"]
    assert parts["when: weekday"][:2].tolist() == ["Friday", "Saturday"]
    assert parts["when: hour"][:2].tolist() == [10, 23]


OPEN = ["03/04/2024", "05/06/2024", "07/07/2024"]


def test_dates_that_leave_day_and_month_open_are_said_and_can_be_switched() -> None:
    text = only(("when", OPEN), ("b", [1, 2])).encode()
    table, told = read_table(text, "a.csv")
    assert table["when"][:2].tolist() == [pd.Timestamp(2024, 4, 3), pd.Timestamp(2024, 6, 5)]
    assert told.day_first is True
    assert "dates with the day first" in told.words()
    assert [note.text for note in told.notes if note.column == "when"] == [
        "03/04/2024 may have the day or the month first; it is read with the day first."
    ]
    for known in (Assumptions(day_first=False), told.changed(day_first=False)):
        table, told = read_table(text, "a.csv", known)
        assert table["when"][:2].tolist() == [pd.Timestamp(2024, 3, 4), pd.Timestamp(2024, 5, 6)]
        assert "read with the month first" in str(told.notes)
        assert told.reading("when").value("08/09/2024") == pd.Timestamp(2024, 8, 9)  # type: ignore[union-attr]


def test_other_dates_of_the_file_tell_what_comes_first() -> None:
    text = only(("when", OPEN), ("other", ["12/31/2023", "01/02/2024"])).encode()
    table, told = read_table(text, "a.csv")
    assert table["when"][0] == pd.Timestamp(2024, 3, 4)
    assert told.day_first is False
    assert "read with the month first" in str(told.notes)
    table, told = read_table(text, "a.csv", Assumptions(day_first=True))
    assert table["when"][0] == pd.Timestamp(2024, 4, 3)
    assert table["other"][0] == pd.Timestamp(2023, 12, 31)  # nothing is open there


@pytest.mark.parametrize("cells", [["03/04/2024", "25/04/2024"], ["2024-03-04", "2024-05-06"], ["07/07/2024"]])
def test_dates_that_tell_themselves_need_no_word(cells: list[str]) -> None:
    _, told = read_table(only(("when", cells), ("b", [1, 2])).encode(), "a.csv")
    assert told.day_first is None
    assert "first; it is read" not in str(told.notes)


def test_our_own_marks_are_values_of_their_own() -> None:
    column = pd.Series(["(missing)", None, '"(missing)"', "(other)"], dtype=object)
    assert len(set(texts(column))) == 4
    assert texts(column)[1] == MISSING


@pytest.mark.parametrize("raw", ["1.234,50 €", " 1.234,50 € "])
def test_a_row_alone_is_read_as_in_its_table(raw: str) -> None:
    cells = ["1.234,50 €", "12,00 €", "3,25 €"]
    text = only(("price", cells), ("zip", ["007", "0815"]), ("when", ["31.12.2023", "05.01.2024"]), sep=";")
    table, told = read_table(text.encode(), "a.csv")
    table = with_date_parts(table)
    kinds: Any = {"price": "dense", "zip": "categorical", "when: month": "categorical", "when: weekday": "categorical"}
    fields = with_readings(learn_fields(table, kinds), told)
    alone = pd.DataFrame([{"price": raw, "zip": " 007", "when: month": 12, "when: weekday": "Sunday"}])
    bulk, one = encode(table, fields), encode(as_read(alone, fields), fields)
    assert np.array_equal(one.ids[0], bulk.ids[0])
    assert np.array_equal(one.dense[0], bulk.dense[0])
    assert fields[2].from_date("31.12.2023") == 12
    again = type(fields[0]).from_dict(json.loads(json.dumps(_plain(fields[2]))))
    assert again == fields[2]


def _plain(field: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(field)
