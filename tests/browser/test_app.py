"""Both pages as a new user meets them."""

import json
import re

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.helpers import explain, open_page, picture, see, settled

pytestmark = pytest.mark.browser
SEQUENCE = "GTATCGGCTACCGCACACGTGGTACCCTATTTACGC"


def test_a_link_that_is_opened_first_shows_its_case_in_the_frame(page: Page, address: str) -> None:
    # First in this file on purpose: nobody has opened the start page of this server yet.
    open_page(page, address, f"dna?text={SEQUENCE}&detector=GradientNID&masks=1200&seed=3")
    see(page.get_by_role("link", name="Start"))
    expect(page.get_by_label("Sequence of 36 letters", exact=True)).to_have_value(SEQUENCE)
    settled(page)
    page.get_by_role("button", name="Link to this case").click()
    see(page.get_by_text(re.compile(f"/dna.text={SEQUENCE}.*masks=1200.*seed=3")))


def test_home_shows_a_picture_and_the_ways_in(page: Page, address: str, shoot) -> None:
    open_page(page, address)
    expect(picture(page)).to_have_count(2)
    see(picture(page).get_by_text("fails", exact=True))
    see(picture(page).get_by_text(re.compile("E-box CACGTG")))
    shoot(page, "home")
    page.get_by_role("link", name="Explain a sentence").click()
    see(page.get_by_role("heading", name="Sentiment", exact=True))


def test_sentiment_typed_and_explained(page: Page, address: str, shoot) -> None:
    open_page(page, address, "sentiment")
    settled(page)  # the first example runs by itself
    explain(page, "Sentence", "The songs are never dull.")
    see(page.get_by_text(re.compile("The model reads never and dull together")))
    settled(page)
    see(picture(page).get_by_text("dull", exact=True))
    assert "songs" in page.url  # the address bar carries the case
    shoot(page, "sentiment")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as JSON").click()
    saved = json.loads(download.value.path().read_text())
    assert saved["interactions"][0]["names"] == ["never", "dull"]

    # Switching a word off asks the model at once.
    page.get_by_role("button", name="never", exact=True).click()
    see(page.get_by_text("against the original"))

    # A bad input says why beside the field, and the former result stays.
    explain(page, "Sentence", "")
    see(page.get_by_text("There is no text yet"))
    see(picture(page).get_by_text("dull", exact=True))
    shoot(page, "sentiment-empty")


def test_markup_is_shown_as_text(page: Page, address: str, shoot) -> None:
    open_page(page, address, "sentiment")
    settled(page)
    fired: list[str] = []

    def note(dialog: Dialog) -> None:
        fired.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    explain(page, "Sentence", "A <script>alert(1)</script> <img src=x onerror=alert(2)> never fails")
    expect(picture(page).get_by_text("script", exact=True).first).to_be_visible()
    settled(page)
    assert fired == []
    assert page.locator("img[src='x']").count() == 0
    shoot(page, "sentiment-markup")


def test_a_run_can_be_cancelled_and_does_not_block_another_tab(
    page: Page, browser: Browser, address: str, shoot
) -> None:
    open_page(page, address, "sentiment")
    settled(page)
    heavy = "Long " * 60
    # The most questions and repeats there are: this runs for a while.
    page.goto(f"{address}/sentiment?text={heavy.strip().replace(' ', '%20')}&masks=20000&repeats=10")
    see(page.get_by_role("button", name="Cancel"))
    shoot(page, "sentiment-running")

    other = browser.new_page()
    other.set_default_timeout(60_000)
    open_page(other, address)
    expect(picture(other)).to_have_count(2)  # drawn while the run goes on
    other.get_by_role("link", name="Explain a sequence").click()
    see(other.get_by_role("button", name="Run", exact=True))
    see(other.get_by_text("Waiting:"))  # its own run queues behind

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    settled(other)  # and now has its turn
    other.close()


def test_cancel_keeps_the_former_result(page: Page, address: str) -> None:
    open_page(page, address, "sentiment?masks=1200&text=A%20never%20dull%20film")
    settled(page)
    see(picture(page).get_by_text("dull", exact=True))
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_role("slider", name="Questions to the model").press("End")
    page.get_by_role("slider", name="Repeats").press("End")
    page.keyboard.press("Escape")
    page.get_by_text("A long review", exact=True).click()
    cancel = page.get_by_role("button", name="Cancel")
    see(cancel)
    see(picture(page).get_by_text("dull", exact=True))  # while the new run goes on
    cancel.click()
    expect(cancel).to_have_count(0)
    see(picture(page).get_by_text("dull", exact=True))
    see(page.get_by_text("This is the result of the former input"))


def test_dna_typed_and_explained(page: Page, address: str, shoot) -> None:
    open_page(page, address, "dna")
    settled(page)
    explain(page, "Sequence of 36 letters", f">mine\n{SEQUENCE.lower()}")
    see(page.get_by_text(re.compile("Known motif: E-box CACGTG")))
    see(picture(page).get_by_text(re.compile("E-box CACGTG")))
    settled(page)
    shoot(page, "dna")

    for text, message in (
        (SEQUENCE[:20], "The sequence has 20 letters; this model reads exactly 36"),
        (SEQUENCE[:-1] + "Z", "Z at position 36"),
    ):
        explain(page, "Sequence of 36 letters", text)
        see(page.get_by_text(message))
        see(picture(page))
    shoot(page, "dna-refused")

    page.get_by_role("button", name="Random sequence with CACGTG").click()
    see(page.get_by_text("36 of 36 letters"))
    settled(page)


@pytest.mark.parametrize("path", ["sentiment", "dna"])
@pytest.mark.parametrize(("width", "scheme"), [(800, "light"), (480, "dark")])
def test_narrow_and_dark(browser: Browser, address: str, shoot, path: str, width: int, scheme) -> None:
    page = browser.new_page(viewport={"width": width, "height": 1400}, color_scheme=scheme)
    page.set_default_timeout(60_000)
    open_page(page, address, path)
    settled(page)
    shown = page.locator("svg.glider-wide, svg.glider-narrow").locator("visible=true")
    expect(shown).to_have_count(1)
    # Nothing sticks out at the side.
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shoot(page, f"{path}-{width}-{scheme}")
    page.close()


def test_nonsense_in_the_address_is_survived(page: Page, address: str) -> None:
    open_page(page, address, "sentiment?masks=many&seed=-5&detector=magic&off=blur&repeats=9e9&l1=x&text=fine%20film")
    settled(page)
    expect(page.get_by_text("Traceback")).to_have_count(0)
