"""Cases that are kept, judged and compared: on SQLite or PostgreSQL, by SQLAlchemy, migrated by Alembic."""

from glider_core.store.agreement import Agreement, agreement
from glider_core.store.asking import UNJUDGED, VERDICT_NAMES, Ask, FieldRange, parse_verdict
from glider_core.store.backup import backup, restore
from glider_core.store.database import StoreFailed
from glider_core.store.migrating import StoreRefused
from glider_core.store.records import Line, Note, NoteChanged, Reviewer
from glider_core.store.reviewing import ReviewedBook
from glider_core.store.store import Store, default_url

__all__ = [
    "UNJUDGED",
    "VERDICT_NAMES",
    "Agreement",
    "Ask",
    "FieldRange",
    "Line",
    "Note",
    "NoteChanged",
    "ReviewedBook",
    "Reviewer",
    "Store",
    "StoreFailed",
    "StoreRefused",
    "agreement",
    "backup",
    "default_url",
    "parse_verdict",
    "restore",
]
