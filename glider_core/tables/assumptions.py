"""What a reader assumed about a table's file: a value that can be shown, corrected and given back to the reader."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from glider_core.errors import InvalidInput
from glider_core.tables.reading import Reading

FileKind = Literal["text", "workbook", "parquet"]
ReadAs = Literal["text", "number", "date"]
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "blanks"}


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the table that nobody should overlook."""

    text: str  # a sentence
    column: str = ""  # that it is about; empty: the whole table


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """How a file was read; before the reading, None means "guess".

    `read_table` gives all of it filled in. To correct a guess, give it back with that one changed, or a new record
    with only what is known: `Assumptions(decimal=",")`.
    """

    encoding: str | None = None  # of text files, as Python calls it
    delimiter: str | None = None  # one character; " ": any number of blanks
    quote: str | None = None  # "": quotes are letters
    escape: str | None = None  # "\\" where quotes inside quotes are escaped and not doubled; else ""
    skip: int | None = None  # lines in front of the header (or of the first row)
    comment: str | None = None  # lines that begin so are left out
    header: bool | None = None  # whether the first line names the columns
    decimal: str | None = None  # "." or ","
    thousands: str | None = None  # ",", ".", " ", "'" or "" for none
    day_first: bool | None = None  # of dates that leave it open, such as 03/04/2024; None: there are none
    missing: tuple[str, ...] | None = None  # texts that mean "no value" in every column, beside blanks
    sheet: str | None = None  # of a workbook
    member: str | None = None  # of an archive
    read_as: tuple[tuple[str, ReadAs], ...] = ()  # columns that are read as someone said
    # What was found; the reader does not look at these.
    kind: FileKind = "text"
    compression: str = ""  # "gzip", "zip" ...
    sheets: tuple[str, ...] = ()  # to choose from
    members: tuple[str, ...] = ()  # to choose from
    marks: tuple[str, ...] = ()  # texts that may mean "no value" and were kept as values
    columns: tuple[tuple[str, Reading], ...] = ()  # how each column's cells were read
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        for name, fine, words in (
            ("delimiter", lambda value: len(value) == 1 and value not in '\r\n"', "one character"),
            ("quote", lambda value: value == "" or (len(value) == 1 and value not in "\r\n"), "one character, or none"),
            ("escape", lambda value: len(value) <= 1, "one character, or none"),
            ("decimal", lambda value: value in (".", ","), 'a "." or a ","'),
            ("thousands", lambda value: value in ("", ",", ".", " ", "'"), "one of , . ' blank, or none"),
            ("skip", lambda value: 0 <= value <= 10_000, "0 to 10,000 lines"),
        ):
            value = getattr(self, name)
            if value is not None and not fine(value):
                raise InvalidInput(f"Got {value!r:.40} as {name} of a table; give {words}.")
        if self.decimal is not None and self.decimal == self.thousands:
            raise InvalidInput(f"Got {self.decimal!r} as decimal mark and as thousands mark; they must differ.")

    @property
    def given(self) -> Assumptions:
        """Only what decides how a file is read, for another reading."""
        decides = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _FOUND}
        return Assumptions(**decides)

    def with_column(self, name: str, read_as: ReadAs) -> Assumptions:
        """The same, with this column read in another way."""
        others = tuple(pair for pair in self.read_as if pair[0] != name)
        return replace(self, read_as=(*others, (name, read_as)))

    def reading(self, column: str) -> Reading | None:
        """How the cells of a column were read; None for one that is not of the file."""
        return dict(self.columns).get(column)

    def words(self) -> list[str]:
        """All that was assumed about the file, in a few words each: what stands above a preview."""
        said: list[str] = []
        if self.compression:
            said.append(f"{self.compression}, {self.member}" if self.member else self.compression)
        if self.kind == "parquet":
            return [*said, "Parquet, with names and types as it says"]
        if self.kind == "workbook":
            among = f" of {len(self.sheets)}" if len(self.sheets) > 1 else ""
            said.append(f"sheet “{self.sheet}”{among}")
        else:
            said.append(f"encoding {_ENCODINGS.get(self.encoding or '', self.encoding)}")
            said.append(f"columns divided by {DELIMITERS.get(self.delimiter or '', repr(self.delimiter))}")
            if self.quote == "":
                said.append("quotes are letters")
            elif self.quote not in (None, '"'):
                said.append(f"texts in {self.quote}")
        said.append("the first line names the columns" if self.header else "no line of names")
        if self.skip:
            said.append(f"{self.skip} line{'s' if self.skip > 1 else ''} above left out")
        said.append(f"decimal mark “{self.decimal}”")
        if self.thousands:
            said.append(f"thousands mark “{_MARKS.get(self.thousands, self.thousands)}”")
        if self.day_first is not None:
            said.append(f"dates with the {'day' if self.day_first else 'month'} first")
        if self.missing:
            said.append(f"no value: blank, {', '.join(self.missing)}")
        return said

    def changed(self, **values: Any) -> Assumptions:
        """With these values changed, and nothing of what was found."""
        return replace(self.given, **values)


_FOUND = ("kind", "compression", "sheets", "members", "marks", "columns", "notes")
_ENCODINGS = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8 (with a mark)", "utf-16": "UTF-16", "utf-16-le": "UTF-16 (little endian)",
    "utf-16-be": "UTF-16 (big endian)", "utf-32": "UTF-32", "cp1252": "Windows-1252 (Western)",
    "latin-1": "Latin-1", "cp1250": "Windows-1250 (Central European)", "cp1251": "Windows-1251 (Cyrillic)",
}  # fmt: skip
_MARKS = {" ": "blank"}
