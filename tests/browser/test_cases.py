"""Small files of which each once went wrong, through a real browser: read right, or refused with a sentence."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.helpers import act, open_page

CASES = Path(os.environ.get("GLIDER_CASES", Path(__file__).parents[3] / "shared" / "cases"))
pytestmark = [
    pytest.mark.browser, pytest.mark.slow,
    pytest.mark.skipif(not CASES.is_dir(), reason="the shelf of cases is not here"),
]  # fmt: skip
TABLES = {  # what the page says of how it read them
    "trailing_delimiter_rows_only.csv": ["columns divided by comma", "ends with a divider"],
    "leading_zero_codes.csv": ["columns divided by comma"],
    "semicolon_decimal_comma.csv": ["columns divided by semicolon", "decimal mark “,”"],
    "thousands.csv": ["thousands mark"],
    "no_header.csv": ["no line of names"],
    "duplicate_columns.csv": ["columns divided by comma"],  # the rest stands in the table of fields, a canvas
    "excel_sep_line.csv": ["1 line above left out"],
    "latin1.csv": ["guessed from its letters"],
    "floats_1e25.csv": ["columns divided by comma"],
    "list_column.parquet": ["Parquet", "it holds lists"],
}
REFUSED = {  # as tables
    "bomb_str.parquet": "500 MB of values are read of a table",
    "one_line_no_newline.txt": "at least 100 are needed|cannot be read as a table|is needed|are needed",
    "gray16.png": "cannot be read as a table",
    "leak_graph_A.graphml": "cannot be read as a table|are needed",
}


def whole(page: Page) -> str:
    """What the page says; no page may have crashed."""
    told = page.locator("[data-testid=stMain]").inner_text()
    assert "encountered an error" not in told
    assert "Traceback" not in told
    return told


def upload_table(page: Page, address: str, name: str) -> str:
    open_page(page, address, "crosses?source=own")
    act(page, lambda: page.locator("input[type=file]").first.set_input_files(CASES / name))
    told = whole(page)
    print(f"{name}: {' / '.join(line for line in told.splitlines() if 'Read as' in line or 'cannot' in line)[:300]}")
    return told


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_as_it_was_meant(page: Page, address: str, name: str) -> None:
    told = upload_table(page, address, name)
    assert "Read as" in told
    for words in TABLES[name]:
        assert words in told, told
    assert page.get_by_role("button", name="Train on it").is_enabled()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_gets_a_sentence(page: Page, address: str, name: str) -> None:
    told = upload_table(page, address, name)
    assert re.search(REFUSED[name], told), told
    assert not page.get_by_role("button", name="Train on it").count()


def test_a_picture_of_16_bits_is_no_white_one(page: Page, address: str) -> None:
    open_page(page, address, "image?masks=600")
    page.get_by_role("button", name="Your photo").click()
    act(page, lambda: page.locator("input[type=file]").set_input_files(CASES / "gray16.png"))
    assert "16" in whole(page)
    act(page, lambda: page.get_by_role("button", name="Run", exact=True).click())
    told = whole(page)
    print(f"gray16.png: {' / '.join(line for line in told.splitlines() if '16' in line)[:300]}")


def learn_graph(page: Page, address: str, name: str) -> str:
    open_page(page, address, "graph?model=graph/own")
    act(page, lambda: page.locator("input[type=file]").first.set_input_files(CASES / name))
    whole(page)
    act(page, lambda: page.get_by_role("button", name="Train on it").click())
    expect(page.get_by_text(re.compile("Learned from"))).to_be_visible()
    act(page, lambda: page.get_by_role("button", name="Run", exact=True).click())
    told = whole(page)
    print(f"{name}: {' / '.join(told.splitlines())[:200]}")
    return told


def test_nodes_with_blanks_around_their_names_are_explained(page: Page, address: str) -> None:
    told = learn_graph(page, address, "node_names_with_spaces.graphml")
    assert "There is no node" not in told
    assert "The ringed node is explained" in told, told


def test_one_visitor_never_sees_anothers_nodes(browser: Browser, address: str) -> None:
    told = {}
    for who in "AB":
        context = browser.new_context(viewport={"width": 1440, "height": 1100})
        visitor = context.new_page()
        visitor.set_default_timeout(180_000)
        learn_graph(visitor, address, f"leak_graph_{who}.graphml")
        told[who] = visitor.content()
        context.close()
    assert "patient-" in told["A"]
    assert "bob-" in told["B"]
    assert "patient-" not in told["B"]
    assert not re.search(r"\b(ill|healthy)\b 100", told["B"])
