# ruff: noqa: E501 (a case a line)
# pyright: reportGeneralTypeIssues=false, reportArgumentType=false, reportCallIssue=false
"""Tables uploaded to the page: read, said how, corrected there; no file makes it fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.inputs.table_files import only, parquet, sheet, table, workbook, zipped
from tests.inputs.test_table_files import arrow
from tests.pages.conftest import Visitor
from tests.pages.test_own_table import learn

CASES = Path(__file__).parents[3] / "shared" / "cases"
KEY = "crosses.own_table"


@pytest.fixture(scope="module")
def page() -> Visitor:
    return Visitor().open("crosses", source="own")


def upload(page: Visitor, content: bytes, name: str) -> Visitor:
    page.app.file_uploader(key=f"{KEY}.file").set_value((name, content, "application/octet-stream"))
    return page.draw()


def widget(page: Visitor, kind: str, label: str) -> Any:
    (found,) = (element for element in getattr(page.app, kind) if element.label == label)
    return found


def refusal(page: Visitor) -> str:
    return " ".join(error.value.replace("\\", "") for error in page.app.error)


UPLOADS: list[Any] = [
    pytest.param(table().encode(), "a.csv", "encoding UTF-8 · columns divided by comma", id="csv"),
    pytest.param(table(sep=";", decimal=",").encode("cp1252"), "a.csv", "decimal mark “,”", id="european"),
    pytest.param(table(sep="\t").encode("utf-16"), "a.txt", "encoding UTF-16 · columns divided by tab", id="excel-text"),
    pytest.param(workbook({"About": [], "Data": sheet()}), "a.xlsx", "sheet “Data” of 2", id="workbook"),
    pytest.param(zipped(a_csv=table().encode()), "a.zip", "zip, a.csv", id="zip"),
    pytest.param(table(header=False).encode(), "a.csv", "no line of names", id="no-header"),
    pytest.param(parquet(arrow("x", [{"a": 1}], pa.struct([("a", pa.int64())]))), "a.parquet", "“x”: Left out", id="structs"),
    pytest.param(parquet(arrow("x", [b"\xff"], pa.binary())), "a.parquet", "“x”: Left out: it holds bytes", id="bytes"),
    pytest.param(parquet(arrow("x", [2**64 - 1, 1], pa.uint64())), "a.parquet", "Parquet", id="beyond-2^63"),
    pytest.param(only(("x", ["1e25", "3e25"]), ("z", ["u", "v"])).encode(), "a.csv", "Read as", id="floats-beyond-2^63"),
    pytest.param(only(("<b>x</b>", ["[a](http://b)", "*z*"]), ("$z$", ["u", "v"])).encode(), "a.csv", "Read as", id="markup"),
    pytest.param(only(("x", [""]), ("z", ["u"])).encode(), "a.csv", "Read as", id="nothing-to-learn"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "name", "says"), UPLOADS)
def test_an_upload_is_read_and_says_how(page: Visitor, content: bytes, name: str, says: str) -> None:
    upload(page, content, name)
    assert page.reads(says), page.texts()
    assert not refusal(page)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.*")), ids=lambda path: path.name)
def test_every_shared_case_is_a_table_or_a_sentence_on_the_page(page: Visitor, path: Path) -> None:
    upload(page, path.read_bytes(), path.name)
    is_table = path.suffix in (".csv", ".parquet") and path.stem != "bomb_str"
    assert page.reads("Read as") == is_table
    assert bool(refusal(page)) == (not is_table)


def test_assumptions_are_corrected_on_the_page(page: Visitor) -> None:
    upload(page, only(("amount", ["1,329", "768"]), ("land", ["NA", "DE"]), sep=";").encode(), "a.csv")
    assert page.reads("thousands mark “,”")
    widget(page, "selectbox", "Decimal mark").set_value(",")
    page.draw()
    assert page.reads("decimal mark “,”")
    preview = next(element.value for element in page.app.dataframe if "amount" in element.value)
    assert preview["amount"][0] == 1.329
    widget(page, "multiselect", "Besides blanks, these mean “no value” in every column").set_value(["NA"])
    page.draw()
    preview = next(element.value for element in page.app.dataframe if "amount" in element.value)
    assert preview["land"].isna()[0]
    page.press("Guess again").draw()
    assert page.reads("thousands mark “,”")


def test_a_file_that_cannot_be_read_as_guessed_can_be_read_otherwise(page: Visitor) -> None:
    upload(page, zipped(a_csv=b"a:b:y\n" + b"1:2:0\n3:4:1\n" * 100, b_csv=table().encode()), "two.zip")
    assert "choose one" in refusal(page)
    widget(page, "selectbox", "File in the archive").set_value("b.csv")
    page.draw()
    assert not refusal(page)
    assert page.reads("zip, b.csv")


def test_what_is_left_out_has_its_reason_and_few_positives_are_said(page: Visitor) -> None:
    lines = ["id,city,tier,y", *(f"{i},{'RO'[i % 2]},{'gt'[i % 3 > 0]},{int(i % 20 == 0)}" for i in range(300))]
    upload(page, "\n".join(lines).encode(), "a.csv")
    (fields,) = (editor.value for editor in page.app.data_editor)
    assert list(fields["use"]) == [False, True, True]
    assert "numbers the rows" in fields["good to know"][0]
    assert page.reads("300 rows, 15 of them yes (5%)")
    assert page.reads("about 2 of them yes, too few for a sure AUC")
    learn(page, target="y")
    assert any("95 % interval" in warning.value and "says little" in warning.value for warning in page.app.warning)


def test_the_order_of_day_and_month_can_be_switched(page: Visitor) -> None:
    upload(page, only(("when", ["03/04/2024", "05/06/2024"]), ("z", ["u", "v", "w"])).encode(), "d.csv")
    assert page.reads("dates with the day first")
    widget(page, "selectbox", "In dates that leave it open").set_value(False)
    page.draw()
    assert page.reads("dates with the month first")
    assert str(page.app.dataframe[0].value["when"][0]) == "2024-03-04 00:00:00"


def test_a_text_column_can_be_read_as_numbers(page: Visitor) -> None:
    upload(page, only(("code", ["01", "02", "17", "23"]), ("z", ["u", "v", "w"])).encode(), "b.csv")
    learn(page, target="y", read_as={"code": "dense"})
    own = page.state("own_table")
    assert own.table["code"][:4].tolist() == [1, 2, 17, 23]
    assert own.model.fields[0].reading.kind == "number"
