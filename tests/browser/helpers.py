"""Steps that browser tests take: each waits for the drawing of the page that it causes, so that checks are strict."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

# The workbench prints the number of finished drawings at the end of a page, and whether a run goes on.
_DRAWN = """([after, running]) => {
  const counters = document.querySelectorAll(".glider-runs");
  const idle = document.querySelector("[data-test-script-state=notRunning]");
  if (counters.length !== 1 || !idle || document.querySelector("[data-stale=true]")) return false;
  return Number(counters[0].textContent) > after && (running || counters[0].dataset.busy === "false");
}"""


def picture(page: Page) -> Locator:
    """The pictures that are seen, of the layouts that each has."""
    return page.locator("svg:is(.glider-wide, .glider-middle, .glider-narrow):visible")


def drawings(page: Page) -> int:
    """How often the page has been drawn to its end in this visit."""
    counter = page.locator(".glider-runs")
    return int(counter.text_content() or 0) if counter.count() else 0


def settled(page: Page, *, after: int = 0, running: bool = False) -> None:
    """Wait until the page was drawn once more than `after` times, nothing of a former drawing is left and, unless
    `running`, no run goes on."""
    page.wait_for_function(_DRAWN, arg=[after, running], timeout=600_000)


def act(page: Page, step: Callable[[], object], *, running: bool = False) -> None:
    """Take a step that has the page drawn anew, and wait for it."""
    before = drawings(page)
    step()
    settled(page, after=before, running=running)


def open_page(page: Page, address: str, path: str = "", *, running: bool = False) -> None:
    """Open an address, and wait until its first run has ended."""
    page.goto(f"{address}/{path}")
    settled(page, running=running)


def see(found: Locator) -> None:
    """There is exactly one, and it can be seen."""
    expect(found).to_be_visible()


def explain(page: Page, field: str, text: str) -> None:
    """Type an input and run it."""
    area = page.get_by_label(field, exact=True)
    area.fill(text)
    before = drawings(page)
    area.press("Control+Enter")
    settled(page, after=before)
    expect(page.get_by_text("This is the result of the former input")).to_have_count(
        0
    )  # in between, it may stand there
    settled(page, after=before)
