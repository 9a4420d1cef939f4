"""Alembic's entry: runs the steps on the connection that `migrating` opened, within its transaction."""

from alembic import context

from glider_core.store.migrating import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transactional_ddl=False,  # the caller's transaction holds all steps together
)
context.run_migrations()
