"""Feature crosses, as an analyst meets them: sets chosen, recommenders trained side by side, the result taken on."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.helpers import open_page, see

pytestmark = pytest.mark.browser


def test_a_recommender_is_trained_with_and_without_crosses(page: Page, address: str, shoot) -> None:
    open_page(page, address, "crosses?rows=10000&seeds=1&k=3&target=Wide%26Deep")
    expect(page.get_by_role("spinbutton", name="Sets to cross, K")).to_have_value("3")
    see(page.get_by_text("Measured at full size"))
    page.get_by_role("button", name="Train side by side").click()
    see(page.get_by_role("button", name="Cancel"))
    see(page.get_by_role("heading", name="Wide&Deep: with crosses against fields only"))
    see(page.get_by_text(re.compile("One seed: whether this is more than chance")))
    page.get_by_role("tab", name="Crosses", exact=True).click()
    see(page.get_by_text(re.compile("gets an id of its own when 2 training rows or more")))
    shoot(page, "crosses")
    page.get_by_role("tab", name="Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="All of it as JSON").click()
    assert "gains" in download.value.path().read_text()
    # The crossed model can be explained over many rows, beside the one without crosses.
    page.get_by_role("link", name=re.compile("See what the crossed model uses")).click()
    see(page.get_by_role("heading", level=1, name="Global view"))
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="Wide&Deep with 3 crosses").click()
    page.get_by_role("spinbutton", name=re.compile("^Rows")).fill("8")
    page.get_by_role("spinbutton", name=re.compile("^Rows")).press("Enter")
    page.get_by_role("button", name="Run", exact=True).click()
    see(page.get_by_role("heading", name=re.compile("^8 rows")))
    shoot(page, "crosses-global")


def test_crosses_of_ones_own_table(page: Page, address: str, shoot) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"city": rng.choice(["Rome", "Oslo"], 600), "tier": rng.choice(["gold", "tin"], 600)})
    table["age"] = rng.integers(18, 80, 600)
    table["bought"] = ((table["city"] == "Rome") == (table["tier"] == "gold")).astype(int)
    open_page(page, address, "crosses?source=own&seeds=1")
    upload = page.locator("input[type=file]").first
    content = b"a,b,c\n1,2,3\n"
    upload.set_input_files([{"name": "short.csv", "mimeType": "text/csv", "buffer": content}])
    see(page.get_by_text("at least 100 are needed"))
    upload.set_input_files(
        [{"name": "sales.csv", "mimeType": "text/csv", "buffer": table.to_csv(index=False).encode()}]
    )
    page.get_by_role("button", name="Train on it").click()
    see(page.get_by_text("rows it never saw"))
    see(page.get_by_role("spinbutton", name="Sets to cross, K"))
    page.get_by_role("button", name="Train side by side").click()
    see(page.get_by_role("heading", name="DeepFM: with crosses against fields only"))
    shoot(page, "crosses-own")


@pytest.mark.parametrize(("width", "scheme"), [(800, "light"), (480, "dark")])
def test_narrow_and_dark(browser: Browser, address: str, shoot, width: int, scheme) -> None:
    page = browser.new_page(viewport={"width": width, "height": 1800}, color_scheme=scheme)
    page.set_default_timeout(60_000)
    open_page(page, address, "crosses?k=nonsense&rows=-1&seeds=99&target=None&source=x")
    see(page.get_by_text("Measured at full size"))
    see(page.get_by_role("button", name="Train side by side"))
    # Nothing sticks out at the side.
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shoot(page, f"crosses-{width}-{scheme}")
    page.close()
