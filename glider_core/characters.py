"""Characters by the names that Unicode gives them, for messages about what cannot be seen or looks like another."""

from __future__ import annotations

import re
import unicodedata

from glider_core.errors import InvalidInput

_NAMELESS = {
    "Cc": "a control character",
    "Cs": "a lone surrogate, which is half a character",
    "Co": "a character of private use",
    "Cn": "no character",
}
_HALF = re.compile("[\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"


def code_point(character: str) -> str:
    """A character's code point and name, such as "U+200B ZERO WIDTH SPACE"."""
    name = unicodedata.name(character, _NAMELESS.get(unicodedata.category(character), "a character without a name"))
    also = " (byte order mark)" if character == _BYTE_ORDER_MARK else ""
    return f"U+{ord(character):04X} {name}{also}"


def refuse_halves(text: str) -> None:
    """Refuse a text in which a character came apart, which cannot be written down.

    Raises:
        InvalidInput: there is a lone surrogate in it.
    """
    if half := _HALF.search(text):
        raise InvalidInput(
            f"The text is damaged: character {half.start() + 1} is {code_point(half.group())}. Copy the text again, or "
            "decode it as what it is."
        )
