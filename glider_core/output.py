"""Files that a command writes: known to be writable before hours are spent, and never half written."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
import uuid
from pathlib import Path

from glider_core.errors import InvalidInput

_BESIDE = (
    ".glider-"  # in front of a file that is being written; a name of its own, as the other may be as long as can be
)


def check_writable(path: Path) -> None:
    """Make sure that a file can be written here; makes its folder.

    Raises:
        InvalidInput: it is a folder, or its folder cannot be made or written to.
    """
    try:
        if path.is_dir():
            raise InvalidInput(f"{_shown(path)} is a folder; name a file to write.")
        if path.parent.exists() and not path.parent.is_dir():
            raise InvalidInput(
                f"{_shown(path)} cannot be written ({_shown(path.parent)} is a file, not a folder); name another file."
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not os.access(path, os.W_OK):
            raise InvalidInput(f"{_shown(path)} cannot be written (it is read-only); name another file.")
        if not _is_device(path):
            descriptor, probe = tempfile.mkstemp(prefix=_BESIDE, dir=_target(path).parent)
            os.close(descriptor)
            os.unlink(probe)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise _refusal(path, error) from None


def check_distinct(**paths: Path | None) -> None:
    """Make sure that no two options name the same file, of which one would replace the other.

    Raises:
        InvalidInput: two do.
    """
    places = {name: _target(path) for name, path in paths.items() if path is not None and not _is_device(path)}
    for name, other in itertools.combinations(places, 2):
        if places[name] == places[other]:
            raise InvalidInput(f"--{name} and --{other} both name {_shown(places[name])}; give two files.")


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, flush it to the disk, then rename it: whoever reads it finds all or nothing.

    A device or a pipe, such as /dev/stdout, is written to as it is.

    Raises:
        InvalidInput: as for `check_writable`, or the disk is full.
    """
    check_writable(path)
    # Half a pair of surrogates is no UTF-8; so written, JSON means the same.
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    target = _target(path)  # a link stays one
    beside = target.with_name(f"{_BESIDE}{uuid.uuid4().hex}")
    try:
        if _is_device(path):
            with path.open("wb", buffering=0) as device:
                rest = memoryview(data)
                while rest:
                    rest = rest[device.write(rest) :]
            return
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, beside)
        os.replace(beside, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise _refusal(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _is_device(path: Path) -> bool:
    """Whether it is there and neither a file nor a folder: renaming a file over it would take it away."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _target(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk, too, where folders can be flushed."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refusal(path: Path, error: Exception) -> InvalidInput:
    what = error.strerror if isinstance(error, OSError) else error
    return InvalidInput(f"{_shown(path)} cannot be written ({what}); name another file.")


def _shown(path: Path) -> str:
    """The path as it can be printed, even where its name is no UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")[:300]
