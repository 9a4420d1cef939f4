"""What only a browser shows of the pages that explain: frames, SVG, clicks in it, files, Back, dark and narrow."""

import json
import re

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.helpers import act, explain, open_page, picture, settled

pytestmark = pytest.mark.browser
SEQUENCE = "GTATCGGCTACCGCACACGTGGTACCCTATTTACGC"


@pytest.mark.slow  # needs a server of its own
def test_a_link_that_is_opened_first_shows_its_case_in_the_frame(page: Page, new_address: str) -> None:
    open_page(page, new_address, f"dna?text={SEQUENCE}&detector=GradientNID&masks=1200&seed=3")
    expect(page.get_by_role("link", name="Start")).to_be_visible()
    expect(page.get_by_label("Sequence of 36 letters, FASTA or FASTQ", exact=True)).to_have_value(SEQUENCE)
    page.get_by_role("tab", name="Details").click()
    page.get_by_role("button", name="Link to this case").click()
    expect(page.get_by_text(re.compile(f"/dna.model=.*text={SEQUENCE}.*masks=1200.*seed=3"))).to_be_visible()


def test_home_shows_its_pictures_and_a_card_opens_its_case(page: Page, address: str, shoot) -> None:
    open_page(page, address)
    expect(page.get_by_role("link", name="Open this case")).to_have_count(5)
    expect(picture(page).get_by_text("dull", exact=True)).to_be_visible()
    shoot(page, "home")
    act(page, lambda: page.get_by_role("link", name="Open this case").first.click())
    expect(page.get_by_role("heading", name="Sentiment", exact=True)).to_be_visible()
    expect(page.get_by_label("Sentence", exact=True)).to_have_value("Hardly a dull moment.")
    expect(page.get_by_text("The model reads Hardly and dull together")).to_be_visible()


def test_a_sentence_is_typed_explained_switched_and_saved(page: Page, address: str, shoot) -> None:
    open_page(page, address, "sentiment?masks=1200")
    explain(page, "Sentence", "The songs are never dull.")
    expect(page.get_by_text("The model reads never and dull together")).to_be_visible()
    expect(picture(page).last.get_by_text("dull", exact=True)).to_be_visible()
    assert "songs" in page.url
    page.get_by_role("tab", name="Details").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as JSON").click()
    saved = json.loads(download.value.path().read_text())
    assert saved["interactions"][0]["names"] == ["never", "dull"]
    assert saved["case"]["raw"] == "The songs are never dull."
    page.get_by_role("tab", name="Try it").click()
    picture(page).last.get_by_text("never", exact=True).click()  # a fragment: the page is not drawn anew
    expect(page.get_by_text("against the original")).to_be_visible()
    page.wait_for_url("**&off=*")
    # It is judged where it stands, by a key; digits in a field are none.
    words = page.get_by_label("Sentence", exact=True)
    words.press("End")
    words.press("3")
    expect(page.get_by_text(re.compile("^0 of 2 judged"))).to_be_visible()
    words.press("Backspace")
    page.get_by_role("tab", name="Try it").click()
    page.keyboard.press("2")
    expect(page.get_by_text(re.compile("^1 of 2 judged"))).to_be_visible()
    shoot(page, "sentiment")
    link = page.url
    page.goto(link)  # the same as a link that is opened
    settled(page)
    page.get_by_role("tab", name="Try it").click()
    expect(page.get_by_text("against the original")).to_be_visible()


def test_back_and_forward_go_through_the_cases_and_reload_keeps_the_last(page: Page, address: str) -> None:
    open_page(page, address, "sentiment?masks=600&text=First%20of%20all%20films.")
    field = page.get_by_label("Sentence", exact=True)
    explain(page, "Sentence", "The second one is never dull.")
    page.wait_for_timeout(1100)  # sooner, an old address may still be on its way
    act(page, page.go_back)
    expect(field).to_have_value("First of all films.")
    expect(picture(page).last.get_by_text("First", exact=True)).to_be_visible()
    act(page, page.go_forward)
    expect(field).to_have_value("The second one is never dull.")
    page.reload()
    settled(page)
    expect(field).to_have_value("The second one is never dull.")
    act(page, lambda: page.get_by_role("link", name="DNA", exact=True).click())
    page.wait_for_url("**/dna?**")
    assert "second" not in page.url
    page.wait_for_timeout(1100)
    page.go_back()
    page.wait_for_timeout(1100)
    if page.url.rstrip("?").endswith("/dna"):  # Streamlit may note a page and its case as two places
        page.go_back()
    page.wait_for_url("**/sentiment?**")
    settled(page)
    expect(field).to_have_value("The second one is never dull.")
    expect(picture(page).last.get_by_text("second", exact=True)).to_be_visible()


def test_markup_is_shown_as_text(page: Page, address: str, shoot) -> None:
    fired: list[str] = []

    def note(dialog: Dialog) -> None:
        fired.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    open_page(page, address, "sentiment?masks=600")
    explain(page, "Sentence", "A <script>alert(1)</script> <img src=x onerror=alert(2)> never fails")
    expect(picture(page).get_by_text("script", exact=True).first).to_be_visible()
    assert fired == []
    assert page.locator("img[src='x']").count() == 0
    shoot(page, "sentiment-markup")


def test_a_run_can_be_cancelled_and_does_not_block_another_tab(page: Page, browser: Browser, address: str) -> None:
    # The most questions and repeats there are, of a detector that trains on all of them: this runs for a while.
    heavy = "masks=20000&repeats=10&detector=GradientNID"
    open_page(page, address, f"sentiment?text={'Long%20' * 60}&{heavy}", running=True)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    other = browser.new_page()
    other.set_default_timeout(180_000)
    open_page(other, address)
    expect(picture(other).first).to_be_visible()  # drawn while the run goes on
    open_page(other, address, "dna?masks=600&seed=17")  # a worker is kept for short runs
    expect(picture(other).first).to_be_visible()
    act(page, lambda: page.get_by_role("button", name="Cancel").click())
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    other.close()


def test_a_node_is_clicked_and_explained(page: Page, address: str, shoot) -> None:
    open_page(page, address, "graph?masks=1200")
    expect(page.get_by_role("heading", name=re.compile("^25: Officer's side"))).to_be_visible()
    shoot(page, "graph")
    act(page, lambda: picture(page).locator("[data-pick='33'] circle").first.dblclick())
    expect(page.get_by_role("heading", name=re.compile("^Officer: Officer's side"))).to_be_visible()
    assert "text=Officer" in page.url


@pytest.mark.slow  # tests of pages upload photos, too
def test_a_photo_is_uploaded_and_explained(page: Page, address: str, shoot, tmp_path) -> None:
    from glider_core.domains.image.picture import sample

    open_page(page, address, "image?masks=600", running=True)  # how stable it is may still be measured
    expect(page.get_by_role("heading", name=re.compile("^espresso"))).to_be_visible()
    shoot(page, "image")
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": sample("Cat")}
    page.get_by_role("button", name="Your photo").click()
    act(page, lambda: page.locator("input[type=file]").set_input_files([file]), running=True)  # type: ignore[list-item]
    page.keyboard.press("Escape")
    expect(page.get_by_text("This is the result of the former input")).to_be_visible()  # the photo has come
    act(page, lambda: page.get_by_role("button", name="Run", exact=True).click(), running=True)
    expect(page.get_by_text("Main effects", exact=True).first).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^espresso"))).to_have_count(0)


@pytest.mark.parametrize(("width", "scheme"), [(800, "light"), pytest.param(480, "dark", marks=pytest.mark.slow)])
def test_narrow_and_dark(browser: Browser, address: str, shoot, width: int, scheme) -> None:
    page = browser.new_page(viewport={"width": width, "height": 1400}, color_scheme=scheme)
    page.set_default_timeout(180_000)
    for path in ("sentiment", "dna", "recommender", "graph", "compare", "cases", "your_model", "image", "evidence"):
        open_page(page, address, f"{path}?masks=600")
        # Nothing sticks out at the side, and of two layouts one is shown.
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        if path in ("sentiment", "dna"):
            layers = page.locator(".glider-layers svg:is(.glider-wide, .glider-middle, .glider-narrow):visible")
            expect(layers).to_have_count(2 if path == "sentiment" else 1)
        if path == "evidence":
            page.get_by_role("link", name="Negations: twenty sentences").first.click()
            expect(page.get_by_role("heading", name="Negations: twenty sentences")).to_be_in_viewport()
        shoot(page, f"{path}-{width}-{scheme}")
    page.close()
