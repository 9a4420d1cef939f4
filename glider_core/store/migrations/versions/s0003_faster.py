"""Beginnings of words by an index of their own, and what the case book counts without reading its lines."""

from alembic import op

revision = "0003"
down_revision = "0002"

# A beginning of two to six letters is looked up as it is; without, all words that begin so are merged each time.
_SQLITE = (
    "DROP TABLE cases_words",
    "CREATE VIRTUAL TABLE cases_words USING fts5(searched, content='cases', content_rowid='id', prefix='2 3 4 5 6', "
    "tokenize='unicode61 remove_diacritics 2')",
    "INSERT INTO cases_words(cases_words) VALUES ('rebuild')",
)


def upgrade() -> None:
    """Build the indexes anew; what is kept stays as it is."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in _SQLITE:
            op.execute(statement)
    op.create_index("cases_by_kind", "cases", ["book_id", "domain", "model", "state", "batch"])
    op.create_index("cases_by_label", "cases", ["book_id", "label"])
    op.create_index("verdicts_by_reviewer", "verdicts", ["reviewer_id"])
