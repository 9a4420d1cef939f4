"""A visitor without a browser: speaks Streamlit's protocol, asks for explanations and looks at runs as a browser does.

It keeps the timers that pages set (`run_every`) and sends a rerun for each, but draws nothing, so that many of them fit
beside the server on two cores.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping
from typing import Any, Self
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

RESULT = "Download as JSON"  # the button of an explanation; others offer pictures and reports
_DRAWN = re.compile(r'class="glider-runs" data-busy="(true|refining|false)"')
_LARGEST = 2**28  # bytes of a message


class PageFailed(Exception):
    """The page showed an error, or the server went away."""


class Visitor:
    """One session of the app; `connected` makes one."""

    def __init__(self, address: str, connection: ClientConnection) -> None:
        self._address, self._connection = address, connection
        self._pages: dict[str, str] = {}  # hash of each page's script, by its address
        self._page, self._query, self._session = "", "", ""
        self._timers: dict[str, tuple[float, asyncio.Task[None]]] = {}  # interval and timer, by fragment
        self._fragments: list[str] = []  # of the run of the script that goes on
        self._busy, self._file, self._failure = True, "", ""
        self._finished = asyncio.Event()  # a whole page was drawn, nothing runs on it, and it has a result
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._request = 0
        self._drawn = asyncio.Event()  # a whole page was drawn, whatever is on it
        self._settled = asyncio.Event()  # and nothing runs on it
        self.reruns = 0  # of fragments, by timers
        self.drawn_again = 0  # whole pages, after their result was there

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, address: str, *, cookie: str = "") -> AsyncIterator[Self]:
        """A visitor who has opened the start page.

        Args:
            address: of the server, "http://localhost:8501".
            cookie: that the browser brings along.
        """
        url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
        protocols: Any = ["streamlit"]
        origin: Any = address
        async with connect(
            url, subprotocols=protocols, origin=origin, max_size=_LARGEST, ping_timeout=None,
            additional_headers={"Cookie": cookie} if cookie else None,
        ) as socket:  # fmt: skip
            visitor = cls(address, socket)
            listener = asyncio.create_task(visitor._listen())
            try:
                await visitor._rerun()
                while not visitor._pages:
                    visitor._raise_failure()
                    await asyncio.sleep(0.05)
                yield visitor
            finally:
                visitor._stop_timers()
                listener.cancel()

    async def explain(self, page: str, query: Mapping[str, str], *, timeout: float) -> dict[str, Any]:
        """Open a link to a case, and wait for its result.

        Args:
            page: of the app, such as "sentiment".
            query: of the link.
            timeout: seconds.

        Returns:
            The JSON that the page offers for download; "waited" is the seconds until it was there.

        Raises:
            PageFailed: the page showed an error.
            TimeoutError: the result did not come in time.
        """
        begun = time.perf_counter()
        await self.open(page, query)
        await asyncio.wait_for(self._finished.wait(), timeout)
        self._raise_failure()
        waited = time.perf_counter() - begun
        return await self._download() | {"waited": waited}

    async def look(self, page: str) -> float:
        """Open a page that runs nothing; seconds until it was drawn."""
        begun = time.perf_counter()
        await self.open(page, {})
        await self._drawn.wait()
        return time.perf_counter() - begun

    async def run(self, page: str, query: Mapping[str, str]) -> None:
        """Open a link, and wait until nothing runs on its page."""
        await self.open(page, query)
        await self._settled.wait()
        self._raise_failure()

    async def open(self, page: str, query: Mapping[str, str]) -> None:
        """Open a link, and wait for nothing."""
        if page not in self._pages:
            raise PageFailed(f"there is no page {page}")
        self._page, self._query = self._pages[page], urlencode(query)
        self._finished.clear()
        self._drawn.clear()
        self._settled.clear()
        self._busy, self._file, self._failure = True, "", ""
        self._stop_timers()
        await self._rerun()

    def _raise_failure(self) -> None:
        if self._failure:
            raise PageFailed(self._failure)

    async def _rerun(self, fragment: str = "") -> None:
        state = ClientState(query_string=self._query, page_script_hash=self._page, fragment_id=fragment)
        state.is_auto_rerun = bool(fragment)
        await self._send(BackMsg(rerun_script=state))

    async def _send(self, message: BackMsg) -> None:
        await self._connection.send(message.SerializeToString())

    async def _listen(self) -> None:
        try:
            async for raw in self._connection:
                message = ForwardMsg()
                message.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
                self._take(message)
            self._fail("the connection was closed")
        except Exception as error:  # the listener's end is the visit's
            self._fail(f"{type(error).__name__}: {error}")

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id
            self._fragments = list(message.metadata.run.fragment_ids)
            if not self._fragments:
                self._stop_timers()
                self.drawn_again += self._finished.is_set()
        elif kind == "navigation":
            self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "auto_rerun":
            self._set_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._stop_timer(fragment)
        elif kind == "delta":
            self._look_at(message.delta.new_element)
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY and not self._fragments:
                self._drawn.set()
                if not self._busy:
                    self._settled.set()
                    if self._file or self._failure:
                        self._finished.set()
        elif kind == "backend_operation_response":
            response = message.backend_operation_response
            if (waiter := self._answers.pop(response.request_id, None)) is not None:
                waiter.set_result(response.deferred_file.url)

    def _look_at(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "html" and (found := _DRAWN.search(element.html.body)):
            self._busy = found[1] == "true"
        elif kind == "download_button" and element.download_button.label == RESULT:
            self._file = element.download_button.deferred_file_id
        elif kind == "exception":
            self._fail(element.exception.message)
        elif kind == "alert" and element.alert.format == element.alert.ERROR:
            self._fail(element.alert.body)

    def _fail(self, words: str) -> None:
        self._failure = words
        self._finished.set()

    def _set_timer(self, fragment: str, interval: float) -> None:
        if fragment in self._timers and self._timers[fragment][0] == interval:
            return
        self._stop_timer(fragment)
        self._timers[fragment] = interval, asyncio.create_task(self._keep_asking(fragment, interval))

    async def _keep_asking(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            self.reruns += 1
            await self._rerun(fragment)

    def _stop_timer(self, fragment: str) -> None:
        if fragment in self._timers:
            self._timers.pop(fragment)[1].cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._stop_timer(fragment)

    async def _download(self) -> dict[str, Any]:
        """The JSON behind the button; another drawing of the page may replace the button meanwhile."""
        for last in [False] * 9 + [True]:
            url = f"{self._address}{await self._file_address()}"
            try:
                return json.loads(await asyncio.to_thread(lambda url=url: urllib.request.urlopen(url).read()))
            except urllib.error.HTTPError as error:
                if error.code != 404 or last:
                    raise
                await asyncio.sleep(0.3)
        raise AssertionError

    async def _file_address(self) -> str:
        self._request += 1
        message = BackMsg()
        operation = message.backend_operation_request
        operation.request_id, operation.session_id = str(self._request), self._session
        operation.deferred_file.file_id = self._file
        answer = self._answers[str(self._request)] = asyncio.get_running_loop().create_future()
        await self._send(message)
        return await asyncio.wait_for(answer, 60)
