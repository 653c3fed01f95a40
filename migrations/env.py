"""Alembic's environment: the connection is handed in by `maild.store.migrate`, there is no alembic.ini."""

from alembic import context

from maild.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
