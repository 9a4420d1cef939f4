"""Global view, as an analyst meets it: counts, significance, slices, two runs side by side."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

import glider_core as gl
from tests.browser.helpers import open_page, see

pytestmark = pytest.mark.browser
ROWS = 16  # a few seconds' work


def _finished(page: Page, rows: int = ROWS) -> None:
    see(page.get_by_role("heading", name=re.compile(f"^{rows} rows")))
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def _upload(page: Page, content: str) -> None:
    page.locator("input[type=file]").first.set_input_files(
        [{"name": "run.json", "mimeType": "application/json", "buffer": content.encode()}]
    )


def _other_fields() -> str:
    """A saved run over two fields of the simulated clicks and one of its own."""
    names = ("hour", "app_category", "weather")
    one = gl.GlobalInteraction(
        features=(0, 1), names=names[:2], count=4, share=0.5, mean_strength=1.0, mean_effect=1.0, p_value=0.1,
        p_adjusted=0.2, rows=(0, 1, 2, 3),
    )  # fmt: skip
    return gl.GlobalInteractions(
        names=names, model_id="<b>other</b>", fingerprint=None, explained="click", n_rows=8, interactions=(one,),
        per_row=0.5, orders=(4,), settings=gl.Settings(), seconds=1.0, versions={},
    ).to_json()  # fmt: skip


def test_sets_are_counted_and_lead_to_their_rows(page: Page, address: str, shoot) -> None:
    open_page(page, address, f"global_view?rows={ROWS}")
    _finished(page)
    see(page.get_by_text(re.compile("The simulator planted 5 sets")))
    see(page.get_by_text(re.compile("together they add")))
    shoot(page, "global")
    page.get_by_role("button", name="Significance").click()
    page.get_by_role("radio", name="4", exact=True).last.click()
    see(page.get_by_text(re.compile("the 1,925 sets of at most 4 of the 15 fields")))
    page.keyboard.press("Escape")
    page.get_by_text("Significant only").click()
    page.get_by_role("tab", name="Fields").click()
    see(page.get_by_role("img", name="Fields that act together"))
    shoot(page, "global-fields")
    page.get_by_role("tab", name="Orders").click()
    see(page.get_by_text(re.compile("found over all rows are pairs")))


def test_a_linked_slice_stands_beside_other_runs(page: Page, address: str, shoot) -> None:
    open_page(page, address, f"global_view?rows={ROWS}&slice=hour&in=00&in=01")
    _finished(page)
    name = f"AutoInt on a simulated click log · hour: 00 or 01 · {ROWS} rows · seed 0"
    expect(page.get_by_text(name).first).to_be_visible()
    assert parse_qs(urlparse(page.url).query)["in"] == ["00", "01"]
    page.get_by_role("tab", name="Compare").click()
    see(page.get_by_text("then two runs stand here side by side"))
    _upload(page, "{}")
    see(page.get_by_text("not a saved global run: names: Field required"))
    _upload(page, _other_fields())
    see(page.get_by_text(re.compile("only the left run has weather")))
    page.get_by_label("Rows, at most").fill("4")
    page.get_by_role("button", name="Run", exact=True).click()
    _finished(page, 4)
    see(page.get_by_text(re.compile("sets are among the first 15 of both runs")))
    expect(page.get_by_role("combobox", name="Left")).to_have_value(name)
    expect(page.get_by_text("right", exact=True).first).to_be_visible()
    shoot(page, "global-compare")


def test_narrow_and_dark(browser: Browser, address: str, shoot) -> None:
    page = browser.new_page(viewport={"width": 480, "height": 1400}, color_scheme="dark")
    page.set_default_timeout(60_000)
    open_page(page, address, "global_view?rows=4&model=own&slice=<b>&seed=x")  # not here, none, none
    see(page.get_by_text("The model that was asked for is not here"))
    _finished(page, 4)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shoot(page, "global-480-dark")
    page.close()
