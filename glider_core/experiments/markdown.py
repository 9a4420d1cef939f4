"""Pieces of Markdown in which experiments tell their results."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

WIDTH = 120  # letters of a line


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def share(value: float) -> str:
    """A share as a percentage."""
    return f"{value:.1%}".replace("%", " %")


def written_by(results: Mapping[str, Mapping[str, Any]]) -> str:
    """A line on the versions of Glider that wrote the results."""
    versions = sorted({result["versions"]["glider"] for result in results.values()})
    return f"Measured with Glider {', '.join(versions)}."


def wrapped(text: str) -> str:
    """The text with paragraphs broken into lines; tables stay as they are."""
    return "\n".join(
        line if line.startswith("|") else textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    )
