"""An index of words: FTS5 on SQLite, a text-search vector on PostgreSQL; both follow `cases.searched` by themselves."""

from alembic import op

revision = "0002"
down_revision = "0001"

_SQLITE = (
    "CREATE VIRTUAL TABLE cases_words USING fts5(searched, content='cases', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2')",
    "INSERT INTO cases_words(cases_words) VALUES ('rebuild')",
    "CREATE TRIGGER cases_words_in AFTER INSERT ON cases BEGIN "
    "INSERT INTO cases_words(rowid, searched) VALUES (new.id, new.searched); END",
    "CREATE TRIGGER cases_words_out AFTER DELETE ON cases BEGIN "
    "INSERT INTO cases_words(cases_words, rowid, searched) VALUES ('delete', old.id, old.searched); END",
    "CREATE TRIGGER cases_words_change AFTER UPDATE OF searched ON cases BEGIN "
    "INSERT INTO cases_words(cases_words, rowid, searched) VALUES ('delete', old.id, old.searched); "
    "INSERT INTO cases_words(rowid, searched) VALUES (new.id, new.searched); END",
)
_POSTGRESQL = (
    # Nothing but letters and digits, or its parser takes a model's id for a path and finds it as a whole only.
    "ALTER TABLE cases ADD COLUMN words tsvector GENERATED ALWAYS AS "
    r"(to_tsvector('simple', regexp_replace(searched, '[\W_]+', ' ', 'g'))) STORED",
    "CREATE INDEX cases_by_words ON cases USING gin (words)",
)


def upgrade() -> None:
    """Index what is there; later changes are indexed as they are made."""
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
