"""What a store holds, as tables; `migrations` makes them, here they are described for the statements that use them."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

# Whose cases they are: of a browser, of a person who has signed in, of a name that an operator gave, of a link.
BOOKS = sa.Table(
    "books",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),  # private ones by the SHA-256 of what opens them
    sa.Column("kind", sa.Text, nullable=False),  # "private", "named", "shared"
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),  # seconds since 1970, as all times here
    sa.Column("used", sa.Float, nullable=False),
)
REVIEWERS = sa.Table(
    "reviewers",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
)
# One line of the case book: small, so that many are looked through fast. What is drawn lies in `contents`.
CASES = sa.Table(
    "cases",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("book_id", sa.ForeignKey("books.id", ondelete="CASCADE"), nullable=False),
    sa.Column("digest", sa.Text, nullable=False),  # equal for equal results; a book holds each once
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),  # of the input
    sa.Column("answer", sa.Float, nullable=False),  # logits of the explained output
    sa.Column("answered", sa.Text, nullable=False),  # the same in words
    sa.Column("label", sa.Text),  # the true one, where it is known
    sa.Column("wrong", sa.Boolean),  # whether the model's answer is another
    sa.Column("state", sa.Text, nullable=False),  # strong, weak, additive, unreadable
    sa.Column("alone", sa.Float, nullable=False),  # shares of what varies
    sa.Column("together", sa.Float, nullable=False),
    sa.Column("rest", sa.Float, nullable=False),
    sa.Column("top", sa.Text, nullable=False),  # names of the first set; empty: there is none
    sa.Column("effect", sa.Float),  # logits: its joint effect and the interval of 95 %
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    sa.Column("sets", sa.Integer, nullable=False),  # how many were found
    sa.Column("flag", sa.Text, nullable=False),  # what a reader must know before all else; empty: nothing
    sa.Column("batch", sa.Text, nullable=False),  # what it was explained in; empty: by itself
    sa.Column("parent_id", sa.ForeignKey("cases.id", ondelete="SET NULL")),  # what it was edited from
    sa.Column("pinned", sa.Boolean, nullable=False),
    sa.Column("touched", sa.Boolean, nullable=False),  # judged, noted or tagged: it does not go by its age
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("searched", sa.Text, nullable=False),  # all that is found by words: texts, names, tags, note
    sa.UniqueConstraint("book_id", "digest"),
)
CONTENTS = sa.Table(
    "contents",
    METADATA,
    sa.Column("case_id", sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("explanation", sa.LargeBinary, nullable=False),  # JSON, compressed by zlib; it holds case and payload
    sa.Column("thumbnail", sa.Text, nullable=False),  # HTML of ours
)
FIELDS = sa.Table(
    "fields",
    METADATA,
    sa.Column("case_id", sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("number", sa.Float),  # the value where it is a number
)
VERDICTS = sa.Table(
    "verdicts",
    METADATA,
    sa.Column("case_id", sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("reviewer_id", sa.ForeignKey("reviewers.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
# Every verdict ever given, so that the last can be taken back, and nothing of a review is lost.
HISTORY = sa.Table(
    "history",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("case_id", sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    sa.Column("reviewer_id", sa.ForeignKey("reviewers.id", ondelete="CASCADE"), nullable=False),
    sa.Column("former", sa.Integer),  # verdict before; None: there was none
    sa.Column("value", sa.Integer),  # verdict after; None: taken away
    sa.Column("undone", sa.Boolean, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
NOTES = sa.Table(
    "notes",
    METADATA,
    sa.Column("case_id", sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # counts its changes from 1
    sa.Column("reviewer_id", sa.ForeignKey("reviewers.id", ondelete="SET NULL")),
    sa.Column("at", sa.Float, nullable=False),
)
TAGS = sa.Table(
    "tags",
    METADATA,
    sa.Column("case_id", sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("tag", sa.Text, primary_key=True),
)
ORDER = (BOOKS, REVIEWERS, CASES, CONTENTS, FIELDS, VERDICTS, HISTORY, NOTES, TAGS)  # whoever is named comes first
