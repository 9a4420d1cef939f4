"""A journal of a long run: what is finished is appended line by line, so that a killed run goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Journal:
    """Finished entries, one JSON line each, behind a line that says which run they belong to."""

    entries: list[dict[str, Any]]  # those that were there when it was opened, in order

    @classmethod
    @contextmanager
    def open(cls, path: str | Path | None, header: Mapping[str, Any]) -> Iterator[Journal]:
        """The journal at this path, begun anew where there is no file; None keeps nothing."""
        raise NotImplementedError

    def append(self, entry: Mapping[str, Any]) -> None:
        """Keep an entry; it is on the disk when this returns."""
        raise NotImplementedError
