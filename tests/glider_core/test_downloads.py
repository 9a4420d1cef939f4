import hashlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import glider_core as gl
from glider_core.downloads import cached, fetch

CONTENT = bytes(range(256)) * 5000
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GLIDER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "weights.pth").write_bytes(CONTENT)
    handler = partial(_Quiet, directory=str(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}/weights.pth"
        serving.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_file_is_fetched_once_with_progress(server: str) -> None:
    seen: list[tuple[int, int]] = []
    path = fetch(server, folder="image", sha256=HASH[:8], on_progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert path == cached(server, "image")
    assert (len(CONTENT), len(CONTENT)) in seen
    seen.clear()
    assert fetch(server, folder="image", sha256=HASH, on_progress=lambda *step: seen.append(step)) == path
    assert seen == []


def test_another_file_is_refused_and_not_kept(server: str) -> None:
    with pytest.raises(gl.ModelUnavailable, match="damaged"):
        fetch(server, folder="image", sha256="0" * 64)
    assert list(cached(server, "image").parent.iterdir()) == []


def test_a_truncated_file_in_the_cache_is_refused(server: str) -> None:
    fetch(server, folder="image", sha256=HASH).write_bytes(CONTENT[:-1])
    with pytest.raises(gl.ModelUnavailable, match="truncated"):
        fetch(server, folder="image", sha256=HASH)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/weights.pth", "{server}/nothing.pth"])
def test_without_network_the_message_names_the_way_out(server: str, address: str) -> None:
    with pytest.raises(gl.ModelUnavailable, match=r"could not be downloaded.*put the file into .*local path"):
        fetch(address.format(server=server), folder="image", sha256=HASH)
