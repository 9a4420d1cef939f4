"""Books, cases and what people said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "books",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("used", sa.Float, nullable=False),
    )
    op.create_table(
        "reviewers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("book_id", sa.Integer, sa.ForeignKey("books.id", ondelete="CASCADE"), nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("answer", sa.Float, nullable=False),
        sa.Column("answered", sa.Text, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("wrong", sa.Boolean),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("alone", sa.Float, nullable=False),
        sa.Column("together", sa.Float, nullable=False),
        sa.Column("rest", sa.Float, nullable=False),
        sa.Column("top", sa.Text, nullable=False),
        sa.Column("effect", sa.Float),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("sets", sa.Integer, nullable=False),
        sa.Column("flag", sa.Text, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("cases.id", ondelete="SET NULL")),
        sa.Column("pinned", sa.Boolean, nullable=False),
        sa.Column("touched", sa.Boolean, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
        sa.UniqueConstraint("book_id", "digest"),
        sqlite_autoincrement=True,  # a number that stood in a link never means another case
    )
    for name, columns in {
        "cases_by_time": ["book_id", "created"],
        "cases_by_batch": ["book_id", "batch"],
        "cases_by_parent": ["parent_id"],
        "cases_by_digest": ["digest"],
    }.items():
        op.create_index(name, "cases", columns)
    case = sa.ForeignKey("cases.id", ondelete="CASCADE")
    op.create_table(
        "contents",
        sa.Column("case_id", sa.Integer, case, primary_key=True),
        sa.Column("explanation", sa.LargeBinary, nullable=False),
        sa.Column("thumbnail", sa.Text, nullable=False),
    )
    op.create_table(
        "fields",
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("number", sa.Float),
    )
    op.create_index("fields_by_number", "fields", ["name", "number"])
    op.create_table(
        "verdicts",
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("reviewer_id", sa.Integer, sa.ForeignKey("reviewers.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
        sa.Column("reviewer_id", sa.Integer, sa.ForeignKey("reviewers.id", ondelete="CASCADE"), nullable=False),
        sa.Column("former", sa.Integer),
        sa.Column("value", sa.Integer),
        sa.Column("undone", sa.Boolean, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("history_by_case", "history", ["case_id", "reviewer_id"])
    op.create_table(
        "notes",
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("reviewer_id", sa.Integer, sa.ForeignKey("reviewers.id", ondelete="SET NULL")),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "tags",
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tag", sa.Text, primary_key=True),
    )
