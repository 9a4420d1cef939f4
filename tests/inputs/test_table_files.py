# ruff: noqa: E501 (a case a line)
# pyright: reportGeneralTypeIssues=false, reportArgumentType=false, reportCallIssue=false
"""Parquet, workbooks, archives and bombs; random tables written and read back; all of it through the page, too."""

from __future__ import annotations

import csv
import datetime
import io
import subprocess
import sys
import zipfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import glider_core as gl
from glider_core.domains.recommender.model import train_own
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.read import UnreadableTable, read_table
from glider_core.tables.values import guess_columns, informative
from tests.inputs.table_files import NAMES, PACKED, ROWS, frame, only, parquet, rows, sheet, table, workbook, zipped

CASES = Path(__file__).parents[3] / "shared" / "cases"


def arrow(name: str, values: list[Any], kind: Any) -> pa.Table:
    """The usual columns and this one, of an Arrow type."""
    column = pa.array([values[i % len(values)] for i in range(ROWS)], kind)
    return pa.Table.from_pandas(frame(), preserve_index=False).append_column(name, column)


DAY = datetime.date(2024, 1, 5)
NOON = datetime.datetime(2024, 1, 5, 12)
COLUMNS: list[Any] = [
    pytest.param([[1, 2], [3]], pa.list_(pa.int64()), None, "it holds lists", id="lists"),
    pytest.param([["x"], []], pa.large_list(pa.string()), None, "it holds lists", id="large-lists"),
    pytest.param([{"a": 1}, None], pa.struct([("a", pa.int64())]), None, "records", id="structs"),
    pytest.param([[("a", 1)]], pa.map_(pa.string(), pa.int64()), None, "maps", id="maps"),
    pytest.param([b"\xff\xfe", b"\x00"], pa.binary(), None, "bytes that are no text", id="bytes"),
    pytest.param([b"abcd", b"efgh"], pa.binary(4), None, "fixed length", id="fixed-bytes"),
    pytest.param([b"Rome", b"Oslo"], pa.binary(), ["Rome", "Oslo"], "read as text", id="texts-as-bytes"),
    pytest.param(["a", None], pa.string(), ["a", None], "", id="texts"),
    pytest.param(["a", None], pa.large_string(), ["a", None], "", id="large-texts"),
    pytest.param(["a", None], pa.string_view(), ["a", None], "", id="text-views"),
    pytest.param(["a", "b", None], pa.dictionary(pa.int8(), pa.string()), ["a", "b", None], "", id="categories"),
    pytest.param(["01", "2"], pa.string(), ["01", "2"], "kept as text, as the file says", id="numbers-as-texts"),
    pytest.param(["NA", "DE"], pa.string(), ["NA", "DE"], "kept as a value", id="na-as-a-value"),
    pytest.param(["", "x"], pa.string(), [None, "x"], "", id="empty-texts"),
    pytest.param([1, None], pa.int8(), [1, None], "", id="small-whole-numbers"),
    pytest.param([2**62 + 1, 2**62], pa.int64(), [2**62 + 1, 2**62], "", id="whole-beyond-2^53"),
    pytest.param([2**64 - 1, 5], pa.uint64(), [2**64 - 1, 5], "", id="whole-beyond-2^63"),
    pytest.param([1.5, None], pa.float32(), [1.5, None], "", id="single-precision"),
    pytest.param([1.5, 2.0], pa.float16(), [1.5, 2.0], "", id="half-precision"),
    pytest.param([1e25, 2e25], pa.float64(), [1e25, 2e25], "beyond 2^53", id="floats-beyond-2^63"),
    pytest.param([Decimal("1.50"), None], pa.decimal128(9, 2), [1.5, None], "", id="decimals"),
    pytest.param([Decimal("1.5"), Decimal("2.5")], pa.decimal256(40, 1), [1.5, 2.5], "about 16 are kept", id="long-decimals"),
    pytest.param([True, None], pa.bool_(), [True, None], "", id="bools"),
    pytest.param([DAY, None], pa.date32(), [pd.Timestamp(DAY), None], "", id="dates"),
    pytest.param([NOON], pa.timestamp("ns"), [pd.Timestamp(NOON)], "", id="times"),
    pytest.param([NOON], pa.timestamp("us", tz="Europe/Rome"), [pd.Timestamp(NOON)], "turned into UTC", id="times-with-a-zone"),
    pytest.param([datetime.time(3, 4)], pa.time64("us"), ["03:04:00"], "", id="times-of-day"),
    pytest.param([datetime.timedelta(minutes=2)], pa.duration("s"), [120.0], "in seconds", id="durations"),
    pytest.param([None], pa.null(), [None], "", id="nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "kind", "expected", "says"), COLUMNS)
def test_columns_of_parquet_are_read_by_their_type(values: list[Any], kind: Any, expected: Any, says: str) -> None:
    found, told = read_table(parquet(arrow("x", values, kind)), "a.parquet")
    notes = " ".join(note.text for note in told.notes if note.column == "x")
    assert says in notes if says else not notes
    assert list(found.columns) == [*NAMES, *(["x"] if expected else [])]
    if expected:
        assert [None if pd.isna(value) else value for value in found["x"][: len(expected)]] == expected
    guesses = guess_columns(found, told)  # nothing in it trips what follows
    assert set(guesses) == set(found.columns)


INDEXES: list[Any] = [
    pytest.param(frame().set_index("city"), ["city"], "The index of the pandas table", id="named"),
    pytest.param(frame().set_index(["city", "tier"]), ["city", "tier"], "The index of the pandas table", id="of-two"),
    pytest.param(frame().set_index(np.random.default_rng(0).permutation(ROWS)), ["__index_level_0__"], "which had no name", id="without-a-name"),
    pytest.param(frame().rename_axis("row"), [], "'row' only numbers the rows", id="named-numbers"),
    pytest.param(frame(), [], "", id="numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "columns", "says"), INDEXES)
def test_an_index_of_pandas_is_never_lost_in_silence(data: pd.DataFrame, columns: list[str], says: str) -> None:
    found, told = read_table(parquet(data), "a.parquet")
    assert set(found.columns) == {*NAMES, *columns}
    assert says in " ".join(note.text for note in told.notes)
    if "__index_level_0__" in found:
        assert guess_columns(found)["__index_level_0__"].kind is None


def test_two_columns_of_one_name_in_parquet_are_refused() -> None:
    data = pa.table([pa.array(range(ROWS))] * 3, names=["a", "a", "y"])
    with pytest.raises(gl.InvalidInput, match="Two columns are called 'a'"):
        read_table(parquet(data), "a.parquet")


SHEETS: list[Any] = [
    pytest.param({"Data": sheet()}, {}, ["sheet “Data”"], id="one-sheet"),
    pytest.param({"Empty": [], "Data": sheet()}, {}, ["sheet “Data” of 2", "Empty, Data"], id="the-first-is-empty"),
    pytest.param({"About": [["Sales of 2024"]], "Data": sheet()}, {}, ["sheet “Data” of 2"], id="the-first-is-a-title"),
    pytest.param({"Data": [["Sales of 2024"], [], *sheet()]}, {}, ["above the names"], id="title-above"),
    pytest.param({"Data": [["Sales"], ["by", "us"], *sheet()]}, {}, ["2 rows above"], id="two-titles-above"),
    pytest.param({"Data": [[*row, None, None] for row in sheet()]}, {}, ["sheet"], id="empty-columns-behind"),
    pytest.param({"Data": [[None, *row] for row in sheet()]}, {}, ["sheet"], id="empty-column-in-front"),
    pytest.param({"A": sheet(("z", [1])), "B": sheet()}, {"sheet": "B"}, ["sheet “B” of 2"], id="the-other-sheet"),
]  # fmt: skip


@pytest.mark.parametrize(("sheets", "known", "said"), SHEETS)
def test_workbooks_are_read_and_the_sheet_is_said(sheets: Any, known: dict[str, Any], said: list[str]) -> None:
    found, told = read_table(workbook(sheets), "a.xlsx", Assumptions(**known))
    expected = frame()
    for name in NAMES:
        assert (
            found[name].tolist() == pytest.approx(expected[name].tolist()) if name == "price" else list(expected[name])
        )
    words = " · ".join(told.words()) + " ".join(note.text for note in told.notes)
    assert [part for part in said if part not in words] == []


CELLS: list[Any] = [
    pytest.param(["01234", "99"], ["01234", "99"], "leading zeros", id="codes-as-texts"),
    pytest.param([1, "x"], ["1", "x"], "several kinds", id="numbers-and-texts"),
    pytest.param([1.5, None], [1.5, None], "", id="numbers-and-blanks"),
    pytest.param([1.234, 2.5], [1.234, 2.5], "", id="three-decimals"),
    pytest.param(["1.234,5", "2,5"], [1234.5, 2.5], "", id="numbers-as-texts"),
    pytest.param([NOON, None], [pd.Timestamp(NOON), None], "", id="dates"),
    pytest.param([True, False], ["True", "False"], "", id="bools"),
    pytest.param(["NA", "DE"], ["NA", "DE"], "kept as a value", id="namibia"),
    pytest.param([2**53 + 2.0, 1.0], [2.0**53 + 2, 1.0], "2^53", id="beyond-2^53"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "values", "says"), CELLS)
def test_cells_of_a_workbook_are_what_they_are(cells: list[Any], values: list[Any], says: str) -> None:
    found, told = read_table(workbook({"S": sheet(("x", cells))}), "a.xlsx")
    read = [None if pd.isna(value) else value for value in found["x"][: len(values)]]
    assert [float(v) if isinstance(w, float) else v for v, w in zip(read, values, strict=True)] == values
    notes = " ".join(note.text for note in told.notes)
    assert says in notes if says else not notes


def test_a_workbook_that_is_none_or_has_no_such_sheet_is_refused() -> None:
    book = workbook({"A": sheet(), "B": []})
    for content, known, words in (
        (book, {"sheet": "C"}, "no sheet 'C'; its sheets are: A, B"),
        (book, {"sheet": "B"}, "“B” is empty; choose another one: A, B"),
        (book[:-200], {}, "damaged|as a workbook"),
        (zipped(**{"xl/workbook_xml": b"<junk"}), {}, "as a workbook"),
    ):
        with pytest.raises(UnreadableTable, match=words) as caught:
            read_table(content, "a.xlsx", Assumptions(**known))
        assert not known or caught.value.assumptions.sheets == ("A", "B")


def bomb_of_dictionary() -> bytes:
    """A text of 10 KB, 400,000 times, as Parquet writes it: a few KB."""
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(400_000, np.int32)), pa.array(["x" * 10_000]))
    few = pa.array(np.arange(400_000) % 2)
    return parquet(pa.table({"a": column, "b": few, "y": few}), compression="zstd", store_schema=False)


def bomb_of_lists() -> bytes:
    """Forty million numbers in 200 lists."""
    values = pa.array(np.zeros(40_000_000, np.int64))
    lists = pa.LargeListArray.from_arrays(np.arange(0, 40_000_001, 200_000), values)
    few = pa.array(np.arange(200) % 2)
    return parquet(pa.table({"a": lists, "b": few, "c": few, "y": few}), compression="zstd")


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def bomb_of_a_workbook() -> bytes:
    """One text of 32 KB that 200,000 cells share."""
    book = zipfile.ZipFile(io.BytesIO(workbook({"S": [["x"] * 4] * 3})))
    file = io.BytesIO()
    row = "<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>"
    head = f'<worksheet xmlns="{MAIN}"><sheetData>'
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name in book.namelist():
            content = book.read(name)
            if name.endswith("sheet1.xml"):
                content = (head + row * 2000 + "</sheetData></worksheet>").encode()
            out.writestr(name, content)
        shared = f'<sst xmlns="{MAIN}"><si><t>{"x" * 32_000}</t></si></sst>'
        out.writestr("xl/sharedStrings.xml", shared)
    return file.getvalue()


LIMITED = """
import resource, sys
from glider_core.errors import InvalidInput
from glider_core.tables.read import read_table
import pyarrow.parquet, glider_core.tables.parquet_file
now = int(next(line for line in open("/proc/self/status") if line.startswith("VmSize")).split()[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (now + 800_000_000,) * 2)
for path in sys.argv[1:]:
    try:
        print("read", read_table(path).table.shape)
    except InvalidInput as error:
        print("refused", error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is Linux's")
def test_bombs_go_off_within_800_mb(tmp_path: Path) -> None:
    bombs = {
        "dictionary.parquet": (bomb_of_dictionary(), "refused", "500 MB of values"),
        "lists.parquet": (bomb_of_lists(), "read", "(200, 3)"),  # which are never decoded
        "texts.xlsx": (bomb_of_a_workbook(), "refused", "the workbook unpacks to more than"),
        "zeros.csv.gz": (PACKED["gzip"](b"0" * 210_000_000, 1), "refused", "unpacks to more than 200 MB"),
        "rows.csv.gz": (PACKED["gzip"](b"a,b,y\n" + b"1,2,3\n" * 1_200_000, 1), "refused", "more than 1,000,000 rows"),
    }
    if CASES.is_dir():
        bombs["shared.parquet"] = ((CASES / "bomb_str.parquet").read_bytes(), "refused", "500 MB of values")
    for name, (content, _, _) in bombs.items():
        assert len(content) < 2_000_000
        (tmp_path / name).write_bytes(content)
    paths = [str(tmp_path / name) for name in bombs]
    done = subprocess.run([sys.executable, "-c", LIMITED, *paths], capture_output=True, text=True, timeout=300)
    lines = done.stdout.splitlines()
    assert len(lines) == len(bombs), done.stdout + done.stderr[-2000:]
    for line, (_, outcome, words) in zip(lines, bombs.values(), strict=True):
        assert line.startswith(outcome)
        assert words in line


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp", "Co", "Cn"]), max_size=12)
WORDS = PRINTABLE.map(lambda word: " ".join(word.split()))


@st.composite
def dialects(draw: Any) -> dict[str, Any]:
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    return {
        "delimiter": delimiter,
        "quoting": draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC])),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
        "decimal": draw(st.sampled_from([".", ","])),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])),
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    dialect=dialects(),
    texts=st.lists(WORDS, min_size=2, max_size=8),
    floats=st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 2)), min_size=1, max_size=8),
    wholes=st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=8),
)
def test_a_table_is_what_was_written(
    dialect: dict[str, Any], texts: list[str], floats: list[float], wholes: list[int]
) -> None:
    """A random table in a random dialect, read back equal; what is known is said, and what is not is guessed."""
    n = 30
    out = io.StringIO()
    writer = csv.writer(out, **{k: v for k, v in dialect.items() if k not in ("decimal", "encoding")})
    writer.writerow(["text", "float", "whole", "y"])
    column = {
        name: [values[i % len(values)] for i in range(n)]
        for name, values in (("t", texts), ("f", floats), ("w", wholes))
    }
    for i in range(n):
        number = f"{column['f'][i]:.2f}".replace(".", dialect["decimal"])
        writer.writerow([column["t"][i], number, column["w"][i], i % 2])
    known = Assumptions(decimal=dialect["decimal"], comment="", skip=0, header=True, read_as=(("text", "text"),))
    found, told = read_table(out.getvalue().encode(dialect["encoding"]), "a.csv", known, least_rows=1)
    assert told.delimiter == dialect["delimiter"]
    assert list(found.columns) == ["text", "float", "whole", "y"]
    assert found["text"].tolist() == [text or None for text in column["t"]]
    assert found["float"].tolist() == pytest.approx(column["f"])
    assert found["whole"].tolist() == column["w"]


@settings(max_examples=80, deadline=None)
@given(content=st.one_of(st.binary(max_size=400), st.text(max_size=300).map(str.encode)))
def test_whatever_the_bytes_it_is_a_table_or_a_sentence(content: bytes) -> None:
    for name in ("a.csv", "a.parquet", "a.xlsx"):
        with suppress(gl.InvalidInput):
            read_table(content * 5, name, least_rows=1)


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(0, 3000), put=st.binary(max_size=4))
def test_a_damaged_file_is_read_or_refused_never_a_crash(cut: int, put: bytes) -> None:
    for content, name in ((parquet(frame(20)), "a.parquet"), (workbook({"S": rows(5)}), "a.xlsx")):
        broken = content[: cut % len(content)] + put + content[cut % len(content) + len(put) :]
        with suppress(gl.InvalidInput):
            read_table(broken, name, least_rows=1)


def test_a_model_of_a_european_table_reads_rows_as_it_was_written() -> None:
    text = table(
        ("when", ["31.12.2023", "05.01.2024", "29.02.2024"]), ("zip", ["007", "0815"]), sep=";", decimal=",", n=300
    )
    data, told = read_table(text.encode(), "sales.csv")
    kinds = informative({name: guess.kind for name, guess in guess_columns(data, told).items()})
    kinds.pop("bought")
    model, fit = train_own(data, "bought", "1", {**kinds, "when: month": "categorical"}, assumptions=told)
    written = {"city": "Rome", "tier": "tin", "age": "18", "price": "469,14", "zip": "007", "when": "31.12.2023"}
    typed = {
        "city": "Rome",
        "tier": "tin",
        "age": 18,
        "price": 469.14,
        "zip": "007",
        "when: month": 12,
        "when": pd.Timestamp("2023-12-31"),
    }
    masks = np.ones((1, len(model.fields)), bool)
    assert model.instance(written).predict(masks) == pytest.approx(model.instance(typed).predict(masks))
    assert model.instance(written).payload == model.instance(typed).payload
    with pytest.raises(gl.InvalidInput, match=r"'price' is '469\.14 apples', which is no number"):
        model.instance({**written, "price": "469.14 apples"})
    assert fit.test.positives > 0


@pytest.mark.parametrize(("auc", "yes", "no"), [(1.0, 1, 299), (0.183, 2, 298), (0.9, 30, 270), (0.5, 5, 5)])
def test_an_auc_of_few_rows_has_a_wide_interval(auc: float, yes: int, no: int) -> None:
    from glider_core.recommenders.auc import auc_interval

    low, high = auc_interval(auc, yes, no) or (0, 0)
    assert 0 <= low <= auc <= high <= 1
    assert (high - low > 0.3) == (min(yes, no) < 10)
    assert auc_interval(float("nan"), yes, no) is None
    assert auc_interval(auc, 0, no) is None


def test_only_one_table_is_in_an_archive_or_it_is_chosen() -> None:
    content = zipped(a_csv=table().encode(), b_csv=only(("x", [1, 2]), ("z", ["u", "v"])).encode())
    with pytest.raises(UnreadableTable, match="choose one") as caught:
        read_table(content, "two.zip")
    assert caught.value.assumptions.members == ("a.csv", "b.csv")
    assert list(read_table(content, "two.zip", Assumptions(member="b.csv")).table.columns) == ["x", "z", "y"]
