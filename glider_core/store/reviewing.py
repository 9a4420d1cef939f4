"""What people say of the cases of a book: verdicts with undo, notes that nobody overwrites unseen, tags, agreement."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable

import sqlalchemy as sa

from glider_core.errors import InvalidInput
from glider_core.store.agreement import Agreement, agreement
from glider_core.store.asking import VERDICT_NAMES
from glider_core.store.book import Book
from glider_core.store.records import Note, NoteChanged, Reviewer
from glider_core.store.summary import LONGEST_SEARCHED, plain
from glider_core.store.tables import CASES, HISTORY, NOTES, REVIEWERS, TAGS, VERDICTS

LONGEST_NOTE, LONGEST_TAG, MOST_TAGS = 20_000, 60, 20
_SEPARATOR = "\n\x1f\n"  # in `searched`, between what is of the case and what people added


class ReviewedBook(Book):
    """A case book with what reviewers do in it."""

    def judge(self, case_id: int, value: int | None, reviewer: Reviewer) -> None:
        """Give a verdict, or take it away by None; on the disk when this returns.

        Raises:
            InvalidInput: the case is not in this book, or there is no such verdict.
        """
        if value is not None and value not in VERDICT_NAMES:
            raise InvalidInput(f"There is no verdict {value!r:.20}; there are 1 to {max(VERDICT_NAMES)}.")
        with self._database.writing() as connection:
            self._check(connection, case_id)
            former = self._verdict(connection, case_id, reviewer)
            if former == value:
                return
            self._set(connection, case_id, value, reviewer)
            connection.execute(
                sa.insert(HISTORY).values(
                    case_id=case_id, reviewer_id=reviewer.id, former=former, value=value, undone=False, at=time.time()
                )
            )

    def undo(self, reviewer: Reviewer) -> int | None:
        """Take back the reviewer's last verdict in this book, again and again; its case, None: none is left."""
        with self._database.writing() as connection:
            last = connection.execute(
                sa.select(HISTORY)
                .join(CASES, CASES.c.id == HISTORY.c.case_id)
                .where(CASES.c.book_id == self.id, HISTORY.c.reviewer_id == reviewer.id, HISTORY.c.undone.is_(False))
                .order_by(HISTORY.c.id.desc())
                .limit(1)
            ).one_or_none()
            if last is None:
                return None
            self._set(connection, last.case_id, last.former, reviewer)
            connection.execute(sa.update(HISTORY).where(HISTORY.c.id == last.id).values(undone=True))
            return last.case_id

    def verdicts(self, reviewer: Reviewer) -> dict[int, int]:
        """A reviewer's verdicts in this book, by case number."""
        with self._database.reading() as connection:
            asked = (
                sa.select(VERDICTS.c.case_id, VERDICTS.c.value)
                .join(CASES, CASES.c.id == VERDICTS.c.case_id)
                .where(CASES.c.book_id == self.id, VERDICTS.c.reviewer_id == reviewer.id)
            )
            return {case_id: value for case_id, value in connection.execute(asked)}

    def reviewers(self) -> list[tuple[Reviewer, int]]:
        """Who has judged cases of this book, and how many."""
        with self._database.reading() as connection:
            asked = (
                sa.select(REVIEWERS.c.id, REVIEWERS.c.name, sa.func.count())
                .join(VERDICTS, VERDICTS.c.reviewer_id == REVIEWERS.c.id)
                .join(CASES, CASES.c.id == VERDICTS.c.case_id)
                .where(CASES.c.book_id == self.id)
                .group_by(REVIEWERS.c.id, REVIEWERS.c.name)
                .order_by(REVIEWERS.c.id)
            )
            return [(Reviewer(id=number, name=name), n) for number, name, n in connection.execute(asked)]

    def agreement(self, first: Reviewer, second: Reviewer) -> Agreement:
        """How far two reviewers agree on the cases that both have judged."""
        return agreement(self.verdicts(first), self.verdicts(second))

    def agreements(self) -> dict[str, Agreement]:
        """How far each two reviewers agree who have judged a case in common, by their names."""
        everyone = [(reviewer.name, self.verdicts(reviewer)) for reviewer, _ in self.reviewers()]
        told: dict[str, Agreement] = {}
        for (one, first), (other, second) in itertools.combinations(everyone, 2):
            if first.keys() & second.keys():
                told[f"{one} and {other}"] = agreement(first, second)
        return told

    def note(self, case_id: int) -> Note:
        """What is written on a case."""
        with self._database.reading() as connection:
            return self._note(connection, case_id)

    def write_note(self, case_id: int, text: str, *, version: int, reviewer: Reviewer) -> Note:
        """Write the note of a case, unless someone has since it was read.

        Args:
            case_id: the case's number.
            text: the whole note.
            version: of the note that was read and edited.
            reviewer: who writes.

        Raises:
            NoteChanged: someone else wrote in between; nothing was written, and it holds both texts.
            InvalidInput: the case is not in this book, or the note is too long.
        """
        text = plain(text)
        if len(text) > LONGEST_NOTE:
            raise InvalidInput(f"The note has {len(text):,} characters; at most {LONGEST_NOTE:,} are kept.")
        with self._database.writing() as connection:
            self._check(connection, case_id)
            # Whoever writes holds the case's row, so that of two at once the later sees what the earlier wrote.
            connection.execute(sa.select(CASES.c.id).where(CASES.c.id == case_id).with_for_update())
            now = self._note(connection, case_id)
            if now.text == text:
                return now
            if now.version != version:
                raise NoteChanged(now, text)
            values = {"text": text, "version": version + 1, "reviewer_id": reviewer.id, "at": time.time()}
            if version == 0:
                connection.execute(sa.insert(NOTES).values(case_id=case_id, **values))
            else:
                connection.execute(sa.update(NOTES).where(NOTES.c.case_id == case_id).values(**values))
            self._touch(connection, case_id)
            return self._note(connection, case_id)

    def tag(self, case_id: int, tags: Iterable[str]) -> None:
        """Give a case exactly these tags.

        Raises:
            InvalidInput: the case is not in this book; there are too many tags, or one is too long.
        """
        wanted = list(dict.fromkeys(filter(None, (" ".join(plain(tag).split()) for tag in tags))))
        if len(wanted) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in wanted):
            raise InvalidInput(f"A case has at most {MOST_TAGS} tags of up to {LONGEST_TAG} characters.")
        with self._database.writing() as connection:
            self._check(connection, case_id)
            connection.execute(sa.delete(TAGS).where(TAGS.c.case_id == case_id))
            if wanted:
                connection.execute(sa.insert(TAGS), [{"case_id": case_id, "tag": tag} for tag in wanted])
            self._touch(connection, case_id)

    def _verdict(self, connection: sa.Connection, case_id: int, reviewer: Reviewer) -> int | None:
        mine = sa.and_(VERDICTS.c.case_id == case_id, VERDICTS.c.reviewer_id == reviewer.id)
        return connection.execute(sa.select(VERDICTS.c.value).where(mine)).scalar()

    def _set(self, connection: sa.Connection, case_id: int, value: int | None, reviewer: Reviewer) -> None:
        mine = sa.and_(VERDICTS.c.case_id == case_id, VERDICTS.c.reviewer_id == reviewer.id)
        if value is None:
            connection.execute(sa.delete(VERDICTS).where(mine))
        else:
            now = time.time()
            statement = self._insert(VERDICTS).values(case_id=case_id, reviewer_id=reviewer.id, value=value, at=now)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["case_id", "reviewer_id"], set_={"value": value, "at": now}
                )
            )
        connection.execute(sa.update(CASES).where(CASES.c.id == case_id).values(touched=True))

    def _note(self, connection: sa.Connection, case_id: int) -> Note:
        found = connection.execute(
            sa.select(NOTES.c.text, NOTES.c.version, NOTES.c.at, REVIEWERS.c.name)
            .select_from(NOTES.outerjoin(REVIEWERS, REVIEWERS.c.id == NOTES.c.reviewer_id))
            .join(CASES, CASES.c.id == NOTES.c.case_id)
            .where(NOTES.c.case_id == case_id, CASES.c.book_id == self.id)
        ).one_or_none()
        if found is None:
            return Note(text="", version=0)
        return Note(text=found.text, version=found.version, by=found.name or "", at=found.at)

    def _touch(self, connection: sa.Connection, case_id: int) -> None:
        """The words that people added are found, too; the case does not go by its age."""
        words = connection.execute(sa.select(CASES.c.searched).where(CASES.c.id == case_id)).scalar_one()
        tags = connection.execute(sa.select(TAGS.c.tag).where(TAGS.c.case_id == case_id)).scalars()
        own = words.partition(_SEPARATOR)[0]
        added = "\n".join([*tags, self._note(connection, case_id).text])
        said = f"{own}{_SEPARATOR}{added}"[: 2 * LONGEST_SEARCHED]
        connection.execute(sa.update(CASES).where(CASES.c.id == case_id).values(touched=True, searched=said))
