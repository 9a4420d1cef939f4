"""A case book: the cases of one owner, looked through, and changed one small transaction at a time."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from glider_core.errors import InvalidInput
from glider_core.results import Explanation
from glider_core.store.asking import Ask, conditions, judged_by, order
from glider_core.store.database import Database
from glider_core.store.records import Choices, Line, Reviewer
from glider_core.store.summary import columns_of, fields_of, number_of, plain, searched, thumbnail_of
from glider_core.store.tables import BOOKS, CASES, CONTENTS, FIELDS, NOTES, REVIEWERS, TAGS, VERDICTS

_COLUMNS = [
    CASES.c[name]
    for name in (
        "id", "domain", "model", "title", "answer", "answered", "label", "wrong", "state", "alone", "together", "rest",
        "top", "effect", "low", "high", "sets", "flag", "batch", "parent_id", "pinned", "created",
    )
]  # fmt: skip
_MANY = 500  # numbers in one statement
_LABELS = 200  # true labels that are offered


class Book:
    """The cases of one owner; made by `Store`.

    Args:
        database: that it lies in.
        book_id: its number there.
        title: its name for people.
        kind: "private", "named" or "shared".
    """

    def __init__(self, database: Database, book_id: int, title: str, kind: str) -> None:
        self._database, self.id, self.title, self.kind = database, book_id, title, kind

    def add(
        self,
        explanation: Explanation,
        *,
        title: str = "",
        label: str | None = None,
        batch: str = "",
        parent: int | None = None,
        pinned: bool = False,
    ) -> int:
        """Keep an explanation; on the disk when this returns. One that is there already keeps its line.

        Args:
            explanation: any that `to_json` can write.
            title: of the input, where it has one of its own.
            label: the true one, where it is known.
            batch: what it was explained in.
            parent: number of the case whose input was edited.
            pinned: whether it stays until it is deleted.

        Returns:
            Its number.
        """
        now = time.time()
        columns = columns_of(explanation, title=title, label=label)
        more = {"book_id": self.id, "batch": plain(batch), "parent_id": parent, "pinned": pinned, "touched": False}
        words = searched(columns["title"], explanation, columns["label"] or "", columns["flag"], batch)
        packed = zlib.compress(explanation.to_json().encode("utf-8", "backslashreplace"), 6)
        with self._database.writing() as connection:
            known = connection.execute(
                sa.select(CASES.c.id).where(CASES.c.book_id == self.id, CASES.c.digest == columns["digest"])
            ).scalar()
            if known is not None:
                self._again(connection, known, columns, batch, pinned)
                if explanation.runs > 1:  # the same result, whose stability was measured since
                    connection.execute(
                        sa.update(CONTENTS).where(CONTENTS.c.case_id == known).values(explanation=packed)
                    )
                return known
            if parent is not None and not self._holds(connection, [parent]):
                more["parent_id"] = None
            inserted = connection.execute(
                self._insert(CASES)
                .values(**columns, **more, created=now, searched=words)
                .on_conflict_do_nothing(index_elements=["book_id", "digest"])
                .returning(CASES.c.id)
            ).scalar()
            if inserted is None:  # another process was first
                return connection.execute(
                    sa.select(CASES.c.id).where(CASES.c.book_id == self.id, CASES.c.digest == columns["digest"])
                ).scalar_one()
            connection.execute(
                sa.insert(CONTENTS).values(case_id=inserted, explanation=packed, thumbnail=thumbnail_of(explanation))
            )
            fields = [
                {"case_id": inserted, "name": name, "value": value, "number": number_of(value)}
                for name, value in fields_of(explanation).items()
            ]
            if fields:
                connection.execute(sa.insert(FIELDS), fields)
            connection.execute(sa.update(BOOKS).where(BOOKS.c.id == self.id).values(used=now))
            return inserted

    def count(self, ask: Ask | None = None, reviewer: Reviewer | None = None) -> tuple[int, int]:
        """How many cases there are, and how many of them this reviewer has judged."""
        ask, me = ask or Ask(), 0 if reviewer is None else reviewer.id
        with self._database.reading() as connection:
            found = connection.execute(
                sa.select(sa.func.count(), sa.func.count(VERDICTS.c.value))
                .select_from(judged_by(me))
                .where(*conditions(ask, self.id, sqlite=self._database.is_sqlite))
            ).one()
        return found[0], found[1]

    def lines(
        self, ask: Ask | None = None, reviewer: Reviewer | None = None, *, offset: int = 0, limit: int = 50
    ) -> list[Line]:
        """Cases in the order that is asked for."""
        ask, me = ask or Ask(), 0 if reviewer is None else reviewer.id
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(*_COLUMNS, VERDICTS.c.value.label("verdict"))
                .select_from(judged_by(me))
                .where(*conditions(ask, self.id, sqlite=self._database.is_sqlite))
                .order_by(*order(ask))
                .offset(offset)
                .limit(limit)
            ).all()
            return self._with_words(connection, rows, me)

    def line(self, case_id: int, reviewer: Reviewer | None = None) -> Line | None:
        """One case of this book; None: it is not there."""
        return next(iter(self.lines(Ask(ids=(case_id,)), reviewer)), None)

    def ids(self, ask: Ask | None = None, reviewer: Reviewer | None = None) -> list[int]:
        """The numbers of all cases that are asked for, in order."""
        ask, me = ask or Ask(), 0 if reviewer is None else reviewer.id
        with self._database.reading() as connection:
            statement = (
                sa.select(CASES.c.id)
                .select_from(judged_by(me))
                .where(*conditions(ask, self.id, sqlite=self._database.is_sqlite))
            )
            return list(connection.execute(statement.order_by(*order(ask))).scalars())

    def explanation(self, case_id: int) -> Explanation:
        """What was kept, drawable without its model.

        Raises:
            InvalidInput: it is not in this book (any more).
        """
        with self._database.reading() as connection:
            packed = connection.execute(
                sa.select(CONTENTS.c.explanation)
                .join(CASES, CASES.c.id == CONTENTS.c.case_id)
                .where(CASES.c.id == case_id, CASES.c.book_id == self.id)
            ).scalar()
        if packed is None:
            raise InvalidInput(f"Case {case_id} is not in this book; it may have been deleted.")
        return unpacked(packed)

    def find(self, digest: str | None) -> int | None:
        """The number of the case with this fingerprint; None: it is not in this book."""
        with self._database.reading() as connection:
            asked = sa.select(CASES.c.id).where(CASES.c.book_id == self.id, CASES.c.digest == (digest or ""))
            return connection.execute(asked).scalar()

    def choices(self) -> Choices:
        """What the cases can be filtered by."""
        mine = CASES.c.book_id == self.id
        told: dict[str, dict[str, int]] = {"domains": {}, "models": {}, "states": {}, "batches": {}}
        columns = (CASES.c.domain, CASES.c.model, CASES.c.state, CASES.c.batch)
        with self._database.reading() as connection:
            for *values, n in connection.execute(sa.select(*columns, sa.func.count()).where(mine).group_by(*columns)):
                for name, value in zip(told, values, strict=True):
                    if value:
                        told[name][value] = told[name].get(value, 0) + n
            tags = connection.execute(
                sa.select(TAGS.c.tag, sa.func.count())
                .join(CASES, CASES.c.id == TAGS.c.case_id)
                .where(mine)
                .group_by(TAGS.c.tag)
                .order_by(TAGS.c.tag)
            ).all()
            labels = connection.execute(
                sa.select(CASES.c.label, sa.func.count())
                .where(mine, CASES.c.label.is_not(None))
                .group_by(CASES.c.label)
                .order_by(sa.func.count().desc(), CASES.c.label)
                .limit(_LABELS)
            ).all()
        return Choices(**told, tags={tag: n for tag, n in tags}, labels={label: n for label, n in labels})

    def field_names(self) -> list[str]:
        """Names of fields that cases of this book have."""
        with self._database.reading() as connection:
            latest = sa.select(CASES.c.id).where(CASES.c.book_id == self.id, CASES.c.domain == "recommender")
            asked = sa.select(FIELDS.c.name).where(
                FIELDS.c.case_id.in_(latest.order_by(CASES.c.created.desc()).limit(200))
            )
            return sorted(connection.execute(asked.distinct()).scalars())

    def pin(self, case_id: int, pinned: bool = True) -> None:
        """Have a case stay until it is deleted, or not."""
        with self._database.writing() as connection:
            self._check(connection, case_id)
            connection.execute(sa.update(CASES).where(CASES.c.id == case_id).values(pinned=pinned))

    def delete(self, case_ids: Iterable[int]) -> None:
        """Delete cases with all that was said of them."""
        numbers = list(case_ids)
        with self._database.writing() as connection:
            for start in range(0, len(numbers), _MANY):
                several = CASES.c.id.in_(numbers[start : start + _MANY])
                connection.execute(sa.delete(CASES).where(CASES.c.book_id == self.id, several))

    def tidy(self, *, age: float, most: int) -> None:
        """Drop runs that nobody pinned, judged, noted or tagged, and that belong to no batch.

        Args:
            age: seconds after which they go.
            most: how many of them stay.
        """
        loose = sa.and_(
            CASES.c.book_id == self.id, CASES.c.pinned.is_(False), CASES.c.touched.is_(False), CASES.c.batch == ""
        )
        with self._database.writing() as connection:
            connection.execute(sa.delete(CASES).where(loose, CASES.c.created < time.time() - age))
            beyond = connection.execute(
                sa.select(CASES.c.id).where(loose).order_by(CASES.c.created.desc()).offset(most).limit(_MANY)
            ).scalars()
            connection.execute(sa.delete(CASES).where(CASES.c.id.in_(list(beyond))))

    def _insert(self, table: sa.Table) -> Any:
        from sqlalchemy.dialects import postgresql, sqlite

        return sqlite.insert(table) if self._database.is_sqlite else postgresql.insert(table)

    def _again(
        self, connection: sa.Connection, case_id: int, columns: dict[str, Any], batch: str, pinned: bool
    ) -> None:
        """A case that was explained before: its label may be news, and it may belong to a batch now."""
        news: dict[str, Any] = {"pinned": True} if pinned else {}
        if columns["label"]:
            news |= {name: columns[name] for name in ("label", "wrong", "flag")}
        if batch:
            news["batch"] = plain(batch)
        if news:
            connection.execute(sa.update(CASES).where(CASES.c.id == case_id).values(**news))

    def _check(self, connection: sa.Connection, case_id: int) -> None:
        if not self._holds(connection, [case_id]):
            raise InvalidInput(f"Case {case_id} is not in this book; it may have been deleted.")

    def _holds(self, connection: sa.Connection, case_ids: Sequence[int]) -> bool:
        found = connection.execute(
            sa.select(sa.func.count()).where(CASES.c.id.in_(case_ids), CASES.c.book_id == self.id)
        ).scalar()
        return found == len(set(case_ids))

    def _with_words(self, connection: sa.Connection, rows: Sequence[Any], me: int) -> list[Line]:
        """The rows with what lies in other tables."""
        numbers = [row.id for row in rows]
        tags: dict[int, list[str]] = {}
        notes: dict[int, str] = {}
        thumbnails: dict[int, str] = {}
        others: dict[int, list[tuple[str, int]]] = {}
        for start in range(0, len(numbers), _MANY):
            part = numbers[start : start + _MANY]
            of_tags = sa.select(TAGS.c.case_id, TAGS.c.tag).where(TAGS.c.case_id.in_(part)).order_by(TAGS.c.tag)
            for case_id, tag in connection.execute(of_tags):
                tags.setdefault(case_id, []).append(tag)
            of_notes = sa.select(NOTES.c.case_id, NOTES.c.text).where(NOTES.c.case_id.in_(part))
            notes |= {case_id: text for case_id, text in connection.execute(of_notes)}
            drawn = sa.select(CONTENTS.c.case_id, CONTENTS.c.thumbnail).where(CONTENTS.c.case_id.in_(part))
            thumbnails |= {case_id: html for case_id, html in connection.execute(drawn)}
            theirs = (
                sa.select(VERDICTS.c.case_id, REVIEWERS.c.name, VERDICTS.c.value)
                .join(REVIEWERS, REVIEWERS.c.id == VERDICTS.c.reviewer_id)
                .where(VERDICTS.c.case_id.in_(part), VERDICTS.c.reviewer_id != me)
                .order_by(VERDICTS.c.at)
            )
            for case_id, name, value in connection.execute(theirs):
                others.setdefault(case_id, []).append((name, value))
        return [
            Line(
                **row._mapping,
                tags=tuple(tags.get(row.id, ())),
                note=notes.get(row.id, ""),
                thumbnail=thumbnails.get(row.id, ""),
                others=tuple(others.get(row.id, ())),
            )
            for row in rows
        ]


def unpacked(content: bytes) -> Explanation:
    """An explanation as `Book.add` packed it."""
    return Explanation.from_json(zlib.decompress(content).decode())
