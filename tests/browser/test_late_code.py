"""Fields whose code comes late, as over a slow line, or which are opened late show what they would have shown.

A field that is empty then is worse than it looks: the browser reports its emptiness with the next click.
"""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.helpers import act, open_page, picture, settled

pytestmark = pytest.mark.browser
CASE = "sentiment?model=sentiment/lstm&text=Hardly+a+dull+hour.&detector=NID&masks=1500"
CODE = re.compile(r"/js/(TextArea|NumberInput|ButtonGroup|Multiselect)\.[^/]*\.js$")


class LateCode:
    """Holds the code of fields back until it is released."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        self._late = True
        page.route(CODE, self._take)

    def _take(self, route: Route) -> None:
        if self._late:
            self._held.append(route)
        else:
            route.continue_()

    def release(self) -> None:
        assert self._held
        self._late = False
        for route in self._held:
            route.continue_()


def draw_anew(page: Page) -> None:
    """Have the page drawn; the browser tells the server what its fields show."""
    act(page, lambda: page.get_by_role("button", name="Run", exact=True).click())


def test_a_field_shows_the_case_of_the_address(page: Page, address: str) -> None:
    code = LateCode(page)
    page.goto(f"{address}/{CASE}&seed=5")
    expect(picture(page).first).to_be_visible()
    settled(page)
    draw_anew(page)
    code.release()
    sentence = page.get_by_label("Sentence", exact=True)
    expect(sentence).to_have_value("Hardly a dull hour.")
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_label("Seed", exact=True)).to_have_value("5")
    expect(page.get_by_role("radio", name="NID", exact=True)).to_be_checked()
    page.keyboard.press("Escape")
    draw_anew(page)
    expect(sentence).to_have_value("Hardly a dull hour.")
    expect(page.get_by_text("This is the result of the former input")).to_have_count(0)


def test_a_note_and_tags_are_not_emptied(page: Page, address: str) -> None:
    note, tags = page.get_by_role("textbox", name="Note"), page.get_by_role("combobox", name="Tags")
    tag = page.get_by_role("button", name="ironic")
    open_page(page, address, f"{CASE}&seed=6")
    said = page.get_by_role("button", name="Note", exact=True)
    said.click()
    note.fill("Ask the author")
    note.blur()
    expect(page.get_by_text("Last written by")).to_be_visible()
    tags.fill("ironic")
    tags.press("Enter")
    expect(tag).to_have_count(1)
    code = LateCode(page)
    page.reload()
    settled(page)
    draw_anew(page)
    code.release()
    for _ in range(2):
        said.click()
        expect(note).to_have_value("Ask the author")
        expect(tag).to_have_count(1)
        draw_anew(page)
