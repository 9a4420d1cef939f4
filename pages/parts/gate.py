"""What stands between a browser and the pages: whom the server answers, what the answers say, the visitor's cookie.

Streamlit refuses WebSockets by `server.allowedHosts`; here files are refused by the same list, so that a web site whose
name was made to mean this machine (DNS rebinding) gets nothing at all.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocketClose
from streamlit import config
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from glider_core.keeping import Limits
from pages.parts.visitor import COOKIE, is_token

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEALTH = "/_stcore/health"  # asked by machines that know no names; it says "ok", and nothing else
REFUSED = (
    "Glider does not answer under this name. Whoever runs it can add the name to server.allowedHosts "
    "(or STREAMLIT_SERVER_ALLOWED_HOSTS, or `glider app --host`).\n"
)
_FRAMES = "GLIDER_FRAME_ANCESTORS"  # addresses that may show Glider in a frame, separated by blanks
_LOOPBACK = ("localhost", "127.0.0.1", "::1", "0.0.0.0")


class Gate:
    """The middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._answers = answer_headers(os.environ.get(_FRAMES, ""))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on and see to its answer."""
        if scope["type"] == "websocket":
            headers = Headers(scope=scope)
            if is_host_allowed(headers.get("host")) and is_own_origin(headers.get("origin"), headers.get("host")):
                await self._app(scope, receive, send)
            else:
                await WebSocketClose(1008)(scope, receive, send)
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        elif not scope["path"].endswith(HEALTH) and not is_host_allowed(Headers(scope=scope).get("host")):
            await PlainTextResponse(REFUSED, 403)(scope, receive, self._sealed(send, None))
        else:
            await self._app(scope, receive, self._sealed(send, cookie_for(scope)))

    def _sealed(self, send: Send, cookie: str | None) -> Callable[[Message], Any]:
        """Sends an answer with our headers and the visitor's cookie."""

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers.update(self._answers)
                if cookie is not None and message["status"] in (200, 304):
                    headers.append("set-cookie", cookie)
                    # A proxy that stored this answer would make one visitor of all.
                    headers["cache-control"] = "private, no-cache"
                    headers.add_vary_header("Cookie")
            await send(message)

        return sealed


MIDDLEWARE = (Middleware(Gate),)


def answer_headers(frames: str) -> dict[str, str]:
    """Headers of every answer.

    Args:
        frames: addresses that may show Glider in a frame, separated by blanks; others may not.
    """
    places = " ".join(["'self'", *frames.replace(";", " ").replace(",", " ").split()])
    headers = {
        # Scripts and styles are Streamlit's and Plotly's, which need more than a strict policy lets them.
        "content-security-policy": f"frame-ancestors {places}; base-uri 'self'; object-src 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",  # an address holds what was explained
        "cross-origin-opener-policy": "same-origin",
    }
    return headers if frames.strip() else headers | {"x-frame-options": "SAMEORIGIN"}


def is_own_origin(origin: str | None, host: str | None) -> bool:
    """Whether a page of this origin may open a WebSocket here, as far as Streamlit does not see to it.

    Streamlit lets any page of this machine in, whatever its port, and such a page brings the visitor's cookie along.
    """
    if origin is None:
        return True
    try:
        name, place = urlsplit(origin).hostname, urlsplit(origin).netloc
    except ValueError:
        return False
    allowed = config.get_option("server.corsAllowedOrigins")
    return name not in _LOOPBACK or place == host or origin.lower().rstrip("/") in [o.rstrip("/") for o in allowed]


def cookie_for(scope: Scope) -> str | None:
    """The cookie that goes with a page: the visitor's own for some longer, or a new one; None: this is no page.

    Scripts cannot read it, and other sites' requests do not bring it along, but for a link that is followed.
    """
    headers = Headers(scope=scope)
    age = Limits.of_environment().age
    if scope["method"] != "GET" or "text/html" not in headers.get("accept", "") or age <= 0:
        return None
    former = HTTPConnection(scope).cookies.get(COOKIE)
    token = former if is_token(former) else secrets.token_urlsafe(32)
    base = "/" + config.get_option("server.baseUrlPath").strip("/")
    cookie = f"{COOKIE}={token}; Path={base}; Max-Age={age:.0f}; HttpOnly; SameSite=Lax"
    # Only the visitor's own browser suffers from a false word on this.
    secure = "https" in (scope.get("scheme"), headers.get("x-forwarded-proto", "").split(",")[0].strip())
    return f"{cookie}; Secure" if secure else cookie
