"""What people see on a terminal: errors as sentences, progress, and input as text."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from glider_core.errors import GliderError, InvalidInput

STDIN = "-"
MAX_BYTES = 16_000_000  # of standard input
# In this order: the mark of UTF-32 begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turns an error that is meant for users into its sentence and exit code 2."""
    try:
        yield
    except GliderError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        if error.filename is None:  # not about a file that someone named
            raise
        typer.echo(f"{error.filename} cannot be read or written ({error.strerror}).", err=True)
        raise typer.Exit(2) from None


def input_text(given: str) -> str:
    """What was typed; for "-", standard input.

    UTF-8, or what a byte order mark at its beginning says; the mark itself is dropped.

    Raises:
        InvalidInput: it is not UTF-8, longer than any input is, or there is no standard input.
    """
    if given != STDIN:
        content = given.encode("utf-8", "surrogateescape" if _came_as_bytes(given) else "surrogatepass")
    elif sys.stdin is None:
        raise InvalidInput("There is no standard input to read; give the input itself instead of '-'.")
    else:
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise InvalidInput(f"The input has more than {MAX_BYTES:,} bytes; give less at a time.")
    return decoded(content)


def decoded(content: bytes) -> str:
    """A text's bytes as text: UTF-8, or what a byte order mark at the beginning says; the mark itself is dropped.

    Raises:
        InvalidInput: it is neither.
    """
    encoding = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise InvalidInput(
            f"The input is not {name} (byte {error.start + 1} is {content[error.start]:#04x}); convert it first, such "
            "as by `iconv -f WINDOWS-1252 -t UTF-8`."
        ) from None


def _came_as_bytes(given: str) -> bool:
    """Whether Python could not decode the argument, and holds its bytes as surrogates of one kind."""
    return all("\udc80" <= character <= "\udcff" for character in given if "\ud800" <= character <= "\udfff")


def file_content(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}).") from None


class Progress:
    """A percentage on standard error, where a person watches."""

    def __init__(self, what: str = "of the rows") -> None:
        self._shown, self._what = -1, what

    def __call__(self, stage: str, share: float) -> None:
        """Show how far the run is."""
        if sys.stderr.isatty() and int(share * 100) != self._shown:
            self._shown = int(share * 100)
            typer.echo(f"\r{self._shown:3} % {self._what}", nl=False, err=True)

    def end(self) -> None:
        """Leave the line."""
        if self._shown >= 0:
            typer.echo(err=True)
