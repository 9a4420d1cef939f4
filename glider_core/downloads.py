"""Weights and data sets from elsewhere: fetched once, checked, kept in a cache folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from glider_core.domains.base import Progress
from glider_core.errors import ModelUnavailable

_BLOCK = 1 << 20


def cache_folder() -> Path:
    """Where downloads are kept: the variable GLIDER_CACHE, else this user's cache folder."""
    return Path(os.environ.get("GLIDER_CACHE") or platformdirs.user_cache_path("glider"))


def cached(url: str, folder: str) -> Path:
    """Where the file of this address is kept, or will be."""
    return cache_folder() / folder / Path(urlsplit(url).path).name


def fetch(url: str, *, folder: str, sha256: str, on_progress: Progress | None = None) -> Path:
    """The file of this address, from the cache or downloaded into it; its hash is checked either way.

    Args:
        url: an https address.
        folder: under the cache folder, such as "image".
        sha256: of the file, or its first eight or more digits as in the names of PyTorch's weights.
        on_progress: called with bytes so far and bytes in all.

    Raises:
        ModelUnavailable: no network, no such file, or not the file that it should be.
    """
    import pooch  # here, as it is needed once in a machine's life

    path = cached(url, folder)
    if path.is_file():
        check_hash(path, sha256)
        return path
    bar = _Bar(on_progress)
    downloader = pooch.HTTPDownloader(progressbar=bar, timeout=30)  # type: ignore[arg-type]  # any such object will do
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        given: Any = downloader  # pooch's own annotation allows None alone
        pooch.retrieve(url, None, fname=f"{path.name}.part", path=path.parent, downloader=given)
    except Exception as error:  # requests, urllib3 and the file system each have their own
        raise ModelUnavailable(
            f"{path.name} could not be downloaded from {urlsplit(url).hostname} ({type(error).__name__}). Without "
            f"network, put the file into {path.parent} or give its local path."
        ) from None
    part = path.with_name(f"{path.name}.part")
    try:
        check_hash(part, sha256)
    except ModelUnavailable:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    part.replace(path)
    return path


def check_hash(path: Path, sha256: str) -> str:
    """The file's SHA-256, which must begin as given.

    Raises:
        ModelUnavailable: it does not, or the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise ModelUnavailable(f"{path.name} cannot be read ({type(error).__name__}).") from None
    actual = digest.hexdigest()
    if not actual.startswith(sha256.lower()):
        raise ModelUnavailable(
            f"{path.name} is damaged, truncated or another file: its SHA-256 begins {actual[:8]}, not {sha256[:8]}. "
            "Remove it and fetch it again."
        )
    return actual


class _Bar:
    """What pooch wants of a progress bar."""

    def __init__(self, on_progress: Progress | None) -> None:
        self.total, self._done, self._on_progress = 0, 0, on_progress

    def update(self, amount: int) -> None:
        self._done += amount
        if self._on_progress:
            self._on_progress(self._done, self.total)

    def reset(self) -> None:  # pooch resets and then "updates" by the total, to round off a bar on a screen
        self._done = 0

    def close(self) -> None:
        pass
