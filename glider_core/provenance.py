"""Where a result comes from: identities of what it was computed from, and the versions that shaped it."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version

from glider_core._version import __version__


def fingerprint(*parts: str | bytes) -> str:
    """A short stable identity of the parts together (first 128 bits of SHA-256, hex)."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)  # the length keeps ("ab", "c") and ("a", "bc") apart
    return digest.hexdigest()[:32]


def versions() -> dict[str, str]:
    """The libraries that a result depends on, by their versions."""
    return dict(_versions())


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    libraries = tuple((name, version(name)) for name in ("torch", "numpy", "scipy"))
    return (("glider", __version__), ("python", platform.python_version()), *libraries)
