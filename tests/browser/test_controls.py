"""Pictures as controls: by mouse, by keyboard, and for those who do not see them."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessible import violations
from tests.browser.helpers import act, open_page, picture, see, settled

pytestmark = pytest.mark.browser


def test_what_is_under_the_pointer_lights_up_in_every_picture(page: Page, address: str) -> None:
    open_page(page, address, "sentiment?masks=600")
    bracket = picture(page).last.locator("g[data-set='0']")
    row = page.locator(".glider-row:not(.glider-step)[data-set='0']")
    bracket.locator("circle").first.hover()
    expect(row).to_have_class(re.compile("is-lit"))
    expect(page.locator(".glider-row:not(.glider-step)[data-set='1']")).to_have_class(re.compile("is-dim"))
    page.mouse.move(5, 5)
    expect(row).not_to_have_class(re.compile("is-lit"))


def test_a_word_is_clicked_off_and_on_and_the_answer_moves(page: Page, address: str) -> None:
    open_page(page, address, "sentiment?masks=600")
    word = picture(page).last.locator("[data-feature='5']")  # fails
    word.click()
    expect(page.get_by_text("with 1 off").first).to_be_visible()
    expect(word).to_have_class(re.compile("is-off"))
    expect(picture(page).last.locator("g[data-set='0']")).to_have_class(re.compile("is-broken"))
    word.click()
    expect(page.get_by_text("with 1 off")).to_have_count(0)
    word.click()
    page.get_by_role("button", name="All on").click()
    expect(word).not_to_have_class(re.compile("is-off"))


def test_keys_step_through_sets_and_features_and_escape_returns(page: Page, address: str) -> None:
    open_page(page, address, "sentiment?masks=600")
    place = page.get_by_role("group", name=re.compile("^Positive|^positive"))
    place.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".glider-row:not(.glider-step)[data-set='0']")).to_have_class(re.compile("is-lit"))
    expect(page.locator(".said").first).to_contain_text("never · fails")
    page.keyboard.press("Escape")
    expect(page.locator(".glider-row:not(.glider-step)[data-set='0']")).not_to_have_class(re.compile("is-lit"))
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(page.get_by_text("with 1 off").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("with 1 off")).to_have_count(0)


def test_control_enter_runs_what_was_typed(page: Page, address: str) -> None:
    page.goto(f"{address}/sentiment?masks=600")
    area = page.get_by_label("Sentence", exact=True)
    area.fill("The songs are never dull.")
    area.press("Control+Enter")  # at once: nothing else of the page needs to be there
    expect(page.get_by_text("The model reads never and dull together")).to_be_visible()
    settled(page, running=True)
    row = page.locator(".glider-row:not(.glider-step)[data-set='0']")
    page.keyboard.press("ArrowRight")  # the field was left when it was run, so that a first arrow shows the first set
    expect(row).to_have_class(re.compile("is-lit"))
    page.keyboard.press("Escape")
    expect(row).not_to_have_class(re.compile("is-lit"))
    area.click()
    area.press("ArrowRight")  # in a field it moves through the text
    page.wait_for_timeout(400)
    expect(row).not_to_have_class(re.compile("is-lit"))


@pytest.mark.slow
def test_arrows_step_through_the_sets_of_a_kept_case_too(page: Page, address: str) -> None:
    open_page(page, address, "sentiment?masks=600")
    open_page(page, address, "cases")
    see(picture(page).last)  # which takes the keys, and comes after the page
    act(page, lambda: page.keyboard.press("ArrowRight"))
    page.wait_for_url("**set=1*")
    expect(picture(page).last.locator("g[data-set='0']")).to_have_class(re.compile("is-lit"))
    act(page, lambda: page.get_by_role("grid", name="Cases").locator("tbody tr").first.click())
    act(page, lambda: page.keyboard.press("ArrowRight"))
    page.wait_for_url("**set=1*")
    act(page, lambda: page.keyboard.press("Escape"))
    assert "set=" not in page.url


def test_a_superpixel_is_named_under_the_pointer_and_clicked_off(page: Page, address: str) -> None:
    open_page(page, address, "image", running=True)
    name = page.locator(".glider-names:visible").last.locator("text.glider-quiet").first
    part = page.locator(f".glider-part[data-feature='{name.get_attribute('data-feature')}']:visible").last
    expect(name).to_have_css("opacity", "0")
    part.hover(force=True)
    expect(name).to_have_css("opacity", "1")
    part.click(force=True)
    expect(page.get_by_text("with 1 off").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_the_result_stands_on_the_first_screen_and_axe_finds_nothing_wrong(
    browser: Browser, address: str, scheme
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page.set_default_timeout(180_000)
    for path in ("sentiment", "dna", "recommender", "image", "graph", "your_model"):
        open_page(page, address, path, running=True)  # how stable it is may still be measured
        page.wait_for_selector(".glider-rows")
        box = page.locator(".place .glider-layers").first.bounding_box()
        assert box is not None
        assert box["y"] + min(box["height"], 380) < 900, path
        small = page.evaluate(SMALL_TEXT)
        assert not small, (path, small)
        assert violations(page) == [], path
    for path in ("compare", "global_view", "crosses") if scheme == "dark" else ():
        open_page(page, address, path)
        assert violations(page) == [], path
    page.close()


# Texts of our pictures that are set smaller than 14 pixels as the screen shows them.
SMALL_TEXT = """() => [...document.querySelectorAll("*")]
  .flatMap((host) => [...(host.shadowRoot?.querySelectorAll("text, .glider-row span, .glider-row b") ?? [])])
  .filter((part) => part.getClientRects().length && part.closest(".glider-layers, .glider-bars"))
  .map((part) => {
    const scale = part.getScreenCTM ? Math.abs(part.getScreenCTM().a || part.getScreenCTM().b) : 1;
    return [part.textContent, parseFloat(getComputedStyle(part).fontSize) * scale];
  })
  .filter(([, size]) => size < 13.2)"""
