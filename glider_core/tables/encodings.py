"""Which encoding a text file is in: its mark, UTF-8 if all of it is, else a guess from its letters."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass

from glider_core.errors import InvalidInput
from glider_core.tables.letters import likeliest

# Offered to whoever knows better, the usual ones first.
ENCODINGS = (
    "utf-8", "cp1252", "latin-1", "utf-16", "cp1250", "cp1251", "mac_roman", "cp437", "cp850", "iso8859-15", "cp1253",
    "cp1254", "cp1255", "cp1256", "cp1257", "iso8859-2", "cp852", "koi8-r", "koi8-u", "cp866", "mac_cyrillic", "cp874",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
)  # fmt: skip
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_SAMPLE = 1_000_000  # bytes that letters are looked at in
_MOSTLY = 0.9  # share of a file's bytes above 127 that are whole UTF-8 letters, where it is UTF-8 with damage


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes become text."""

    name: str  # as Python calls it
    errors: str = "strict"
    notes: tuple[str, ...] = ()  # sentences about the guess

    def open(self, content: bytes) -> io.TextIOWrapper:
        """The text, line by line, with line ends as they are."""
        name = "utf-8-sig" if self.name == "utf-8" else self.name
        return io.TextIOWrapper(io.BytesIO(content), encoding=name, errors=self.errors, newline="")


def encoding_of(content: bytes, said: str | None) -> Encoding:
    """The encoding of a text file, in which all of it can be read.

    Args:
        content: of the file.
        said: the encoding that someone said; None: guessed.

    Raises:
        InvalidInput: it is not text, not in the encoding that was said, or there is no such encoding.
    """
    if said is not None:
        return _checked(content, Encoding(said))
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _checked(content, Encoding(name))
    if (name := _utf16_without_mark(content)) is not None:
        words = "The file has no mark of its encoding; every second byte is zero, as in UTF-16."
        return _checked(content, Encoding(name, notes=(words,)))
    if b"\0" in content:
        raise InvalidInput("The file holds zero bytes: it is no text and cannot be read as a table.")
    decoder, last_good = codecs.getincrementaldecoder("utf-8")(), 0
    try:
        for start in range(0, len(content), _SAMPLE):
            last_good = start
            decoder.decode(content[start : start + _SAMPLE])
        decoder.decode(b"", final=True)
        return Encoding("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, last_good + error.start) + 1
    if _share_of_utf8(content) > _MOSTLY:
        words = f"The file is UTF-8 but for a few bytes (line {line:,} first), which are shown as “\ufffd”."
        return Encoding("utf-8", "replace", (words,))
    words = (
        f"The file is not UTF-8 (line {line:,}); its encoding was guessed from its letters. Check names with accents."
    )
    return _checked(content, Encoding(guess_encoding(content), notes=(words,)))


def guess_encoding(content: bytes) -> str:
    """The encoding of text that is not UTF-8; Windows-1252 where nothing but signs tells.

    Libraries that guess from statistics mistake short texts: charset-normalizer 3.5 reads "größe,Köln" in Windows-1252
    as Windows-1250, and about half of what a few names of countries make in the encodings of 34 languages.
    """
    sample = content[:_SAMPLE]
    if not _high(sample):
        sample = max((content[i : i + _SAMPLE] for i in range(0, len(content), _SAMPLE)), key=_high)
    found = likeliest(sample) or "cp1252"
    if found == "cp1252" and re.search(rb"[\x81\x8d\x8f\x90\x9d]", content):
        return "latin-1"
    return found


def _high(part: bytes) -> int:
    return len(re.findall(rb"[\x80-\xff]", part))


def _checked(content: bytes, encoding: Encoding) -> Encoding:
    """The encoding, once all of the content was decoded by it."""
    name = encoding.name
    try:
        decoder = codecs.getincrementaldecoder(name)()
        for start in range(0, len(content), _SAMPLE):
            if not isinstance(decoder.decode(content[start : start + _SAMPLE]), str):
                raise LookupError
        decoder.decode(b"", final=True)
    except (LookupError, TypeError, AssertionError):
        raise InvalidInput(f"There is no encoding {name[:40]!r} of texts; give one such as utf-8 or cp1252.") from None
    except (UnicodeError, ValueError):
        raise InvalidInput(f"The file cannot be read as a table in {name[:40]}; choose another encoding.") from None
    return encoding


def _utf16_without_mark(content: bytes) -> str | None:
    """Little or big endian, where nearly every second byte is zero, as in Western text."""
    sample = content[: _SAMPLE // 2 * 2]
    if len(content) < 8 or len(content) % 2 or b"\0" not in sample:
        return None
    even, odd = sample[::2].count(0) * 2 / len(sample), sample[1::2].count(0) * 2 / len(sample)
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.1 else None


def _share_of_utf8(content: bytes) -> float:
    """Of the bytes above 127, the share in whole UTF-8 letters."""
    high = _high(content)
    whole = re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", content)
    return sum(map(len, whole)) / high if high else 1.0
