"""The schema of the database and its revisions."""

from __future__ import annotations

import pathlib

import alembic.command
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from doni.db import session
from doni.db.models import Base
from doni.exceptions import Conflict

LOCATION = pathlib.Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(LOCATION).replace("%", "%%"))
    return config


def head() -> str | None:
    """The newest revision that this version of Doni knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def known(revision: str) -> bool:
    """Whether a database of this revision can be upgraded."""
    return any(
        script.revision == revision
        for script in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def version() -> str | None:
    """The revision of the database; None if it has none."""
    with session.engine().connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)


def upgrade(revision: str | None = None) -> None:
    """Change the schema to that of a revision, by default the newest.

    Raises:
        Conflict: the database is older than what can be upgraded, or newer than this Doni.
    """
    current = version()
    if current is not None and not known(current):
        raise Conflict(
            f"The database has revision {current}, from which this version of Doni cannot "
            "upgrade. Use a version that knows it first."
        )
    _run("upgrade", revision or "head")


def stamp(revision: str | None = None) -> None:
    """Note the revision of the database without changing the schema."""
    _run("stamp", revision or "head")


def _run(command: str, revision: str) -> None:
    config = _config()
    with session.engine().begin() as connection:
        config.attributes["connection"] = connection
        getattr(alembic.command, command)(config, revision)


def create_schema() -> None:
    """Make all tables in an empty database.

    Raises:
        Conflict: it is not empty.
    """
    if version() is not None:
        raise Conflict("The database already has a schema: use 'upgrade'.")
    Base.metadata.create_all(session.engine())
    stamp()


def revision(message: str, autogenerate: bool = False) -> None:
    """Write the file of a new revision; for developers."""
    config = _config()
    with session.engine().begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.revision(config, message=message, autogenerate=autogenerate)
