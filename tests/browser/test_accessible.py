"""Every page, and what opens on it, can be used by everyone: axe finds no fault, light and dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.accessible import violations
from tests.browser.helpers import open_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATHS = (
    "", "tour", "sentiment", "dna", "recommender", "recommender?model=recommender/own", "image", "graph",
    "graph?model=graph/own", "your_model", "cases", "cases?stage=1&step=2", "compare", "global_view?rows=8", "crosses",
    "crosses?source=own", "crosses?source=recommender/census", "evidence",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_on_any_page(browser: Browser, address: str, scheme) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(180_000)
    wrong: dict[str, list[str]] = {}
    for path in PATHS:
        open_page(page, address, path, running=True)  # how stable a result is may still be measured
        page.wait_for_timeout(700)  # what unfolds has unfolded
        note(wrong, page, path)
        tabs = page.get_by_role("tab")
        for number in range(tabs.count()):
            tabs.nth(number).click()
            page.wait_for_timeout(300)
            note(wrong, page, f"{path}, tab {tabs.nth(number).text_content()}")
    assert wrong == {}
    context.close()


def note(wrong: dict[str, list[str]], page: Page, where: str) -> None:
    """Note what is wrong, each once."""
    known = {re.sub(r"\d+", "", each) for told in wrong.values() for each in told}
    if found := [each for each in violations(page) if re.sub(r"\d+", "", each) not in known]:
        wrong[where] = found


def test_what_a_page_shows_stays_readable_while_it_is_drawn_anew(page: Page, address: str) -> None:
    open_page(page, address, "tour")
    # Streamlit fades whatever it has not drawn again after half a second, to a third.
    shown = page.evaluate(
        """() => {
          const part = document.createElement("div");
          Object.assign(part, { innerText: "former", style: "opacity:.33" });
          part.dataset.stale = "true";
          document.querySelector(".stMain").append(part);
          return getComputedStyle(part).opacity;
        }"""
    )
    assert shown == "1"
