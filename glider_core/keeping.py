"""What a visitor of the app uploaded and trained, on the disk of the server: each one's own, few enough, not for ever.

Whose it is, a private token decides. Of the token only its SHA-256 is written down, as the name of the owner's folder,
so that who reads the disk or a backup cannot act as an owner. Contents are files named by their SHA-256, checked when
they are read; a record names those that belong together, and is written last. A kill at any moment leaves the former
record or the new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glider_core.downloads import cache_folder
from glider_core.errors import InvalidInput
from glider_core.output import write_whole

DAYS, OWNER_MB, ALL_MB = 14.0, 300.0, 5000.0  # unless GLIDER_KEEP_DAYS, GLIDER_KEEP_MB and GLIDER_KEEP_ALL_MB say else
SHORTEST = 32  # characters of a token
_FORMAT = 1
_RECORD = ".json"
_RUNS = "runs"
_THREADS = threading.Lock()
_KIND = re.compile(r"[a-z0-9_]+(\.[a-z0-9_-]+)*")


class NotKept(InvalidInput):
    """What is kept cannot be read or written: no room, no permission, too much, a damaged disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept, and for how long."""

    age: float = DAYS * 86_400  # seconds since it was last used; 0: nothing is kept
    owner: float = OWNER_MB * 1e6  # bytes of one visitor
    all: float = ALL_MB * 1e6  # bytes of all visitors

    @staticmethod
    def of_environment() -> Limits:
        """As the variables GLIDER_KEEP_DAYS, GLIDER_KEEP_MB (of one visitor) and GLIDER_KEEP_ALL_MB say.

        Raises:
            InvalidInput: one of them is no number, or below 0.
        """
        return Limits(
            age=_number("GLIDER_KEEP_DAYS", DAYS) * 86_400,
            owner=_number("GLIDER_KEEP_MB", OWNER_MB) * 1e6,
            all=_number("GLIDER_KEEP_ALL_MB", ALL_MB) * 1e6,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing that is kept."""

    kind: str  # each owner has one of a kind, the latest: "table", "result.recommender"
    name: str  # as its owner calls it, such as the name of an uploaded file
    meta: Mapping[str, Any]  # JSON values
    files: Mapping[str, tuple[str, int]] = field(default_factory=dict)  # SHA-256 and bytes of each part, by its name
    used: float = 0.0  # when, in seconds since 1970

    @property
    def size(self) -> int:
        """Bytes of its contents."""
        return sum(size for _, size in self.files.values())


class Keeper:
    """What is kept of one owner; its methods can be called from any thread and process.

    Args:
        token: private to the owner, at least `SHORTEST` characters.
        folder: of all owners; by default in the cache folder.
        limits: by default those of the environment.

    Raises:
        InvalidInput: the token is too short to be private.
    """

    def __init__(self, token: str, *, folder: Path | None = None, limits: Limits | None = None) -> None:
        if len(token) < SHORTEST:
            raise InvalidInput(f"A token of {len(token)} characters is not private; give {SHORTEST} random ones.")
        self.limits = Limits.of_environment() if limits is None else limits
        self._all = cache_folder() / "visitors" if folder is None else folder
        self._folder = self._all / hashlib.sha256(token.encode()).hexdigest()

    def runs(self) -> Path:
        """A folder for what this owner's long runs have finished; it goes with all that is kept."""
        with contextlib.suppress(OSError):  # said by whoever writes there
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder / _RUNS

    def keep(
        self,
        kind: str,
        *,
        name: str = "",
        meta: Mapping[str, Any] | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> Kept:
        """Keep this in place of what was kept of its kind; it is on the disk when this returns.

        Older things of the owner go where it would be too much, then those of owners who were away longest.

        Raises:
            NotKept: nothing is kept here, it alone is too much, or it cannot be written. What was kept before stays.
        """
        if self.limits.age <= 0:
            raise NotKept("This server keeps nothing.")
        contents = files or {}
        size = sum(map(len, contents.values()))
        most = min(self.limits.owner, self.limits.all)
        if size > most:
            raise NotKept(
                f"{name or kind} has {size / 1e6:,.0f} MB; at most {most / 1e6:,.0f} MB of a visitor are kept."
            )
        parts = {part: (hashlib.sha256(content).hexdigest(), len(content)) for part, content in contents.items()}
        record = {
            "glider": "kept", "format": _FORMAT, "kind": kind, "name": name, "meta": dict(meta or {}), "files": parts
        }  # fmt: skip
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _locked(self._all):
                for part, content in contents.items():
                    path = self._folder / parts[part][0]
                    if not path.is_file() or path.read_bytes() != content:
                        write_whole(path, content)
                write_whole(self._record(kind), json.dumps(record))
                self._tidy(kind)
        except OSError as error:
            raise NotKept(f"{name or kind} cannot be kept on this server ({error.strerror}).") from None
        except InvalidInput as error:
            raise NotKept(f"{name or kind} cannot be kept on this server: {error}") from None
        return Kept(kind=kind, name=name, meta=record["meta"], files=parts, used=time.time())

    def kept(self, kind: str) -> Kept | None:
        """What is kept of a kind; None: nothing, or not any more.

        Raises:
            NotKept: something is, but it is damaged.
        """
        path = self._record(kind)
        try:
            used = path.stat().st_mtime
            if self.limits.age <= 0 or time.time() - used > self.limits.age:
                return None
            values = json.loads(path.read_text(encoding="utf-8"))
            found = Kept(
                kind=values["kind"],
                name=values["name"],
                meta=dict(values["meta"]),
                files={part: (str(digest), int(size)) for part, (digest, size) in values["files"].items()},
                used=used,
            )
            if (values["glider"], values["format"], found.kind) != ("kept", _FORMAT, kind):
                raise ValueError("another kind of record")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise NotKept(f"What was kept of {kind} cannot be read ({type(error).__name__}).") from None
        return found

    def read(self, kept: Kept, part: str) -> bytes:
        """The content of a part, as it was kept; the thing counts as used.

        Raises:
            NotKept: it is gone or damaged.
        """
        digest, _ = kept.files[part]
        try:
            content = (self._folder / digest).read_bytes()
        except OSError as error:
            raise NotKept(f"{kept.name or kept.kind} is not kept any more ({error.strerror}).") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotKept(f"{kept.name or kept.kind} was damaged on the disk of this server.")
        with contextlib.suppress(OSError):
            self._record(kept.kind).touch()
        return content

    def everything(self) -> list[Kept]:
        """All that is kept of this owner and can be read, what was used last first."""
        found = []
        for path in _records(self._folder):
            with contextlib.suppress(NotKept):
                kept = self.kept(path.name.removesuffix(_RECORD))
                found += [] if kept is None else [kept]
        return sorted(found, key=lambda kept: kept.used, reverse=True)

    def forget(self, kind: str | None = None) -> None:
        """Delete what is kept of a kind; by default all that is kept of this owner.

        Raises:
            NotKept: it cannot be deleted.
        """
        try:
            if not self._folder.exists():
                return
            with _locked(self._all):
                if kind is None:
                    shutil.rmtree(self._folder)
                else:
                    self._record(kind).unlink(missing_ok=True)
                    _drop_unnamed(self._folder)
        except OSError as error:
            raise NotKept(f"What is kept cannot be deleted ({error.strerror}).") from None

    def _record(self, kind: str) -> Path:
        assert _KIND.fullmatch(kind), kind
        return self._folder / f"{kind}{_RECORD}"

    def _tidy(self, kind: str) -> None:
        """Drop what is too old or too much, but not what was kept just now."""
        _drop(self._folder, self._record(kind), self.limits.age, self.limits.owner)
        others = {}
        for folder in _files(self._all):
            if folder != self._folder and folder.is_dir():
                _drop(folder, None, self.limits.age, self.limits.owner)
                others[folder] = sum(map(_size, _files(folder)))
                if not _records(folder):
                    shutil.rmtree(folder, ignore_errors=True)
        total = sum(others.values()) + sum(map(_size, _files(self._folder)))
        for folder in sorted(others, key=lambda folder: max(map(_changed, _records(folder)), default=0.0)):
            if total <= self.limits.all:
                break
            shutil.rmtree(folder, ignore_errors=True)
            total -= others[folder]


def _drop(folder: Path, current: Path | None, age: float, most: float) -> None:
    """Drop records of one owner that are too old, then the oldest while there is too much; first of all runs."""
    _drop_unnamed(folder)
    for path in sorted(_files(folder / _RUNS), key=_changed):
        if sum(map(_size, _files(folder))) > most or time.time() - _changed(path) > age:
            with contextlib.suppress(OSError):
                path.unlink()
    for path in sorted(_records(folder), key=_changed):
        too_much = sum(map(_size, _files(folder))) > most
        if path != current and (too_much or time.time() - _changed(path) > age):
            with contextlib.suppress(OSError):
                path.unlink()
            _drop_unnamed(folder)


def _drop_unnamed(folder: Path) -> None:
    """Drop files that no record names: of things that were replaced, and of those whose keeping was killed."""
    named = set()
    for path in _records(folder):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            named |= {digest for digest, _ in json.loads(path.read_text(encoding="utf-8"))["files"].values()}
    for path in _files(folder):
        if not path.name.endswith(_RECORD) and path.name not in named and path.name != _RUNS:
            with contextlib.suppress(OSError):
                path.unlink()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone in this folder, among threads and, where the system can, among processes."""
    with _THREADS, (folder / ".lock").open("ab") as file:
        if importlib.util.find_spec("fcntl") is not None:
            import fcntl

            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _records(folder: Path) -> list[Path]:
    return [path for path in _files(folder) if path.name.endswith(_RECORD)]


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _size(path: Path) -> int:
    """Bytes of a file, or of the files in a folder."""
    try:
        return sum(map(_size, _files(path))) if path.is_dir() else path.stat().st_size
    except OSError:
        return 0


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _number(variable: str, usual: float) -> float:
    text = os.environ.get(variable, "").strip()
    try:
        value = float(text or usual)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise InvalidInput(f"{variable} is {text!r:.40}; give a number, 0 or more.")
    return value
