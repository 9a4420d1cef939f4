"""The example for nginx in docs/deployment.md, as it stands there, in front of the app."""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOST = "glider.example.org"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("nginx") and shutil.which("openssl")), reason="nginx or openssl is missing"),
]


def example() -> str:
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"## nginx\n.*?```nginx\n(.*?)```", text, re.DOTALL)  # another block is of many servers
    return block


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing answers on port {port}")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of nginx, with the app behind it."""
    folder = tmp_path_factory.mktemp("nginx")
    app_port, https, http = free_port(), free_port(), free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={HOST}",
         "-keyout", folder / "glider.key", "-out", folder / "glider.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    told = example().replace("listen 443", f"listen 127.0.0.1:{https}").replace("listen 80", f"listen 127.0.0.1:{http}")
    told = told.replace("127.0.0.1:8501", f"127.0.0.1:{app_port}").replace("/etc/ssl/", f"{folder}/")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    user = "user root;\n" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{told}}}\n"
    )
    config = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*config, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    app = subprocess.Popen(
        [sys.executable, "-m", "glider_core", "app", "--port", str(app_port), "--host", HOST],
        cwd=ROOT, env=os.environ | {"GLIDER_CACHE": str(folder / "cache"), "GLIDER_WORKERS": "0"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    nginx = subprocess.Popen(config, stderr=subprocess.DEVNULL)
    try:
        wait_for(app_port, app)
        wait_for(https, nginx)
        yield https
    finally:
        for process in (nginx, app):
            process.terminate()
            process.wait(20)


def exchange(port: int, request: str, *, host: str = HOST, body: bytes = b"") -> str:
    """The head of the answer to a request over TLS."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        trusting.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(request.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        answer = b""
        while b"\r\n\r\n" not in answer and (part := secure.recv(65536)):
            answer += part
    return answer.split(b"\r\n\r\n")[0].decode("latin-1")


def headers(head: str) -> dict[str, str]:
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}


def test_the_page_comes_with_all_headers(port: int) -> None:
    head = exchange(port, f"GET / HTTP/1.1\nHost: {HOST}\nAccept: text/html\nConnection: close")
    assert head.startswith("HTTP/1.1 200")
    told = headers(head)
    assert told["strict-transport-security"] == "max-age=31536000"
    assert told["permissions-policy"] == "camera=(), microphone=(), geolocation=()"
    assert "frame-ancestors 'self'" in told["content-security-policy"]
    assert told["x-frame-options"] == "SAMEORIGIN"
    assert told["x-content-type-options"] == "nosniff"
    assert "glider_visitor=" in told["set-cookie"]
    assert {"Secure", "HttpOnly"} <= {part.strip() for part in told["set-cookie"].split(";")}


@pytest.mark.parametrize(("origin", "status"), [(f"https://{HOST}", 101), ("https://evil.example", 403)])
def test_the_websocket_goes_through_for_our_own_page_only(port: int, origin: str, status: int) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    head = exchange(
        port,
        f"GET /_stcore/stream HTTP/1.1\nHost: {HOST}\nUpgrade: websocket\nConnection: Upgrade\nOrigin: {origin}\n"
        f"Sec-WebSocket-Version: 13\nSec-WebSocket-Key: {key}",
    )
    assert head.startswith(f"HTTP/1.1 {status}")


def test_another_name_gets_no_answer(port: int) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        exchange(port, "GET / HTTP/1.1\nHost: evil.example\nConnection: close", host="evil.example")
    # The right name in the handshake and another one in the request.
    head = exchange(port, "GET / HTTP/1.1\nHost: evil.example\nConnection: close")
    assert not head.startswith("HTTP/1.1 200")


def test_an_upload_that_is_too_large_is_stopped_in_front(port: int) -> None:
    request = f"PUT /_stcore/upload_file/a/b HTTP/1.1\nHost: {HOST}\nContent-Length: 60000000\nConnection: close"
    assert exchange(port, request, body=b"x" * 100).startswith("HTTP/1.1 413")


def test_a_page_is_not_held_back_by_the_limits(port: int) -> None:
    for _ in range(100):
        assert exchange(port, f"GET /_stcore/health HTTP/1.1\nHost: {HOST}\nConnection: close").startswith("HTTP/1.1 2")
