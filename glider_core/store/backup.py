"""Backup and restore: a whole store as one SQLite file, of whichever database and into either."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import sqlalchemy as sa

from glider_core.errors import InvalidInput
from glider_core.output import check_writable
from glider_core.store.database import Database
from glider_core.store.tables import BOOKS, ORDER

_ROWS = 500  # at a time


def backup(database: Database, path: Path) -> int:
    """Write the whole store, as it is at one moment, into a file that is itself a store; how many cases are in it.

    The store can be used meanwhile. The file appears under its name when it is whole.

    Raises:
        InvalidInput: there is such a file already, or it cannot be written.
        StoreFailed: the store cannot be read.
    """
    if path.exists():
        raise InvalidInput(f"{path} is there already; a backup replaces nothing. Name another file.")
    check_writable(path)
    beside = path.with_name(f".glider-{uuid.uuid4().hex}")
    try:
        target = Database(f"sqlite:///{beside}")
        n = _copy(database, target)
        with target.engine.connect() as connection:  # one file, without a log beside it
            connection.exec_driver_sql("COMMIT") if connection.in_transaction() else None
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        target.close()
        os.replace(beside, path)
    finally:
        for left in (beside, beside.with_name(f"{beside.name}-wal"), beside.with_name(f"{beside.name}-shm")):
            left.unlink(missing_ok=True)
    return n


def restore(database: Database, path: Path) -> int:
    """Fill an empty store from a backup, all or nothing; how many cases came.

    Raises:
        InvalidInput: there is no such file, or the store holds something already.
        StoreRefused: the backup is of a newer version, or no backup; nothing was changed.
        StoreFailed: it cannot be read, or the store cannot be written.
    """
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}; name a backup of a store.")
    with database.reading() as connection:
        if connection.execute(sa.select(sa.func.count()).select_from(BOOKS)).scalar():
            raise InvalidInput(
                "The store holds cases already; a backup is restored into an empty one. Name another store."
            )
    source = Database(f"sqlite:///{path}")  # an older backup is brought up to date first, with a copy beside it
    try:
        return _copy(source, database)
    finally:
        source.close()


def _copy(source: Database, target: Database) -> int:
    """All rows of one store into another, read in one snapshot, written in one transaction; how many cases."""
    counted = 0
    with source.reading() as reading, target.writing() as writing:
        if not source.is_sqlite:
            reading.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for table in ORDER:
            # A case comes after the one that it was edited from, whose number is the smaller.
            rows = reading.execution_options(yield_per=_ROWS).execute(sa.select(table).order_by(*table.primary_key))
            for part in rows.mappings().partitions():
                writing.execute(sa.insert(table), [dict(row) for row in part])
                counted += len(part) if table.name == "cases" else 0
        if not target.is_sqlite:  # its own counters of numbers know nothing of rows that came with theirs
            for table in ORDER:
                if "id" in table.c:
                    writing.exec_driver_sql(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                        f"(SELECT coalesce(max(id), 1) FROM {table.name}))"
                    )
    return counted
