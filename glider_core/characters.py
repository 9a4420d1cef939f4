"""Characters by the names that Unicode gives them, for messages about what cannot be seen or looks like another."""

from __future__ import annotations

import unicodedata

_NAMELESS = {
    "Cc": "a control character",
    "Cs": "a lone surrogate, which is half a character",
    "Co": "a character of private use",
    "Cn": "no character",
}
_BYTE_ORDER_MARK = "\ufeff"


def code_point(character: str) -> str:
    """A character's code point and name, such as "U+200B ZERO WIDTH SPACE"."""
    name = unicodedata.name(character, _NAMELESS.get(unicodedata.category(character), "a character without a name"))
    also = " (byte order mark)" if character == _BYTE_ORDER_MARK else ""
    return f"U+{ord(character):04X} {name}{also}"
