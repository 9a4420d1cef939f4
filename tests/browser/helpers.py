"""Steps that every browser test takes."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def picture(page: Page):
    return page.locator("svg.glider-wide")


def see(found: Locator) -> None:
    """Wait until there is exactly one, and it can be seen.

    While Streamlit draws a page anew, what moved by a place stands there twice for a moment. `to_be_visible` gives up
    at that sight; a count is waited for.
    """
    expect(found).to_have_count(1)
    expect(found.filter(visible=True)).to_have_count(1)


def open_page(page: Page, address: str, path: str = "") -> None:
    page.goto(f"{address}/{path}")
    see(page.get_by_role("heading", level=1))


def settled(page: Page) -> None:
    """Wait for a result, the end of its run, and the page being drawn to its end."""
    see(page.get_by_text("Settings, time and versions"))
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until the page's script has ended and nothing of a former drawing is left."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def explain(page: Page, field: str, text: str) -> None:
    area = page.get_by_label(field, exact=True)
    area.fill(text)
    area.press("Control+Enter")
    page.get_by_role("button", name="Run", exact=True).click()
