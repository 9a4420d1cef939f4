"""Numbers as people read them: a minus is as wide as a plus, wherever one is written for people."""

from __future__ import annotations


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign."""
    return _with_minus(f"{value:+.{digits}f}")


def number(value: float, digits: int = 2) -> str:
    """A number with a sign only where it is below zero."""
    return _with_minus(f"{value:.{digits}f}")


def _with_minus(written: str) -> str:
    return written.replace("-", "−")
