"""How an uploaded table was read: what was assumed, each assumption to be corrected, and the first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

import pandas as pd
import streamlit as st

from glider_core.drawings.text import markdown
from glider_core.tables.assumptions import DELIMITERS, Assumptions
from glider_core.tables.dates import with_date_parts
from glider_core.tables.dialects import COMMENTS
from glider_core.tables.encodings import ENCODINGS
from glider_core.tables.read import TableRead, UnreadableTable, read_table
from glider_core.tables.target import guess_target
from glider_core.tables.values import Guess, guess_columns

PREVIEW = 5  # rows
_EXAMPLES = 4  # values of a column that are shown
_NOTES = 8  # sentences about the whole table
_MISSING = ("NA", "N/A", "n/a", "NaN", "null", "NULL", "None", "?", "-", "\\N")


@dataclass(frozen=True, slots=True)
class UploadedTable:
    """A table as it was read, with all that is guessed about it."""

    content: bytes
    name: str
    table: pd.DataFrame  # with the parts of its dates
    assumptions: Assumptions
    guesses: dict[str, Guess]
    target: str  # the column that is most likely to be predicted
    examples: dict[str, str]

    def as_number(self, columns: Sequence[str]) -> UploadedTable:
        """The same with these columns of text read as numbers."""
        texts = [name for name in columns if (r := self.assumptions.reading(name)) is not None and r.kind == "text"]
        if not texts:
            return self
        known = self.assumptions.given
        for name in texts:
            known = known.with_column(name, "number")
        return prepare(self.content, self.name, known)


def read(prefix: str, content: bytes, name: str) -> UploadedTable | None:
    """Read an uploaded file, say how, and let it be corrected; None where it cannot be read, which is said.

    Args:
        prefix: of the widgets' keys.
        content: of the file.
        name: of the file.
    """
    key = f"{prefix}.{sha256(content).hexdigest()[:16]}"
    known: Assumptions = st.session_state.setdefault(f"{key}.known", Assumptions())
    uploaded: UploadedTable | None = None
    try:
        uploaded = _prepared(content, name, known)
        told = uploaded.assumptions
    except UnreadableTable as error:
        st.error(markdown(str(error)), icon=":material/error:")
        told = error.assumptions
        if told.members and told.member is None:
            _choice(key, "member", "File in the archive", told.members, None)
            return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/visibility: **Read as** {markdown(' · '.join(told.words()))}"
            if uploaded
            else "How was it meant?"
        )
        if told.kind != "parquet" or told.members:
            _corrections(key, told, changed=known != Assumptions())
    if uploaded is not None:
        _notes(uploaded)
        st.dataframe(uploaded.table[list(_columns_of_file(uploaded))].head(PREVIEW), hide_index=True)
    return uploaded


def prepare(content: bytes, name: str, known: Assumptions) -> UploadedTable:
    """Read a table and guess what it is for.

    Raises:
        UnreadableTable: it cannot be read so.
    """
    table, told = cast(TableRead, read_table(content, name, known))
    table = with_date_parts(table)
    examples = {
        str(column): ", ".join(str(value)[:30] for value in table[column].dropna().unique()[:_EXAMPLES])[:80]
        for column in table.columns
    }
    guesses = guess_columns(table, told)
    likely = [column for column, guess in guesses.items() if guess.kind] or list(guesses)
    return UploadedTable(content, name, table, told, guesses, guess_target(table[likely]), examples)


# The same table for all who gave the same file; nobody changes it. `cache_data` would copy it on each drawing.
@st.cache_resource(max_entries=3, show_spinner="Reading the table")
def _prepared(content: bytes, name: str, known: Assumptions) -> UploadedTable:
    return prepare(content, name, known)


def _columns_of_file(uploaded: UploadedTable) -> Sequence[str]:
    return [name for name, _ in uploaded.assumptions.columns]


def _notes(uploaded: UploadedTable) -> None:
    """What nobody should overlook and has no place at a column."""
    there = set(_columns_of_file(uploaded))
    sentences = [
        markdown(f"“{note.column}”: {note.text}" if note.column else note.text)
        for note in uploaded.assumptions.notes
        if note.column not in there
    ]
    if sentences:
        more = [f"... and {len(sentences) - _NOTES} more"] if len(sentences) > _NOTES else []
        st.markdown("\n".join(f"- {sentence}" for sentence in [*sentences[:_NOTES], *more]))


def _corrections(key: str, told: Assumptions, *, changed: bool) -> None:
    """A widget for each assumption that someone may know better."""
    with st.popover("Change", icon=":material/tune:"):
        if told.members:
            _choice(key, "member", "File in the archive", told.members, told.member or told.members[0])
        if told.sheets:
            _choice(key, "sheet", "Sheet", told.sheets, told.sheet or told.sheets[0])
        left, right = st.columns(2)
        if told.kind == "text":
            with left:
                _choice(key, "encoding", "Encoding", _with(ENCODINGS, told.encoding), told.encoding)
                _choice(key, "delimiter", "Columns are divided by", _with(tuple(DELIMITERS), told.delimiter),
                        told.delimiter, DELIMITERS)  # fmt: skip
                _choice(key, "quote", "Texts stand in", ('"', "'", ""), told.quote, {"": "no quotes"})
            with right:
                _choice(
                    key, "comment", "Lines that are none begin with", ("", *COMMENTS), told.comment, {"": "nothing"}
                )
        if told.kind != "parquet":
            with right:
                _choice(key, "decimal", "Decimal mark", (".", ","), told.decimal, {".": "point", ",": "comma"})
                _choice(key, "thousands", "Thousands mark", ("", ",", ".", " ", "'"), told.thousands,
                        {"": "none", ",": "comma", ".": "point", " ": "blank", "'": "apostrophe"})  # fmt: skip
                if told.day_first is not None:
                    _choice(key, "day_first", "In dates that leave it open", (True, False), told.day_first,
                            {True: "the day comes first", False: "the month comes first"})  # fmt: skip
            with left:
                field = f"{key}.skip"
                st.session_state[field] = told.skip or 0
                st.number_input("Lines above the names", 0, 10_000, key=field, on_change=_change, args=(key, "skip"))
        if told.kind != "parquet":
            field = f"{key}.header"
            st.session_state[field] = told.header is not False
            st.toggle("The first line names the columns", key=field, on_change=_change, args=(key, "header"))
            field = f"{key}.missing"
            st.session_state[field] = list(told.missing or ())
            options = list(dict.fromkeys((*(told.missing or ()), *told.marks, *_MISSING)))
            st.multiselect("Besides blanks, these mean “no value” in every column", options, key=field,
                           on_change=_change, args=(key, "missing"))  # fmt: skip
        if changed:
            st.button("Guess again", icon=":material/undo:", on_click=_forget, args=(key,), key=f"{key}.forget")


def _choice(
    key: str, field: str, label: str, options: Sequence[Any], value: Any, words: Mapping[Any, str] | None = None
) -> None:
    """A box with what was assumed in it; a change is kept and the file is read anew."""
    box = f"{key}.{field}"
    st.session_state[box] = value if value in options else None
    st.selectbox(label, options, format_func=lambda option: str((words or {}).get(option, option)), key=box,
                 on_change=_change, args=(key, field))  # fmt: skip


def _change(key: str, field: str) -> None:
    value: Any = st.session_state[f"{key}.{field}"]
    known: Assumptions = st.session_state[f"{key}.known"]
    changes: dict[str, Any] = {field: tuple(value) if field == "missing" else value}
    if field == "decimal" and known.thousands == value:
        changes["thousands"] = None
    if field == "thousands" and known.decimal == value:
        changes["decimal"] = None
    st.session_state[f"{key}.known"] = known.changed(**changes)


def _forget(key: str) -> None:
    st.session_state[f"{key}.known"] = Assumptions()


def _with(options: Sequence[str], value: str | None) -> tuple[str, ...]:
    return tuple(options) if value is None or value in options else (value, *options)
