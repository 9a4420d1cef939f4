# ruff: noqa: E501 (a case a line)
# pyright: reportGeneralTypeIssues=false, reportArgumentType=false, reportCallIssue=false
"""Tables as people have them: each is read right, with what was assumed, or refused with the sentence that helps."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glider_core as gl
from glider_core.tables.assumptions import Assumptions
from glider_core.tables.read import UnreadableTable, read_table
from tests.inputs.table_files import NAMES, PACKED, ROWS, frame, only, table, zipped

CASES = Path(__file__).parents[3] / "shared" / "cases"
PLAIN = table()


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """The usual columns hold the usual values."""
    for name in NAMES:
        left, right = found[name].tolist(), expected[name].tolist()
        assert left == pytest.approx(right) if name in ("age", "price") else left == right, name


# Files that hold the usual columns, and what is said of them: parts of the words above the preview or of a note.
USUAL = [
    pytest.param(PLAIN.encode(), ["UTF-8", "comma", "first line names"], id="csv"),
    pytest.param(PLAIN.encode("utf-8-sig"), ["UTF-8 (with a mark)"], id="utf8-mark"),
    pytest.param(PLAIN.encode("utf-16"), ["UTF-16"], id="utf16-mark"),
    pytest.param(PLAIN.encode("utf-16-be"), ["big endian", "no mark of its encoding"], id="utf16-be-without-mark"),
    pytest.param(PLAIN.encode("utf-16-le"), ["little endian"], id="utf16-le-without-mark"),
    pytest.param(PLAIN.encode("utf-32"), ["UTF-32"], id="utf32"),
    pytest.param(table(sep="\t").encode("utf-16"), ["UTF-16", "tab"], id="excel-unicode-text"),
    pytest.param(table(newline="\r\n").encode(), ["comma"], id="windows-line-ends"),
    pytest.param(table(newline="\r").encode(), ["comma"], id="old-mac-line-ends"),
    pytest.param(PLAIN.replace("\n", "\r\n", 40).encode(), ["comma"], id="mixed-line-ends"),
    pytest.param(PLAIN.rstrip("\n").encode(), ["comma"], id="no-last-line-end"),
    pytest.param((PLAIN + "\n\n\n").encode(), ["comma"], id="blank-lines-at-the-end"),
    pytest.param(PLAIN.replace("\n", "\n\n").encode(), ["blank lines between rows"], id="blank-lines-between"),
    pytest.param(table(sep=";").encode(), ["semicolon"], id="semicolons"),
    pytest.param(table(sep=";", decimal=",").encode(), ["semicolon", "decimal mark “,”"], id="semicolons-decimal-comma"),
    pytest.param(table(sep="\t").encode(), ["tab"], id="tabs"),
    pytest.param(table(sep="\t", decimal=",").encode(), ["tab", "decimal mark “,”"], id="tabs-decimal-comma"),
    pytest.param(table(sep="|").encode(), ["pipe"], id="pipes"),
    pytest.param(table(sep="|", decimal=",").encode(), ["pipe", "decimal mark “,”"], id="pipes-decimal-comma"),
    pytest.param(table(sep=" ").encode(), ["blanks"], id="blanks"),
    pytest.param(PLAIN.replace(",", "    ").encode(), ["blanks"], id="runs-of-blanks"),
    pytest.param(PLAIN.replace(",", " , ").encode(), ["comma"], id="blanks-around-commas"),
    pytest.param(PLAIN.replace(",", "\x01").encode(), ["\\x01"], id="hive"),
    pytest.param(table(quoting=csv.QUOTE_ALL).encode(), ["comma"], id="all-quoted"),
    pytest.param(table(quoting=csv.QUOTE_ALL, quote="'").encode(), ["texts in '"], id="single-quotes"),
    pytest.param(table(decimal=",", quoting=csv.QUOTE_ALL).encode(), ["comma", "decimal mark “,”"], id="quoted-decimal-comma"),
    pytest.param(table(end=",", header_end="").encode(), ["Every row ends with a divider"], id="divider-at-row-ends"),
    pytest.param(table(end=",").encode(), ["Every line ends with a divider"], id="divider-at-all-ends"),
    pytest.param(table(end="", header_end=",").encode(), ["line of names ends with a divider"], id="divider-at-header-end"),
    pytest.param(table(sep=";", end=";", header_end="").encode(), ["Every row ends"], id="semicolon-at-row-ends"),
    pytest.param(("sep=;\n" + table(sep=";")).encode(), ["sep=';'", "semicolon"], id="excel-sep"),
    pytest.param(("sep=,\r\n" + table(newline="\r\n")).encode(), ["sep=','"], id="excel-sep-comma"),
    pytest.param(("SEP=|\n" + table(sep="|")).encode(), ["sep='|'"], id="excel-sep-upper-case"),
    pytest.param(("sep=\t\n" + table(sep="\t")).encode(), ["tab"], id="excel-sep-tab"),
    pytest.param(("# of a program\n# at noon, on Monday\n" + PLAIN).encode(), ["beginning with “#”"], id="comments"),
    pytest.param(("% exported\n" + PLAIN).encode(), ["beginning with “%”"], id="percent-comments"),
    pytest.param(("#" + PLAIN).encode(), ["line of names begins with “#”"], id="names-behind-a-hash"),
    pytest.param(("# a note\n#" + PLAIN).encode(), ["line of names begins with “#”"], id="comment-and-names-behind-a-hash"),
    pytest.param(PLAIN.replace("\nLima", "\n# a break\nLima", 2).encode(), ["2 lines beginning with “#”"], id="comments-between"),
    pytest.param(("Sales of 2024\n\n" + PLAIN).encode(), ["above the line of names"], id="title"),
    pytest.param(("Sales of 2024,,,,\n,,,,\n" + PLAIN).encode(), ["above the line of names"], id="title-as-wide"),
    pytest.param(("Sales, 2024\n" + table(sep=";")).encode(), ["semicolon", "1 line above"], id="title-with-commas"),
    *(
        pytest.param(pack(PLAIN.encode()), [kind], id=kind)
        for kind, pack in PACKED.items()
    ),
    pytest.param(zipped(sales_csv=PLAIN.encode()), ["zip, sales.csv"], id="zip"),
    pytest.param(zipped(sales_csv=PLAIN.encode("utf-16")), ["zip", "UTF-16"], id="zip-utf16"),
    pytest.param(zipped(**{"__MACOSX/._s_csv": b"x", "s_csv": PLAIN.encode()}), ["zip"], id="zip-of-a-mac"),
    pytest.param(PACKED["gzip"](PACKED["gzip"](PLAIN.encode())), ["gzip"], id="gzip-twice"),
    pytest.param((PLAIN + "Rome,tin\n").encode(), ["1 line is shorter"], id="cut-at-the-end"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), USUAL)
def test_a_table_is_read_as_it_was_meant(content: bytes, said: list[str]) -> None:
    found, told = read_table(content, "sales.csv")
    same(found.iloc[:ROWS], frame())
    words = " · ".join(told.words()) + " ".join(note.text for note in told.notes)
    assert [part for part in said if part not in words] == []
    again, _ = read_table(content, "sales.csv", told)  # what was assumed, given back, changes nothing
    pd.testing.assert_frame_equal(again, found)


LETTERS = [
    pytest.param("größe,Köln,Zürich", "cp1252", id="german-windows"),
    pytest.param("größe,Köln,Zürich", "latin-1", id="german-latin1"),
    pytest.param("açaí,São Paulo,ação", "cp1252", id="portuguese"),
    pytest.param("café – naïve,€ 5,“x”", "cp1252", id="typographic"),
    pytest.param("5 €,7 €,9 €", "cp1252", id="only-euro-signs"),
    pytest.param("20 °C,25 °C,5 m²", "cp1252", id="only-units"),
    pytest.param("książka,żółw,Łódź", "cp1250", id="polish"),
    pytest.param("Москва,город,река", "cp1251", id="russian"),
    pytest.param("Αθήνα,πόλη,θάλασσα", "cp1253", id="greek"),
    pytest.param("東京タワー,大阪,京都府", "shift_jis", id="japanese"),
    pytest.param("北京市,上海市,广州市", "gb18030", id="chinese"),
    pytest.param("서울특별시,부산광역시,대구", "euc_kr", id="korean"),
    pytest.param("größe,Köln,Zürich", "utf-8", id="utf8"),
]


@pytest.mark.parametrize(("values", "encoding"), LETTERS)
def test_letters_of_other_encodings_are_recognised(values: str, encoding: str) -> None:
    cells = values.split(",")
    found, told = read_table(
        only(("größe" if "ö" in values else "name", cells), ("n", [1, 2, 3, 4])).encode(encoding), "a.csv"
    )
    assert [str(cell) for cell in found.iloc[:3, 0]] == [cell.removesuffix(" €") for cell in cells]
    assert (told.encoding == "utf-8") or any("not UTF-8" in note.text for note in told.notes)


def test_an_encoding_can_be_said() -> None:
    content = only(("name", ["été", "Šárka"]), ("n", [1, 2, 3])).encode("mac_roman", errors="replace")
    assert read_table(content, "a.csv", Assumptions(encoding="mac_roman")).table["name"][0] == "été"
    with pytest.raises(gl.InvalidInput, match="no encoding 'klingon'"):
        read_table(content, "a.csv", Assumptions(encoding="klingon"))
    with pytest.raises(gl.InvalidInput, match="in utf-8; choose another"):
        read_table(content, "a.csv", Assumptions(encoding="utf-8"))


QUOTED = [
    pytest.param(only(('"age, years"', [3, 4]), ('"city, country"', ['"Rome, IT"', "Oslo"]), sep=";"), ["age, years", "city, country"], id="commas-in-quoted-names"),
    pytest.param(only(("comment", ["hello, my, friend", "so, what"]), ("x", ["1,5", "2,5"]), sep=";"), ["comment", "x"], id="commas-in-texts"),
    pytest.param(only(("genre", ["Action|Comedy", "Drama|War|Sad"]), ("n", [1, 2])), ["genre", "n"], id="pipes-in-texts"),
    pytest.param(only(("a", ['"x; y"', '"u; v; w"']), ("b", [1, 2])), ["a", "b"], id="semicolons-in-texts"),
    pytest.param(only(('"a ""b"""', [1, 2]), ("c", ['"x ""y"", z"', "u"])), ['a "b"', "c"], id="doubled-quotes"),
    pytest.param(only(("a", [r'"x \"y\", z"', '"u"']), ("b", [1, 2])), ["a", "b"], id="escaped-quotes"),
    pytest.param(only(("pipe", ['5" steel', '6" steel']), ("b", [1, 2])), ["pipe", "b"], id="inches"),
    pytest.param(only(("pipe", ['"5" steel', '6" steel']), ("b", [1, 2])), ["pipe", "b"], id="a-stray-quote"),
    pytest.param(only(("text", ['"two\nlines"', '"and\n\nthree"']), ("b", [1, 2])), ["text", "b"], id="line-ends-in-texts"),
    pytest.param(only(("when", ["2024-01-02 10:00", "2024-01-03 11:30"]), ("b", [1, 2]), sep=";"), ["when", "b"], id="times"),
    pytest.param(only(("it's", ["don't", "won't"]), ("b", [1, 2])), ["it's", "b"], id="apostrophes"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), QUOTED)
def test_quotes_and_dividers_inside_texts_are_respected(text: str, names: list[str]) -> None:
    found, _ = read_table(text.encode(), "a.csv")
    assert list(found.columns) == [*names, "y"]
    assert len(found) == ROWS
    assert found["y"].tolist() == [i % 2 for i in range(ROWS)]
    assert not found.isna().any(axis=None)


HEADERS = [
    pytest.param(table(header=False), ["column 1", "column 5"], "holds values, no names", id="no-header"),
    pytest.param(table(header=False, sep=";", decimal=","), ["column 1"], "holds values", id="no-header-semicolon"),
    pytest.param("\n".join(["1,2,0", "3,4,1"] * 60), ["column 1", "column 3"], "holds values", id="no-header-numbers"),
    pytest.param("\n".join(["x,u,p", "y,v,q"] * 60), ["column 1"], "holds values", id="no-header-texts"),
    pytest.param("0,1,2\n" + "5,6,0\n7,8,1\n" * 60, ["0", "1", "2"], "", id="numbered-names"),
    pytest.param("name,2019,2020,2021\n" + "a,1,2,0\nb,3,4,1\n" * 60, ["name", "2021"], "", id="years-as-names"),
    pytest.param("a,b,c\n" + "x,u,p\ny,v,q\n" * 60, ["a", "b", "c"], "", id="texts-with-names"),
    pytest.param("a,a,y\n" + "1,2,0\n3,4,1\n" * 60, ["a", "a (2)"], "“a” 2 times", id="duplicate-names"),
    pytest.param("a,a,y\n" + "1,1,0\n3,3,1\n" * 60, ["a", "a (2)"], "with the same values", id="duplicate-columns"),
    pytest.param("a,a (2),a,y\n" + "1,2,5,0\n3,4,6,1\n" * 60, ["a", "a (2)", "a (3)"], "3 of its columns", id="duplicate-of-a-taken-name"),
    pytest.param(" a , b,y \n" + "1,2,0\n3,4,1\n" * 60, ["a", "b", "y"], "", id="blanks-around-names"),
    pytest.param("a,,y\n" + "1,2,0\n3,4,1\n" * 60, ["a", "column 2", "y"], "Column 2 has no name", id="a-name-is-missing"),
    pytest.param('"line\none",b,y\n' + "1,2,0\n3,4,1\n" * 60, ["line one", "b"], "", id="line-end-in-a-name"),
    pytest.param("a b y\n" + "".join(f"{i} x{i % 3} {i % 7} {i % 2}\n" for i in range(ROWS)), ["column 1", "a", "b", "y"], "as R writes", id="r-row-names"),
    pytest.param(",a,b,y\n" + "".join(f"{i},x{i % 3},{i % 7},{i % 2}\n" for i in range(ROWS)), ["column 1", "a"], "Column 1 has no name", id="pandas-index"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names", "says"), HEADERS)
def test_names_are_told_from_values(text: str, names: list[str], says: str) -> None:
    found, told = read_table(text.encode(), "a.csv")
    assert set(names) <= set(found.columns)
    assert found.columns.is_unique
    notes = " ".join(note.text for note in told.notes)
    assert says in notes if says else "no names" not in notes
    assert ROWS <= len(found) + (not told.header) <= ROWS + 1


REFUSED: list[Any] = [
    pytest.param(b"", "a.csv", "is empty", id="empty"),
    pytest.param(b"\n \n\n", "a.csv", "is empty", id="only-blanks"),
    pytest.param(b"a,b,c\n", "a.csv", "no rows", id="only-names"),
    pytest.param(b"a,b,c\n1,2,3\n", "a.csv", "1 rows; at least 100", id="one-row"),
    pytest.param(b"just words\n" * 200, "a.csv", "no character divides|column", id="prose"),
    pytest.param(b"x\n" * 200, "a.txt", "no character divides", id="one-column"),
    pytest.param(only(("a", [1, 2, 3])).encode(), "a.csv", "2 columns; a target and at least two", id="two-columns"),
    pytest.param((",".join(f"c{i}" for i in range(300)) + "\n" + "1," * 299 + "1\n").encode() * 120, "a.csv", "300 columns", id="too-wide"),
    pytest.param(PLAIN.replace("Lima,tin", "Lima, the grey,tin", 1).encode(), "a.csv", r"Line \d+ has 6 cells, most lines have 5", id="an-unquoted-comma"),
    pytest.param((PLAIN + "Rome,tin\n" * 30).encode(), "a.csv", "fewer cells than most", id="many-short-lines"),
    pytest.param(("city,tier,age,price\n" + table(header=False)).encode(), "a.csv", "names has 4 and the rows have 5", id="a-name-too-few"),
    pytest.param((PLAIN.replace("bought\n", "bought,more,most\n")).encode(), "a.csv", "names has 7 and the rows have 5", id="names-too-many"),
    pytest.param((PLAIN + 'Rome,"tin,20,5.0,1\nOslo,tin,3,4,5\n').encode(), "a.csv", r"quote that opens there is never closed \(line 122\)", id="open-quote"),
    pytest.param(PLAIN.encode()[:300] + b"\0\0\0" + PLAIN.encode()[300:], "a.csv", "zero bytes", id="zero-bytes"),
    pytest.param(b"%PDF-1.7\n...", "a.csv", "a PDF", id="pdf"),
    pytest.param(b"<!DOCTYPE html><html><table>", "a.xls", "a web page", id="html-as-xls"),
    pytest.param(b'{"a": [1, 2]}', "a.json", "JSON", id="json"),
    pytest.param(b'[{"a": 1}]', "a.csv", "JSON", id="json-records"),
    pytest.param(b'{ "a": 1 }\n' * 200, "a.jsonl", "JSON", id="json-lines"),
    pytest.param(b"@relation x\n@data\n1,2,3\n", "a.arff", "ARFF", id="arff"),
    pytest.param(b"\x89PNG\r\n\x1a\n....", "a.csv", "a picture", id="png"),
    pytest.param(b"SQLite format 3\0...", "a.csv", "SQLite", id="sqlite"),
    pytest.param(b"ARROW1\0\0...", "a.feather", "Arrow", id="feather"),
    pytest.param(b"<?xml version='1.0'?><a/>", "a.csv", "XML", id="xml"),
    pytest.param(b"\x28\xb5\x2f\xfd....", "a.csv.zst", "Zstandard", id="zstd"),
    pytest.param(b"7z\xbc\xaf\x27\x1c", "a.7z", "7-Zip", id="7z"),
    pytest.param(PACKED["gzip"](PLAIN.encode())[:-30], "a.csv.gz", "damaged", id="cut-gzip"),
    pytest.param(PACKED["xz"](PLAIN.encode())[:-30], "a.csv.xz", "damaged", id="cut-xz"),
    pytest.param(zipped(a_csv=PLAIN.encode())[:-40], "a.zip", "damaged", id="cut-zip"),
    pytest.param(zipped(), "a.zip", "no file|damaged|is empty", id="empty-zip"),
    pytest.param(zipped(a_csv=PLAIN.encode(), b_csv=PLAIN.encode()), "a.zip", "2 files .a.csv, b.csv.; choose one", id="zip-of-two"),
    pytest.param(PACKED["gzip"](b"0" * 210_000_000, 1), "a.csv.gz", "unpacks to more than 200 MB", id="gzip-bomb"),
    pytest.param(b"a,b,c\n" + b"x" * 200_000 + b",1,2\n" * 200, "a.csv", "more than 131,072 letters", id="a-cell-too-long"),
    pytest.param(b"PAR1 but no more", "a.parquet", "cannot be read as a table", id="no-parquet"),
    pytest.param(b"not parquet at all", "a.parquet", "does not begin as a Parquet file", id="text-as-parquet"),
    pytest.param(b"not a workbook", "a.xlsx", "does not begin as a workbook", id="text-as-xlsx"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "as a workbook", id="broken-xls"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "name", "words"), REFUSED)
def test_what_cannot_be_read_is_refused_with_the_way_out(content: bytes, name: str, words: str) -> None:
    with pytest.raises(gl.InvalidInput, match=words) as caught:
        read_table(content, name)
    assert isinstance(caught.value, UnreadableTable)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("path", sorted(CASES.glob("*.csv")), ids=lambda path: path.stem)
def test_the_shared_cases_are_read_right(path: Path) -> None:
    found, told = read_table(path)
    assert told.words()
    y = found.columns[-1]
    price = "price" if "price" in found else None
    if price:
        assert pd.api.types.is_numeric_dtype(found[price])
        assert found[price].max() > 1000
        assert found[price].notna().all()
    if path.stem == "latin1":
        assert "Zürich" in set(found["city"])
    if path.stem == "leading_zero_codes":
        assert {"01234", "1234", "001234"} <= set(found["zip"])
    if path.stem == "no_header":
        assert len(found) == 400
        assert list(found.columns) == [f"column {i}" for i in range(1, 6)]
    if path.stem == "floats_1e25":
        assert np.array_equal(np.sort(found["big"].unique())[:2], [1e25, 1.01e25])
    elif "city" in found:
        assert set(found[y].unique()) == {0, 1}


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ('"\\"""', '\\"'),
        ('"C:\\dir\\"', "C:\\dir\\"),
        ('"say \\"hi\\" now"', 'say "hi" now'),
        ('"a ""b"" c"', 'a "b" c'),
    ],
)
def test_a_backslash_is_an_escape_only_where_quotes_are_not_doubled(written: str, cell: str) -> None:
    text = '"text","n","y"\n' + "".join(f'{written},"{i}","{i % 2}"\n' for i in range(200))
    assert set(read_table(text.encode(), "a.csv").table["text"]) == {cell}
