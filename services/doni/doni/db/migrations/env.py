"""How alembic reaches the database: by the connection that doni.db.migration hands over."""

from __future__ import annotations

from alembic import context

from doni.db.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
