"""The app without a browser: one visitor, who opens pages, uses them, and waits until nothing runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from glider_core.store import Store
from pages.parts import books, run
from pages.parts.case_view import ADDRESSES

ROOT = Path(__file__).parents[2]
WAIT = 400.0  # seconds at most, for a run


class Visitor:
    """A visitor of the app.

    `app` is Streamlit's AppTest: `visitor.app.button(key=...).click()`, then `visitor.draw()` or `visitor.settle()`.
    """

    def __init__(self) -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=WAIT)
        self.draw()

    def open(self, page: str, **query: str) -> Visitor:
        """Open a page by its name or its file, with parameters in the address, and let its first run end."""
        return self.go(page, **query).settle()

    def go(self, page: str, **query: str) -> Visitor:
        """Open a page and draw it once, while its first run goes on."""
        self.app.query_params.clear()
        self.app.query_params.update(query)
        self.app.switch_page(page if page.endswith(".py") else f"pages/{ADDRESSES.get(page, page)}.py")
        return self.draw()

    def draw(self) -> Visitor:
        """Run the script once; an exception in it is the test's."""
        self.app.run()
        assert not self.app.exception, self.app.exception[0].stack_trace
        return self

    def settle(self) -> Visitor:
        """Run the script until nothing that it started runs any more."""
        self.draw()
        for _ in range(20):
            jobs = self.jobs()
            if not jobs and not any(button.label == "Cancel" for button in self.app.button):
                return self
            for job in jobs:
                assert job.wait(WAIT), f"a run did not end in {WAIT:.0f} seconds"
            self.draw()
        raise AssertionError("the page starts a run whenever one has ended")

    def jobs(self) -> list[Any]:
        """The runs of this visit that go on or whose result no page has taken yet, and what is asked beside them."""
        runs = [e.job for e in self.state(run.RUNS, {}).values() if e.job.active or e.job.state == "done"]
        return runs + list(self.state(run.PENDING, {}).values())

    def state(self, key: str, default: Any = None) -> Any:
        """What the session holds under a key."""
        return self.app.session_state.get(key, default)

    def texts(self) -> list[str]:
        """Headings, paragraphs, captions and messages on the page, without Markdown's backslashes and definitions."""
        app = self.app
        kinds = (app.title, app.header, app.subheader, app.markdown, app.caption)
        messages = (app.error, app.warning, app.info, app.success)
        texts = [element.value for kind in (*kinds, *messages) for element in kind]
        texts = [re.sub(r'<span class="glider-term"[^>]*>([^<]*)</span>', r"\1", text) for text in texts]
        return [re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", text) for text in texts]

    def reads(self, part: str) -> bool:
        """Whether some text on the page has this part."""
        return any(part in text for text in self.texts())

    def press(self, label: str) -> Visitor:
        """Press the one button of this label."""
        (button,) = (button for button in self.app.button if button.label == label)
        button.click()
        return self

    def pictures(self) -> list[str]:
        """The HTML of the pictures on the page, in order, without what stands in tabs beside them."""
        return [data["html"] for data in self.controls() if not data.get("label", "").startswith(("ranking", "sum"))]

    def controls(self) -> list[dict[str, Any]]:
        """What all pictures on the page were given, in order."""
        given = [json.loads(element.proto.json) for element in self.app.get("bidi_component")]
        return [data for data in given if "html" in data]

    def counters(self) -> list[int]:
        """The hidden numbers of finished drawings; one, on a page that was drawn to its end."""
        return [int(number) for html in self.app.get("html") for number in re.findall(r">(\d+)</div>", html.proto.body)]


@pytest.fixture
def new_visitor() -> Iterator[Callable[[], Visitor]]:
    """Makes visitors, each on the start page; what they leave running is given up."""
    visitors: list[Visitor] = []

    def make() -> Visitor:
        visitors.append(Visitor())
        return visitors[-1]

    yield make
    for visitor in visitors:
        for job in visitor.jobs():
            job.cancel()
            job.wait(WAIT)


@pytest.fixture
def visitor(new_visitor: Callable[[], Visitor]) -> Visitor:
    """A visitor who has opened the start page."""
    return new_visitor()


class Server:
    """Whose browser asks, and the store that the server has."""

    def __init__(self, store: Store) -> None:
        self.store, self.who = store, "Anna"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(Store("sqlite://"))
    monkeypatch.setattr(books, "store", lambda *, kept: server.store)
    monkeypatch.setattr(books, "owner", lambda: (f"browser {server.who}", True))
    yield server
    server.store.close()
