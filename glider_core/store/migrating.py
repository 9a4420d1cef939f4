"""Brings a database to this version's tables, all or nothing; refuses what is newer, or another program's."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from glider_core.errors import InvalidInput
from glider_core.store.tables import ORDER

VERSION_TABLE = "glider_version"
_STEPS = Path(__file__).parent / "migrations"
_LOCK = 0x676C6964  # of PostgreSQL's advisory locks: two servers that start at once migrate one after the other


class StoreRefused(InvalidInput):
    """The database is no store that this version can open; nothing in it was changed."""


def known_versions() -> tuple[str, ...]:
    """All versions of a store that this version of Glider knows, the oldest first."""
    return tuple(path.stem[1:5] for path in sorted((_STEPS / "versions").glob("s*.py")))


def version_of(connection: sa.Connection) -> str | None:
    """The version of a store; None: the database is empty.

    Raises:
        StoreRefused: it was made by a newer version of Glider, or by another program.
    """
    tables = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        if taken := sorted(table.name for table in ORDER if table.name in tables):
            raise StoreRefused(
                f"This database has tables of another program ({', '.join(taken)}); nothing in it was changed. Name "
                "an empty one."
            )
        return None
    version = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    if version is not None and version not in known_versions():
        raise StoreRefused(
            f"This store was made by a newer version of Glider (its tables are of version {version!s:.20}, known here "
            f"are those up to {known_versions()[-1]}); nothing in it was changed. Install that version, or name "
            "another store."
        )
    return version


def migrate(connection: sa.Connection, to: str = "head") -> None:
    """Bring the database to this version's tables, within the connection's transaction.

    Args:
        connection: in a transaction, which takes all steps back where one fails.
        to: a version, for tests; the newest by default.
    """
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
