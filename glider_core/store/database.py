"""Opens a database and works in it: SQLite in WAL mode or PostgreSQL, a transaction for each piece of work."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool

from glider_core.errors import GliderError, InvalidInput
from glider_core.store.migrating import StoreRefused, known_versions, migrate, version_of

PATIENCE = 60.0  # seconds that SQLite waits for another writer
MEMORY = "sqlite://"


class StoreFailed(GliderError):
    """The database could not be read or written; what was saved before is as it was."""


class Database:
    """A database with this version's tables; usable from any thread.

    Args:
        url: "sqlite:///folder/file.db", a path of such a file, "postgresql://user:password@host/name", or "sqlite://"
            for one that lives in memory.

    Raises:
        StoreRefused: it is newer than this version of Glider, or another program's; it was not changed.
        StoreFailed: it cannot be reached or written.
        InvalidInput: this is no such address.
    """

    def __init__(self, url: str) -> None:
        self.url = _url_of(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._alone = threading.RLock() if self.is_sqlite and not self.url.database else None
        with self._told():
            if self.is_sqlite and self.url.database:
                self._prepare_file(Path(self.url.database))
            self.engine = self._engine()
            self._migrate()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the database."""
        with self._told(), self._alone or contextlib.nullcontext(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection whose changes are all on the disk when the block ends, or none where it raises."""
        with self._told(), self._alone or contextlib.nullcontext(), self.engine.connect() as connection:
            connection = connection.execution_options(glider_writes=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _engine(self) -> sa.Engine:
        if not self.is_sqlite:
            return sa.create_engine(self.url, pool_pre_ping=True, pool_size=5, max_overflow=20)
        more: dict[str, Any] = {} if self.url.database else {"poolclass": StaticPool}
        engine = sa.create_engine(self.url, connect_args={"timeout": PATIENCE, "check_same_thread": False}, **more)
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
        return engine

    def _prepare_file(self, path: Path) -> None:
        """Look at a file before anything is written to it: its header, and whether this version knows its tables."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            return
        probe = sa.create_engine(f"sqlite:///file:{_quoted(path)}?mode=ro&uri=true")
        try:
            with probe.connect() as connection:
                version = version_of(connection)
        finally:
            probe.dispose()
        if version is not None and version != known_versions()[-1]:
            self._copy_before(path, version)

    def _copy_before(self, path: Path, version: str) -> None:
        """Keep the store as it was before it is migrated."""
        beside = path.with_name(f"{path.name}.before-{known_versions()[-1]}")
        if beside.exists():
            return
        with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE)) as source:
            source.execute("VACUUM INTO ?", (str(beside),))

    def _migrate(self) -> None:
        with self.reading() as connection:
            if version_of(connection) == known_versions()[-1]:
                return
        with self.writing() as connection:
            migrate(connection)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the driver's errors into sentences."""
        try:
            yield
        except exc.IntegrityError:
            raise StoreFailed("The case, book or reviewer is not in the store any more; open the page anew.") from None
        except exc.DBAPIError as error:
            raise self._failure(error) from None
        except sqlite3.Error as error:
            raise self._failure(error) from None
        except OSError as error:
            raise StoreFailed(f"The store {self._shown} cannot be opened ({error.strerror}).") from None

    def _failure(self, error: Exception) -> GliderError:
        words = str(getattr(error, "orig", None) or error).strip().splitlines()
        reason = (words or [type(error).__name__])[0]
        if "not a database" in reason:
            return StoreRefused(f"{self._shown} is no store of Glider; nothing in it was changed. Name another file.")
        if "full" in reason or "No space" in reason:
            reason = "there is no room left on its disk"
        return StoreFailed(
            f"The store {self._shown} cannot be used: {reason:.200}. What was saved before is as it was."
        )

    @property
    def _shown(self) -> str:
        return self.url.render_as_string(hide_password=True)


def _url_of(text: str) -> sa.URL:
    text = text.strip()
    if "://" not in text:
        text = f"sqlite:///{text}" if text else MEMORY
    try:
        url = make_url(text)
    except (exc.ArgumentError, ValueError):
        url = None
    name = "" if url is None else url.drivername.partition("+")[0]
    if url is None or name not in ("sqlite", "postgresql", "postgres"):
        raise InvalidInput(
            "The store is to be sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME; this address is neither."
        )
    if name == "sqlite":
        return url.set(drivername="sqlite", database=None if url.database in (None, "", ":memory:") else url.database)
    return url.set(drivername="postgresql+psycopg")


def _set_up(connection: Any, record: Any) -> None:
    """Of every connection to SQLite: a commit is on the disk, readers wait for nobody, one writer waits for another."""
    connection.isolation_level = None  # transactions begin where `_begin` says, also around changes of tables
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # A writer says so at once: one that began as a reader could not wait for another.
    writes = connection.get_execution_options().get("glider_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
