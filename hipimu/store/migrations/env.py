"""What alembic runs; the connection and its transaction come from `hipimu.store.migrations`."""

from __future__ import annotations

from alembic import context

from hipimu.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
