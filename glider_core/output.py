"""Files that a command writes: known to be writable before hours are spent, and never half written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from glider_core.errors import InvalidInput


def check_writable(path: Path) -> None:
    """Make sure that a file can be written here; makes its folder.

    Raises:
        InvalidInput: it is a folder, or its folder cannot be made or written to.
    """
    try:
        if path.is_dir():
            raise InvalidInput(f"{path} is a folder; name a file to write.")
        if path.parent.exists() and not path.parent.is_dir():
            raise InvalidInput(f"{path} cannot be written ({path.parent} is a file, not a folder); name another file.")
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, probe = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(descriptor)
        os.unlink(probe)
        if path.exists() and not os.access(path, os.W_OK):
            raise InvalidInput(f"{path} cannot be written (it is read-only); name another file.")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written ({error.strerror}); name another file.") from None


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place, flush it to the disk, then rename it: whoever reads it finds all or nothing.

    Raises:
        InvalidInput: as for `check_writable`, or the disk is full.
    """
    check_writable(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written ({error.strerror}); name another file.") from None
    finally:
        beside.unlink(missing_ok=True)
