"""What only a browser shows of feature crosses: the trainings watched live, files, and the way to the Global view."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page

from tests.browser.helpers import act, open_page, see

pytestmark = pytest.mark.browser


@pytest.mark.slow  # tests of pages see the same, without a browser
def test_trainings_are_watched_saved_and_taken_to_the_global_view(page: Page, address: str, shoot) -> None:
    open_page(page, address, "crosses?rows=10000&seeds=2&k=3&target=Wide%26Deep")
    train = page.get_by_role("button", name="Train side by side")
    act(page, train.click, running=True)
    see(page.get_by_role("button", name="Cancel"))
    see(page.get_by_test_id("stPlotlyChart").first)  # the curves so far
    act(page, lambda: None)
    see(page.get_by_role("heading", name="Wide&Deep: with crosses against fields only"))
    shoot(page, "crosses")
    page.get_by_role("tab", name="Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="All of it as JSON").click()
    assert len(json.loads(download.value.path().read_text())["trials"]) == 4

    # Another page begins its usual run, which nobody waits for here.
    act(page, page.get_by_role("link", name=re.compile("See what the crossed model uses")).click, running=True)
    see(page.get_by_role("heading", level=1, name="Global view"))
    page.get_by_role("combobox", name="Model").click()
    act(page, page.get_by_role("option", name="Wide&Deep with 3 crosses").click, running=True)
    page.get_by_label("Rows, at most").fill("8")
    act(page, lambda: page.get_by_label("Rows, at most").press("Enter"), running=True)
    act(page, page.get_by_role("button", name="Run", exact=True).click)
    see(page.get_by_role("heading", name=re.compile("^8 rows")))
    shoot(page, "crosses-global")
