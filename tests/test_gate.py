"""Whom the server answers, what its answers say, and the cookie by which it knows a browser again."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from streamlit import config
from typer.testing import CliRunner

from glider_core.cli import app, serve
from pages.parts import gate, visitor

ROOT = Path(__file__).parents[1]
TOKEN = "t" * 43
PAGE = {"Accept": "text/html"}


@contextmanager
def started(folder: Path, **environment: str) -> Iterator[int]:
    """The app, really started; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    env = {**os.environ, "GLIDER_CACHE": str(folder / "cache"), **environment}
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=env)
        try:
            deadline = time.monotonic() + 120
            while True:
                try:
                    urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2)
                    break
                except OSError:
                    assert server.poll() is None, (folder / "log.txt").read_text()
                    assert time.monotonic() < deadline, (folder / "log.txt").read_text()
                    time.sleep(0.2)
            yield port
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with started(tmp_path_factory.mktemp("usual")) as port:
        yield port


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    names = "localhost glider.example.org *.lab.example"
    with started(tmp_path_factory.mktemp("deployed"), STREAMLIT_SERVER_ALLOWED_HOSTS=names) as port:
        yield port


def asked(port: int, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to a request with just these headers, which no browser lets one choose."""
    lines = [f"GET {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    with socket.create_connection(("localhost", port), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (part := connection.recv(4096)):
            answer += part
    first, *rest = answer.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return int(first.split()[1]), dict(line.lower().split(": ", 1) for line in rest)


def websocket(port: int, **headers: str) -> int:
    """Status of the answer to a WebSocket's handshake: 101 where it is taken."""
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": key}
    return asked(port, "/_stcore/stream", **upgrade, **headers)[0]


OWN_NAMES = [
    "localhost:{port}",
    "127.0.0.1:{port}",
    "[::1]:{port}",
    "LOCALHOST:{port}",
    "localhost.:{port}",
    "localhost",
]
FOREIGN_NAMES = [
    "evil.example:{port}", "evil.example", "localhost.evil.example:{port}", "evil-localhost", "10.0.0.1:{port}",
    "user@localhost:{port}", "localhost:port", "localhost/evil.example", "",
]  # fmt: skip


@pytest.mark.parametrize("name", OWN_NAMES)
def test_the_app_answers_to_its_own_names(usual: int, name: str) -> None:
    host = name.format(port=usual)
    assert asked(usual, "/", Host=host)[0] == 200
    assert websocket(usual, Host=host, Origin=f"http://{host}") == 101


@pytest.mark.parametrize("name", FOREIGN_NAMES)
def test_a_foreign_name_gets_nothing(usual: int, name: str) -> None:
    host = name.format(port=usual)
    for path in ("/", "/sentiment", "/_stcore/host-config", "/static/nothing.js"):
        status, headers = asked(usual, path, Host=host)
        assert status in (400, 403), path
        assert "set-cookie" not in headers
    assert websocket(usual, Host=host, Origin=f"http://{host}") in (400, 403)
    assert websocket(usual, Host=host) in (400, 403)


def test_a_health_check_needs_no_name(usual: int) -> None:
    assert asked(usual, "/_stcore/health", Host="10.0.0.7")[0] == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://localhost:3000", "http://127.0.0.1:1", "https://localhost", "null", "http://[::1"],
)
def test_a_page_from_elsewhere_opens_no_websocket(usual: int, origin: str) -> None:
    assert websocket(usual, Host=f"localhost:{usual}", Origin=origin) == 403


def test_a_deployment_names_its_hosts_by_a_variable(deployed: int) -> None:
    for name in ("glider.example.org", "glider.example.org:443", "a.lab.example", f"localhost:{deployed}"):
        assert asked(deployed, "/", Host=name)[0] == 200, name
        assert websocket(deployed, Host=name, Origin=f"https://{name}") == 101, name
    for name in ("example.org", "lab.example", f"127.0.0.1:{deployed}"):
        assert asked(deployed, "/", Host=name)[0] == 403, name


def test_answers_keep_others_from_framing_the_app(usual: int) -> None:
    for path in ("/", "/_stcore/health", "/nothing.here"):
        _, headers = asked(usual, path, Host="localhost")
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "sameorigin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_a_browser_gets_a_token_of_its_own_and_keeps_it(usual: int) -> None:
    cookies = [asked(usual, "/", Host="localhost", **PAGE)[1]["set-cookie"] for _ in range(2)]
    tokens = [re.findall(rf"{visitor.COOKIE}=([^;]+)", cookie)[0] for cookie in cookies]
    assert len({*tokens, TOKEN}) == 3
    assert all("httponly; samesite=lax" in cookie for cookie in cookies)
    _, headers = asked(usual, "/dna?model=dna/cnn", Host="localhost", **PAGE, Cookie=f"{visitor.COOKIE}={TOKEN}")
    assert f"{visitor.COOKIE}={TOKEN};" in headers["set-cookie"]
    assert headers["cache-control"] == "private, no-cache"  # else a proxy would give one token to all
    assert "cookie" in headers["vary"]


def test_only_pages_bring_the_cookie(usual: int) -> None:
    for path in ("/_stcore/health", "/_stcore/host-config"):
        assert visitor.COOKIE not in asked(usual, path, Host="localhost")[1].get("set-cookie", "")


def page_of(*, cookie: str = "", scheme: str = "http", method: str = "GET", **headers: str) -> str | None:
    given = {"accept": "text/html,*/*", "cookie": cookie, **{k.replace("_", "-"): v for k, v in headers.items()}}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return gate.cookie_for({"type": "http", "method": method, "scheme": scheme, "path": "/", "headers": raw})


@pytest.mark.parametrize(
    "cookie", ["", f"{visitor.COOKIE}=", f"{visitor.COOKIE}=short", f"{visitor.COOKIE}={'ä' * 43}"]
)
def test_what_is_no_token_is_replaced(cookie: str) -> None:
    told = page_of(cookie=cookie)
    assert told is not None
    assert visitor.is_token(told.split(";")[0].split("=", 1)[1])


def test_cookies_of_other_programs_do_not_hide_the_token() -> None:
    others = 'a=b; odd[name]=1; {"json": 2}; quoted="x;y"; '
    told = page_of(cookie=f"{others}{visitor.COOKIE}={TOKEN}; last")
    assert told is not None
    assert told.startswith(f"{visitor.COOKIE}={TOKEN};")


def test_the_cookie_of_an_encrypted_page_is_never_sent_in_the_clear() -> None:
    assert "Secure" not in str(page_of())
    assert str(page_of(scheme="https")).endswith("; Secure")
    assert str(page_of(x_forwarded_proto="https, http")).endswith("; Secure")


def test_a_server_that_keeps_nothing_gives_no_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIDER_KEEP_DAYS", "0")
    assert page_of() is None
    monkeypatch.undo()
    assert page_of(method="POST") is None
    assert page_of(accept="image/png") is None


def test_a_deployment_may_allow_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = gate.answer_headers("https://intranet.example, https://wiki.example;script-src 'none'")
    assert headers["content-security-policy"].startswith(
        "frame-ancestors 'self' https://intranet.example https://wiki.example script-src 'none';"
    )
    assert "x-frame-options" not in headers


def test_an_origin_of_this_machine_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = {"server.corsAllowedOrigins": ["http://localhost:3000"]}
    monkeypatch.setattr(config, "get_option", lambda name: allowed[name])
    assert gate.is_own_origin("http://localhost:3000", "localhost:8501")
    assert not gate.is_own_origin("http://localhost:3001", "localhost:8501")


def test_what_is_neither_page_nor_websocket_passes() -> None:
    seen: list[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    passing = gate.Gate(inner)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as own:  # this thread has a loop where browser tests ran before
        own.submit(asyncio.run, passing).result()
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["--host", "glider.example.org", "--host", "b.example"], {"glider.example.org", "b.example"}),
        (["--address", "192.168.1.5"], {"192.168.1.5"}),
        (["--address", "0.0.0.0"], {socket.gethostname()}),
        (["--address", "0.0.0.0", "--host", "glider.example.org"], {"glider.example.org"}),
    ],
)
def test_the_command_names_the_hosts(monkeypatch: pytest.MonkeyPatch, given: list[str], names: set[str]) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(serve, "replace_process", calls.append)
    monkeypatch.delenv("STREAMLIT_SERVER_ALLOWED_HOSTS", raising=False)
    done = CliRunner().invoke(app, ["app", *given])
    assert done.exit_code == 0, done.output
    said = [calls[0][place + 1] for place, word in enumerate(calls[0]) if word == "--server.allowedHosts"]
    assert names | set(serve.ALWAYS) <= set(said)
    assert "It answers to localhost" in done.output


def test_the_command_leaves_hosts_to_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(serve, "replace_process", calls.append)
    monkeypatch.setenv("STREAMLIT_SERVER_ALLOWED_HOSTS", "glider.example.org")
    assert CliRunner().invoke(app, ["app", "--address", "0.0.0.0"]).exit_code == 0
    assert "--server.allowedHosts" not in calls[0]
