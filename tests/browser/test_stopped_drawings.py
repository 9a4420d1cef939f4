"""What a visitor types and presses while a page is being drawn counts, however long the drawing takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STRETCHED = Path(__file__).parent / "stretched"
ROUNDS, AT_ONCE = 12, 4  # visits at once, so that the server is busy
DELAYS = (0, 50, 100, 200, 300)  # milliseconds from the field's coming to the typing


def test_nothing_typed_or_pressed_is_lost_while_the_page_is_drawn(browser: Browser, tmp_path: Path) -> None:
    lost = []
    with served(tmp_path / "log.txt", PYTHONPATH=str(STRETCHED)) as address:
        for number in range(ROUNDS):
            contexts = [browser.new_context() for _ in range(AT_ONCE)]
            pages = [context.new_page() for context in contexts]
            for page in pages:
                page.goto(f"{address}/sentiment?masks=600", wait_until="commit")
            for page in pages:
                area = page.get_by_label("Sentence", exact=True)
                area.wait_for(timeout=60_000)
                page.wait_for_timeout(DELAYS[number % len(DELAYS)])
                area.fill("The songs are never dull.")
                area.press("Control+Enter")
            for page in pages:
                try:
                    expect(page.get_by_text("The model reads never and dull together")).to_be_visible(timeout=40_000)
                except AssertionError:
                    lost.append(page.url)
            for context in contexts:
                context.close()
    assert lost == []
    assert "two threads at once" not in (tmp_path / "log.txt").read_text()
