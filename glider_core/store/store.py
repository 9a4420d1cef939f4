"""A store: case books in one database, SQLite beside the app or PostgreSQL for several."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import Any

import platformdirs
import sqlalchemy as sa

from glider_core.errors import InvalidInput
from glider_core.results import Explanation
from glider_core.store.book import unpacked
from glider_core.store.database import Database
from glider_core.store.records import Reviewer
from glider_core.store.reviewing import ReviewedBook
from glider_core.store.summary import plain
from glider_core.store.tables import BOOKS, CASES, CONTENTS, REVIEWERS

URL_VARIABLE = "GLIDER_DATABASE_URL"
USUAL_BOOK = "shell"  # of the command line
_NAME = re.compile(r"\w[\w .-]{0,59}")
_SHORTEST = 22  # characters of what opens a private or shared book: 128 random bits


def default_url() -> str:
    """Where the app keeps cases: the variable GLIDER_DATABASE_URL; else a file in GLIDER_CACHE, if that is set; else
    one in this user's data folder."""
    if url := os.environ.get(URL_VARIABLE, "").strip():
        return url
    folder = os.environ.get("GLIDER_CACHE") or platformdirs.user_data_path("glider")
    return f"sqlite:///{Path(folder) / 'cases.db'}"


class Store:
    """Case books in a database; usable from any thread, and by several processes at once.

    Args:
        url: "sqlite:///FILE", a file's path, "postgresql://USER:PASSWORD@HOST/NAME", or "sqlite://" for one in memory;
            by default what `default_url` says.

    Raises:
        StoreRefused: the database is of a newer version of Glider, or another program's; it was not changed.
        StoreFailed: it cannot be reached or written.
        InvalidInput: this is no such address.
    """

    def __init__(self, url: str | Path | None = None) -> None:
        self.database = Database(default_url() if url is None else str(url))

    def book(self, name: str = USUAL_BOOK) -> ReviewedBook:
        """The named book, made where there is none: of everyone who can use this store.

        Raises:
            InvalidInput: this is no name.
        """
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                f"A book cannot be called {name!r:.80}; take up to 60 letters, digits, blanks, dots and hyphens."
            )
        return self._book(f"named:{name}", "named", name)

    def books(self) -> list[str]:
        """The names of all named books."""
        with self.database.reading() as connection:
            asked = sa.select(BOOKS.c.title).where(BOOKS.c.kind == "named").order_by(BOOKS.c.title)
            return list(connection.execute(asked).scalars())

    def private_book(self, owner: str) -> ReviewedBook:
        """The book of one owner, which nobody else opens.

        Args:
            owner: what only the owner knows or is: a token, or who a sign-in says it is. Only its SHA-256 is written.
        """
        return self._book(_hashed("private", owner), "private", "Your cases")

    def share_book(self, title: str) -> tuple[str, ReviewedBook]:
        """A new book for whoever is given its key; the key, which is written nowhere, and the book."""
        key = secrets.token_urlsafe(_SHORTEST)
        return key, self._book(_hashed("shared", key), "shared", plain(title)[:60].strip() or "Shared cases")

    def shared_book(self, key: str) -> ReviewedBook:
        """The book that a key opens.

        Raises:
            InvalidInput: it opens none.
        """
        with self.database.reading() as connection:
            found = connection.execute(
                sa.select(BOOKS.c.id, BOOKS.c.title).where(BOOKS.c.key == _hashed("shared", key))
            ).one_or_none()
        if found is None or len(key) < _SHORTEST:
            raise InvalidInput("This link opens no shared book; ask whoever shared it for a new one.")
        return ReviewedBook(self.database, found.id, found.title, "shared")

    def reviewer(self, key: str, name: str | None = None, *, usual: str = "Anonymous") -> Reviewer:
        """Someone who judges.

        Args:
            key: what only this person knows or is; only its SHA-256 is written.
            name: for others to see, from now on; by default the one that is known.
            usual: the name of someone who has none yet.
        """
        hashed = _hashed("reviewer", key)
        with self.database.reading() as connection:
            found = connection.execute(sa.select(REVIEWERS).where(REVIEWERS.c.key == hashed)).one_or_none()
        known: str = usual if found is None else found.name
        shown = plain(" ".join((name or "").split()))[:60] or known
        if found is not None and found.name == shown:
            return Reviewer(id=found.id, name=shown)
        with self.database.writing() as connection:
            number = self._put(connection, REVIEWERS, {"key": hashed, "name": shown}, {"name": shown})
        return Reviewer(id=number, name=shown)

    def forget_book(self, owner: str) -> None:
        """Delete the private book of an owner, with all that is in it."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(BOOKS).where(BOOKS.c.key == _hashed("private", owner)))

    def explanation(self, fingerprint: str) -> Explanation | None:
        """The result of a case, whoever had it explained; None: nobody has. Only who has the whole input can ask."""
        with self.database.reading() as connection:
            packed = connection.execute(
                sa.select(CONTENTS.c.explanation)
                .join(CASES, CASES.c.id == CONTENTS.c.case_id)
                .where(CASES.c.digest == fingerprint)
                .limit(1)
            ).scalar()
        return None if packed is None else unpacked(packed)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def _book(self, key: str, kind: str, title: str) -> ReviewedBook:
        with self.database.reading() as connection:
            number = connection.execute(sa.select(BOOKS.c.id).where(BOOKS.c.key == key)).scalar()
        if number is None:
            now = time.time()
            values = {"key": key, "kind": kind, "title": title, "created": now, "used": now}
            with self.database.writing() as connection:
                number = self._put(connection, BOOKS, values, {"used": now})
        return ReviewedBook(self.database, number, title, kind)

    def _put(self, connection: sa.Connection, table: sa.Table, values: dict[str, Any], news: dict[str, Any]) -> int:
        """Insert a row or change the one of its key; its number."""
        from sqlalchemy.dialects import postgresql, sqlite

        insert = sqlite.insert(table) if self.database.is_sqlite else postgresql.insert(table)
        statement = insert.values(**values).on_conflict_do_update(index_elements=["key"], set_=news)
        return connection.execute(statement.returning(table.c.id)).scalar_one()


def _hashed(kind: str, secret: str) -> str:
    return f"{kind}:{hashlib.sha256(f'glider {kind} {secret}'.encode('utf-8', 'surrogatepass')).hexdigest()}"
