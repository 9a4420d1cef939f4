"""A journal of a long run: what is finished is appended line by line, so that a killed run goes on where it was.

The file is JSON lines. The first says which run it belongs to; a file that begins otherwise is somebody's own, and is
never written to.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from glider_core.errors import InvalidInput

MAX_LINE = 64_000_000  # bytes of one entry
KIND = "glider"  # of the header: what kind of run it is


class Journal:
    """Finished entries of one run; made by `open`.

    Args:
        path: of the file, for messages; None keeps nothing.
        file: open for appending, behind the last whole line.
        entries: those that were there when it was opened, in order.
    """

    def __init__(self, path: Path | None, file: FileIO | None, entries: list[dict[str, Any]]) -> None:
        self._path, self._file = path, file
        self.entries = entries

    @classmethod
    @contextmanager
    def open(cls, path: str | Path | None, header: Mapping[str, Any]) -> Iterator[Journal]:
        """The journal at this path, begun anew where there is no file; None keeps nothing.

        Whether the file can be used is found out here, before any work. It is locked until the block ends.

        Args:
            path: of the file; its folder is made.
            header: JSON values that tell this run from all others, the kind of run under `KIND`.

        Raises:
            InvalidInput: it is no journal, or of another run; a line was changed; another process works on it; it cannot
                be written. The file is then as it was.
        """
        if path is None:
            yield cls(None, None, [])
            return
        path = Path(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("ab", buffering=0)  # what could not be written must not be tried again on closing
        except OSError as error:
            raise InvalidInput(
                f"Finished work cannot be kept in {path.name} ({error.strerror}); name another file."
            ) from None
        with file:
            _lock(file, path)
            entries, end = _read(path, header)
            try:
                if end < path.stat().st_size:  # a run was killed while it wrote the last line
                    file.truncate(end)
                journal = cls(path, file, entries)
                if end == 0:
                    journal.append(header)
            except OSError as error:
                raise InvalidInput(
                    f"Finished work cannot be kept in {path.name} ({error.strerror}); name another file."
                ) from None
            yield journal

    def append(self, entry: Mapping[str, Any]) -> None:
        """Keep an entry; it is on the disk when this returns.

        Raises:
            InvalidInput: it cannot be written, as on a full disk; what was kept before stays.
        """
        if self._file is None:
            return
        try:
            rest = memoryview(json.dumps(entry).encode() + b"\n")
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            name = "the journal" if self._path is None else self._path.name
            raise InvalidInput(
                f"{name} cannot be written any more ({error.strerror}). What it holds is kept: make room and start the "
                "same run again."
            ) from None

    def refusal(self, position: int, problem: str) -> InvalidInput:
        """The error for an entry that its run cannot use, by its position in `entries`."""
        name = "The journal" if self._path is None else self._path.name
        return InvalidInput(
            f"{name}, line {position + 2}: {problem}. The line was changed after it was written; take it and the lines "
            "below it out, or give another file."
        )


def _read(path: Path, header: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """The entries of a journal of this run, and the byte where its last whole line ends."""
    foreign = InvalidInput(f"{path.name} is not a file of finished work; nothing in it was touched. Give another name.")
    wanted = json.dumps(header).encode() + b"\n"
    with path.open("rb") as file:
        first = file.readline(MAX_LINE)
        if not first.endswith(b"\n"):
            if wanted.startswith(first) and not file.read(1):  # nothing yet, or killed while the header was written
                return [], 0
            raise foreign
        before = _parsed(first)
        if before is None or before.get(KIND) != header[KIND]:
            raise foreign
        differing = [key for key, value in json.loads(wanted).items() if before.get(key) != value]
        if differing:
            raise InvalidInput(
                f"{path.name} was begun with other {' and '.join(differing)}; give another file, or what it was begun "
                "with."
            )
        entries, end = [], len(first)
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE), b""), 2):
            if not line.endswith(b"\n") and len(line) < MAX_LINE:
                break  # killed while it wrote; nothing follows
            entry = _parsed(line)
            if entry is None:
                raise InvalidInput(
                    f"{path.name}, line {number}: this is no finished work. The line was changed after it was written; "
                    "take it and the lines below it out, or give another file."
                )
            entries.append(entry)
            end += len(line)
    return entries, end


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _lock(file: FileIO, path: Path) -> None:
    """Keep other processes out while this one works on the file, where the system can."""
    if importlib.util.find_spec("fcntl") is None:
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InvalidInput(
            f"Another run works on {path.name} right now; wait for it, stop it, or give another file."
        ) from None
    except OSError:  # a file system without locks
        return
