"""The sequences in a pasted text: plain letters, FASTA or FASTQ, one record or several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from glider_core.characters import code_point, refuse_halves
from glider_core.errors import InvalidInput

MAX_TEXT = 5_000_000  # characters of all records together

LOWER_CASE = "Lower-case letters (soft masking) are read like the others."
RNA = "U is read as T."
LINE_NUMBERS = "Numbers of lines are left out."
ENDS = "The marks 5' and 3' are left out."
QUALITIES = "The qualities of the FASTQ record are not used."

_LINE_END = re.compile(r"\r\n|\r|\n")
_FLAT_FILE = re.compile(r"\s*(LOCUS|ID)\s{3,}")  # of GenBank, of EMBL
_FIVE_PRIME = re.compile(r"^5['′’]-*")
_THREE_PRIME = re.compile(r"-*3['′’]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One sequence, and what was taken for granted when it was read."""

    name: str  # of its header; "" where it has none
    letters: str  # in capitals, U as T; whatever else stands there, too
    text: str  # its part of the text, as given
    assumptions: tuple[str, ...] = ()  # in sentences

    @property
    def title(self) -> str:
        """Its name, cut to what fits into a line."""
        return f"{self.name:.40}" or "without a name"


def records(text: Any) -> tuple[Record, ...]:
    """The sequences of a text, in order; their letters are not yet checked.

    A record of FASTA begins with ">"; lines that begin with ";" are comments. FASTQ begins with "@".

    Raises:
        InvalidInput: it is no text, damaged, far too long, begins with a byte order mark, or is FASTQ that breaks off.
    """
    if not isinstance(text, str):
        do = "decode it first, such as by .decode('ascii')" if isinstance(text, bytes | bytearray) else "give a str"
        raise InvalidInput(f"The sequence is of type {type(text).__name__}; {do}.")
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"The text has {len(text):,} characters; at most {MAX_TEXT:,} are read. Split the file.")
    refuse_halves(text)
    if text.startswith("\ufeff"):
        raise InvalidInput(
            f"The text begins with {code_point(text[0])}, which some editors put there and nobody sees. Remove it, or "
            "read the file with the encoding utf-8-sig."
        )
    if _FLAT_FILE.match(text):
        raise InvalidInput(
            "This looks like a whole file of GenBank or EMBL. Give the letters below ORIGIN or SQ only, or FASTA."
        )
    lines = _LINE_END.split(text)
    first = next((line for line in lines if line.strip()), "")
    return tuple(_fastq(lines) if first.lstrip().startswith("@") else _fasta(lines))


def _fasta(lines: list[str]) -> Iterator[Record]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if line.lstrip().startswith(">"):
            parts.append([])
        parts[-1].append(line)
    for number, part in enumerate(parts):
        if number or _body(part):  # before the first header there is nothing, in most files
            yield _record(part[0].lstrip()[1:].strip() if number else "", part)


def _body(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip() and not line.lstrip().startswith((">", ";"))]


def _fastq(lines: list[str]) -> Iterator[Record]:
    rest = iter([line for line in lines if line.strip()])
    for number, header in enumerate(rest, 1):
        letters, qualities, part = "", "", [header]
        for line in rest:
            part.append(line)
            if line.startswith("+"):
                break
            letters += "".join(line.split())
        while len(qualities) < len(letters) and (line := next(rest, None)) is not None:
            part.append(line)
            qualities += line.strip()
        if not header.lstrip().startswith("@") or len(qualities) != len(letters):
            raise InvalidInput(
                f"Record {number} of this FASTQ text, {header.strip():.40}, has {len(letters)} letters and "
                f"{len(qualities)} qualities; each record is @name, letters, + and as many qualities. Copy it whole."
            )
        yield _record(header.lstrip()[1:].strip(), part, letters)


def _record(name: str, part: list[str], letters: str | None = None) -> Record:
    """One record; `letters` are those of FASTQ, else they are found among the lines."""
    told = [] if letters is None else [QUALITIES]
    words = [word for line in (_body(part) if letters is None else [letters]) for word in line.split()]
    blanks = {c for line in (_body(part) if letters is None else []) for c in line if c.isspace() and not c.isascii()}
    if blanks:
        told.append(f"Left out as blanks: {', '.join(map(code_point, sorted(blanks)))}.")
    kept = "".join(word for word in words if not (word.isascii() and word.isdecimal()))
    if len(kept) < sum(map(len, words)):
        told.append(LINE_NUMBERS)
    bare = _THREE_PRIME.sub("", _FIVE_PRIME.sub("", kept))
    if bare != kept:
        told.append(ENDS)
    if bare != bare.upper() and bare != bare.lower():
        told.append(LOWER_CASE)
    # Letter by letter and ASCII only: capitals of others may be two, or letters that look like ours.
    capitals = "".join(letter.upper() if letter.isascii() else letter for letter in bare)
    if "U" in capitals:
        told.append(RNA)
    text = "\n".join(part)
    name = "".join(character for character in " ".join(name.split()) if character.isprintable())
    return Record(name=name, letters=capitals.replace("U", "T"), text=text, assumptions=tuple(told))
