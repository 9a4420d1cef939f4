"""A journal of a long run: what is finished is appended line by line, so that a killed run goes on where it was.

The file is JSON lines. The first says which run it belongs to; a file that begins otherwise is somebody's own, and is
never written to. Every other line carries a check over itself and the lines above it.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any

from glider_core.errors import InvalidInput
from glider_core.provenance import fingerprint

MAX_LINE = 64_000_000  # bytes of one entry
MAX_DECODED = 500_000_000  # bytes of one entry in memory; "[]," takes three in a file, and sixty there
KIND = "glider"  # of the header: what kind of run it is
_VALUE = 64  # bytes of one value in memory, about
_CHECK = "check"  # of an entry's line: over it and all lines above


class UnusableJournal(InvalidInput):
    """What the file holds cannot be gone on with: no journal, another run's, or a line of it was changed."""


class JournalInUse(InvalidInput):
    """Another run works on the file right now."""


class Journal:
    """Finished entries of one run; made by `open`.

    Args:
        path: of the file, for messages; None keeps nothing.
        file: open for appending, behind the last whole line.
        entries: those that were there when it was opened, in order.
        check: of the last whole line.
        end: of the last whole line, in bytes.
    """

    def __init__(
        self,
        path: Path | None,
        file: FileIO | None,
        entries: list[dict[str, Any]],
        check: str = "",
        end: int = 0,
    ) -> None:
        self._path, self._file, self._check, self._end = path, file, check, end
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
            UnusableJournal: it is no journal, or of another run; a line was changed. The file is as it was.
            JournalInUse: another run works on it. The file is as it was.
            InvalidInput: it cannot be written.
        """
        if path is None:
            yield cls(None, None, [])
            return
        path = Path(path)
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe would wait for ever
            raise InvalidInput(f"{path} is no file in which finished work can be kept; name another file.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("ab", buffering=0)  # what could not be written must not be tried again on closing
        except OSError as error:
            raise InvalidInput(
                f"Finished work cannot be kept in {path.name} ({error.strerror}); name another file."
            ) from None
        with file:
            _lock(file, path)
            entries, check, end = _read(path, header)
            try:
                if end < path.stat().st_size:  # a run was killed while it wrote the last line
                    file.truncate(end)
                journal = cls(path, file, entries, check, end)
                if end == 0:
                    journal._write(json.dumps(header))
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
        text = json.dumps(entry)
        check = fingerprint(self._check, text)
        self._write(json.dumps({**entry, _CHECK: check}))
        self._check = check

    def _write(self, text: str) -> None:
        assert self._file is not None
        assert self._path is not None
        line = text.encode() + b"\n"
        if len(line) > MAX_LINE or _decoded(line) > MAX_DECODED:
            raise InvalidInput(
                f"{self._path.name} takes entries of at most {MAX_LINE / 1e6:.0f} MB, and of "
                f"{MAX_DECODED / 1e6:.0f} MB in memory; this one has {len(line) / 1e6:.0f} and "
                f"{_decoded(line) / 1e6:.0f}. Run without a file."
            )
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):  # half a line in the way of the next one
                self._file.truncate(self._end)
            raise InvalidInput(
                f"{self._path.name} cannot be written any more ({error.strerror}). What it holds is kept: make room "
                "and start the same run again."
            ) from None
        self._end += len(line)

    def refusal(self, position: int, problem: str) -> UnusableJournal:
        """The error for an entry that its run cannot use, by its position in `entries`."""
        return _changed_line("The journal" if self._path is None else self._path.name, position + 2, problem)


def _changed_line(name: str, number: int, problem: str) -> UnusableJournal:
    return UnusableJournal(
        f"{name}, line {number}: {problem}. The line was changed after it was written; take it and the lines below it "
        "out, or give another file."
    )


def _read(path: Path, header: Mapping[str, Any]) -> tuple[list[dict[str, Any]], str, int]:
    """Of a journal of this run: its entries, and the check and the end in bytes of its last whole line."""
    foreign = UnusableJournal(
        f"{path.name} is not a file of finished work; nothing in it was touched. Give another name."
    )
    check = json.dumps(header)
    with path.open("rb") as file:
        first = file.readline(MAX_LINE)
        if not first.endswith(b"\n"):
            if f"{check}\n".encode().startswith(first) and not file.read(1):
                return [], check, 0  # nothing yet, or killed while the header was written
            raise foreign
        before = _parsed(first) if _decoded(first) <= MAX_DECODED else None
        if before is None or before.get(KIND) != header[KIND]:
            raise foreign
        expected = json.loads(check)
        differing = [key for key in {**expected, **before} if before.get(key) != expected.get(key)]
        if differing:
            raise UnusableJournal(
                f"{path.name} was begun with other {' and '.join(differing)}; give another file, or what it was begun "
                "with."
            )
        entries, end = [], len(first)
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE), b""), 2):
            if not line.endswith(b"\n") and len(line) < MAX_LINE:
                break  # killed while it wrote; nothing follows
            if _decoded(line) > MAX_DECODED:
                raise _changed_line(path.name, number, f"this has {_decoded(line) / 1e6:,.0f} MB in memory")
            entry = _parsed(line)
            if entry is None:
                raise _changed_line(path.name, number, "this is no finished work")
            written = entry.pop(_CHECK, None)
            check = fingerprint(check, json.dumps(entry))
            if written != check:
                raise _changed_line(path.name, number, "this is not what was finished after the lines above it")
            entries.append(entry)
            end += len(line)
    return entries, check, end


def _decoded(line: bytes) -> int:
    """About the bytes that a line's values take in memory, without reading it."""
    return len(line) + _VALUE * sum(map(line.count, (b",", b"[", b"{")))


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
        raise JournalInUse(
            f"Another run works on {path.name} right now; wait for it, stop it, or give another file."
        ) from None
    except OSError:  # a file system without locks
        return
