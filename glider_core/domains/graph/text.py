"""The text of an uploaded graph, in whatever encoding it was saved."""

from __future__ import annotations

import codecs
import re

from glider_core.domains.graph.data import MAX_BYTES
from glider_core.errors import InvalidInput

_MARKS = (  # of four bytes first: they begin like those of two
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,80}\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# Encodings that an XML file may name. Python knows more, some of which are no texts or take very long.
_ENCODINGS = re.compile(
    r"us-?ascii|iso-?8859-\d+|(iso-?)?latin-?\d|windows-125\d|cp125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_?jis|"
    r"euc-(jp|kr)|mac-?roman",
    re.IGNORECASE,
)
_PACKED = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "ZIP"), (b"7z\xbc\xaf", "7z"), (b"BZh", "bzip2"))
_OTHERS = ((b"PAR1", "a Parquet table"), (b"\xd0\xcf\x11\xe0", "an old Excel workbook"), (b"%PDF", "a PDF document"))


def decoded(content: bytes, what: str) -> tuple[str, tuple[str, ...]]:
    """The text without its byte order mark, and what was assumed to read it.

    Args:
        content: of the file.
        what: it is called, such as "edge list".

    Raises:
        InvalidInput: too large, packed, or no text.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"The {what} has {len(content) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read.")
    for mark, name in _PACKED:
        if content.startswith(mark):
            also = ", an Excel workbook or a session of Cytoscape" if name == "ZIP" else ""
            raise InvalidInput(f"The {what} is a {name} file{also}. Unpack it first, or export the graph as text.")
    for mark, name in _OTHERS:
        if content.startswith(mark):
            raise InvalidInput(f"The {what} is {name}. Save it as text: CSV or GraphML.")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None) or _without_mark(content)
    declared = _DECLARED.search(content[:300]) if encoding is None else None
    name = declared[1].decode("ascii") if declared else ""
    if encoding is None and _ENCODINGS.fullmatch(name):
        encoding = name
    try:
        text = content.decode(encoding or "utf-8")
        if "\0" not in text:
            return text, ()
    except (UnicodeDecodeError, LookupError):
        if encoding is not None and not name:
            raise InvalidInput(f"The {what} is damaged: it is no {encoding[:6].upper()} throughout.") from None
    if b"\0" in content:
        raise InvalidInput(f"The {what} is no text: it holds zero bytes. Save it as text in UTF-8.")
    for guess in ("cp1252", "latin-1"):
        try:
            text = content.decode(guess)
        except UnicodeDecodeError:
            continue
        told = (
            f"The {what} is no UTF-8; it is read as Western European ({guess}). Save it in UTF-8 if letters are wrong."
        )
        return text, (told,)
    raise AssertionError("every byte is a letter of Latin-1")


def _without_mark(content: bytes) -> str | None:
    """UTF-16 without a byte order mark, told by the zeros in it: the order of bytes that makes more usual letters."""
    head = content[:4000]
    if b"\0" not in head:
        return None
    usual = {
        name: sum(letter < "\u0250" and letter != "\0" for letter in head.decode(name, errors="replace"))
        for name in ("utf-16-le", "utf-16-be")
    }
    best = max(usual, key=usual.__getitem__)
    return best if usual[best] > len(head) // 4 else None
