"""The case book in a browser: paste thirty, judge by the keyboard, filter, compare, export, open elsewhere."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessible import violations
from tests.browser.helpers import act, open_page, settled

pytestmark = pytest.mark.browser
SENTENCES = [
    f"{start} {middle} {end}"
    for start in ("The songs are", "This film is", "The jokes were")
    for middle in ("never", "hardly", "not exactly", "always", "almost")
    for end in ("dull.", "a delight.")
]


def judged(page: Page, n: int, total: int) -> None:
    expect(page.get_by_text(f"{n} of {total} judged", exact=True)).to_be_visible()


def test_thirty_sentences_are_pasted_judged_filtered_compared_reported_and_shared(
    page: Page, browser: Browser, address: str, tmp_path: Path, shoot
) -> None:
    open_page(page, address, "cases")
    page.get_by_role("button", name="Add many").click()
    area = page.get_by_label("A sentence a line")
    area.fill("\n".join(SENTENCES))
    act(page, lambda: area.press("Control+Enter"))
    act(page, lambda: page.get_by_role("button", name="Explain 30 inputs").click())
    judged(page, 0, 30)
    rows = page.get_by_role("grid", name="Cases").locator("tbody tr")
    expect(rows).to_have_count(30)
    first = page.get_by_role("grid", name="Cases").locator("[aria-selected=true]")
    expect(first).to_contain_text(SENTENCES[0])

    # Keys pressed faster than pages are drawn: each verdict is for the case that was highlighted when it was pressed.
    page.keyboard.press("k")
    for key in "1234121j3":
        page.keyboard.press(key)
    judged(page, 8, 30)
    names = ("plausible", "odd", "wrong", "needs action", "plausible", "odd", "plausible", None, "wrong")
    for number, name in enumerate(names):
        expect(rows.nth(number).locator(".verdict")).to_have_count(0 if name is None else 1)
        if name:
            expect(rows.nth(number).locator(".verdict")).to_have_text(name)
    page.keyboard.press("u")
    judged(page, 7, 30)
    shoot(page, "cases")
    page.reload()
    settled(page)
    judged(page, 7, 30)  # nothing of it lay in the page alone

    note = page.get_by_placeholder("A note; saved when you leave the field")
    note.fill("12 of these are odd")  # digits in a field are no verdicts
    act(page, lambda: note.blur())
    judged(page, 7, 30)
    act(page, lambda: page.get_by_role("button", name="1 plausible", exact=True).first.click())
    expect(rows).to_have_count(3)
    act(page, lambda: page.get_by_role("button", name="Show all cases").click())
    search = page.get_by_placeholder("Search in texts, names, tags and notes")
    search.fill("hardly delight")
    act(page, lambda: search.press("Enter"))
    expect(rows).to_have_count(3)
    link = page.url

    act(page, lambda: page.get_by_role("button", name="Compare with…").click())
    act(page, lambda: rows.nth(1).click())
    expect(page.get_by_text(re.compile("^Agreement ")).first).to_be_visible()
    expect(page.locator(".glider-compared").first).to_be_visible()
    shoot(page, "cases-compared")
    act(page, lambda: page.get_by_role("button", name="Leave comparison").click())

    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report of 3 cases").click()
    report = tmp_path / "report.html"
    download.value.save_as(report)
    offline = browser.new_context(java_script_enabled=False, offline=True)
    reader = offline.new_page()
    reader.goto(report.as_uri())
    expect(reader.get_by_role("heading", name="3 cases")).to_be_visible()
    live = reader.get_by_role("link", name="Open it live")
    expect(live).to_have_attribute("href", re.compile(f"^{address}/cases[?].*search=hardly"))
    assert reader.content().count(f'href="{address}/sentiment?') == 3  # each case, too
    expect(reader.locator(".glider-layers").first).to_be_visible()
    shoot(reader, "report")
    offline.close()

    # Another visitor with the same link finds none of these cases.
    stranger = browser.new_context().new_page()
    stranger.goto(link)
    settled(stranger)
    expect(stranger.get_by_text("No case is like that.")).to_be_visible()
    stranger.context.close()


@pytest.mark.slow  # tests of pages share books, too
def test_a_shared_book_opens_in_another_session_with_its_cases(page: Page, browser: Browser, address: str) -> None:
    open_page(page, address, "sentiment?text=The%20songs%20are%20never%20dull.&masks=600")
    open_page(page, address, "cases")
    page.get_by_role("button", name="Reviewers").click()
    page.get_by_label("Share a book with others: its title").fill("Ours")
    act(page, lambda: page.get_by_role("button", name="Make a shared book of the cases shown").click())
    page.wait_for_url("**book=shared*")
    page.keyboard.press("Escape")
    other = browser.new_context().new_page()
    other.goto(page.url)
    settled(other)
    expect(other.get_by_role("grid", name="Cases")).to_contain_text("never dull")
    other.keyboard.press("3")
    expect(other.get_by_text("1 of 1 judged", exact=True)).to_be_visible()
    other.context.close()


@pytest.mark.slow  # test_accessible.py goes over all pages
def test_the_pages_of_cases_can_be_used_by_everyone(page: Page, address: str, shoot) -> None:
    open_page(page, address, "sentiment?text=The%20songs%20are%20never%20dull.&masks=600")
    for path, name in (("cases", "cases-one"), ("cases?stage=1&step=2", "stage"), ("compare", "compare")):
        open_page(page, address, path)
        page.wait_for_timeout(500)
        shoot(page, name)
        assert violations(page) == [], path


@pytest.mark.slow
def test_keys_that_come_faster_than_drawings_never_stop_the_page(page: Page, address: str) -> None:
    open_page(page, address, "cases")
    page.get_by_role("button", name="Add many").click()
    area = page.get_by_label("A sentence a line")
    area.fill("\n".join(SENTENCES))
    act(page, lambda: area.press("Control+Enter"))
    act(page, lambda: page.get_by_role("button", name="Explain 30 inputs").click())
    keys = random.Random(0)
    for _ in range(480):  # within the first 250, Streamlit's own setting for its cache failed each time
        page.keyboard.press(keys.choice("1234jk"))
        page.wait_for_timeout(keys.choice([0, 0, 20, 60, 150, 300]))
    settled(page)
    expect(page.get_by_text("Connection error")).to_have_count(0)
