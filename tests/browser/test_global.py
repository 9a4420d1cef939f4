"""What only a browser shows of the Global view: charts, a click on a point, files, Back, narrow and dark."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.helpers import act, open_page, see, settled

pytestmark = pytest.mark.browser
ROWS = 16  # a few seconds' work


@pytest.mark.slow  # half a minute; the same acts are tested without a browser in tests/pages/test_global.py
def test_a_bar_leads_to_its_values_and_rows_and_the_saved_run_is_compared(page: Page, address: str, shoot) -> None:
    open_page(page, address, f"global_view?rows={ROWS}&order=2")
    see(page.get_by_role("heading", name=re.compile(f"^{ROWS} rows")))
    shoot(page, "global")
    act(page, lambda: page.locator("[data-pick] >> visible=true").nth(1).click())
    assert "set=" in page.url
    selected = re.sub(r".*[?&]set=([^&]*).*", r"\1", page.url).replace("+", " ").replace("%C3%97", "×")
    see(page.get_by_text(f"{selected}: found in"))
    see(page.get_by_role("img", name=re.compile(f"^{' by '.join(selected.split(' × '))}: the strongest joint effect")))
    page.get_by_role("tab", name="Ranks").click()
    point = (
        page.locator(".js-plotly-plot >> visible=true")
        .first.locator(".scatterlayer .trace")
        .first.locator(".point")
        .nth(0)
    )
    box = point.bounding_box()
    assert box is not None
    act(page, lambda: page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    assert f"set={selected.split()[0]}" not in page.url

    page.get_by_role("tab", name="Fields").click()
    see(page.get_by_role("img", name=re.compile(f"^Sets found in {ROWS} rows")))
    shoot(page, "global-fields")
    page.get_by_text("Save, settings and versions").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Run as JSON").click()
    saved = download.value.path().read_text()
    assert json.loads(saved)["n_rows"] == ROWS

    page.get_by_role("tab", name="Compare").click()
    page.get_by_label("Rows, at most").fill("4")
    act(page, lambda: page.get_by_label("Rows, at most").press("Enter"))
    act(page, lambda: page.get_by_role("button", name="Run", exact=True).click())
    see(page.get_by_role("heading", name=re.compile("^4 rows")))
    files = [{"name": "run.json", "mimeType": "application/json", "buffer": saved.encode()}]
    act(page, lambda: page.locator("input[type=file]").set_input_files(files))  # type: ignore[arg-type]
    see(page.get_by_text(re.compile("sets are among the first 15 of both runs")))
    expect(page.get_by_role("combobox", name="Left")).to_have_value(f"run.json: recommender/simulated · {ROWS} rows")
    see(page.get_by_text("right", exact=True))
    shoot(page, "global-compare")

    page.wait_for_timeout(1100)  # sooner, an old address may still be on its way
    act(page, page.go_back)
    see(page.get_by_role("heading", name=re.compile(f"^{ROWS} rows")))
    expect(page.get_by_label("Rows, at most")).to_have_value(str(ROWS))


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(800, "light"), (480, "dark")])
def test_narrow_and_dark(browser: Browser, address: str, shoot, width: int, scheme) -> None:
    page = browser.new_page(viewport={"width": width, "height": 1800}, color_scheme=scheme)
    page.set_default_timeout(180_000)
    open_page(page, address, "global_view?rows=4&model=own&slice=<b>&seed=x")  # not here, none, none
    see(page.get_by_text("The model that was asked for is not here"))
    see(page.locator("[data-pick] >> visible=true").first)
    see(page.get_by_role("radio", name="4+"))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shoot(page, f"global-{width}-{scheme}")
    page.goto(f"{address}/crosses?k=nonsense&rows=-1&seeds=99&target=None&source=x")
    settled(page)
    see(page.get_by_role("button", name="Train side by side"))
    see(page.locator(".js-plotly-plot").first)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shoot(page, f"crosses-{width}-{scheme}")
    page.close()
