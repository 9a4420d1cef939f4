"""What people see on a terminal: errors as sentences, progress, and input as text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from glider_core.errors import GliderError, InvalidInput

STDIN = "-"


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

    Raises:
        InvalidInput: it is not UTF-8.
    """
    content = sys.stdin.buffer.read() if given == STDIN else given.encode("utf-8", "surrogateescape")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"The input is not UTF-8 (byte {error.start + 1} is {content[error.start]:#04x}); convert it first."
        ) from None


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

    def __init__(self) -> None:
        self._shown = -1

    def __call__(self, stage: str, share: float) -> None:
        """Show how far the run is."""
        if sys.stderr.isatty() and int(share * 100) != self._shown:
            self._shown = int(share * 100)
            typer.echo(f"\r{self._shown:3} % of the rows", nl=False, err=True)

    def end(self) -> None:
        """Leave the line."""
        if self._shown >= 0:
            typer.echo(err=True)
