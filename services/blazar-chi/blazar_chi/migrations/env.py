"""How alembic reaches the database: by the connection that blazar_chi.db_manage hands over."""

from __future__ import annotations

from alembic import context

from blazar_chi import db_manage

context.configure(
    connection=context.config.attributes["connection"], version_table=db_manage.VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
