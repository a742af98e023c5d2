"""blazar-chi-db-manage: makes and upgrades the tables that Blazar itself does not have.

Run it after ``blazar-db-manage upgrade head``, with the same configuration.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import alembic.command
import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from oslo_config import cfg
from oslo_db import options

VERSION_TABLE = "chi_alembic_version"
LOCATION = pathlib.Path(__file__).parent / "migrations"
NEEDED = ("reservations", "resource_properties")


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables to a revision; nothing happens when they are of it.

    Raises:
        SystemExit: Blazar's own tables are not there.
    """
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    if not all(sa.inspect(engine).has_table(table) for table in NEEDED):
        raise SystemExit(
            "Blazar's tables are not there: run 'blazar-db-manage upgrade head' first."
        )
    config = Config()
    config.set_main_option("script_location", str(LOCATION).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, revision)


def version(url: str) -> str | None:
    """The revision of the tables; None if there are none."""
    with sa.create_engine(url, poolclass=sa.pool.NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return context.get_current_revision()


def _upgrade(conf: cfg.ConfigOpts) -> None:
    upgrade(conf.database.connection, conf.command.revision)


def _current(conf: cfg.ConfigOpts) -> None:
    print(version(conf.database.connection) or "none")


def _add_parsers(parsers: Any) -> None:
    parser = parsers.add_parser("upgrade", help="Bring the tables to the newest revision.")
    parser.add_argument("revision", nargs="?", default="head")
    parser.set_defaults(act=_upgrade)
    parsers.add_parser("current", help="Print their revision.").set_defaults(act=_current)


def main(argv: Sequence[str] | None = None) -> int:
    """Do one command; returns the exit code of the process."""
    conf = cfg.ConfigOpts()
    conf.register_opts(options.database_opts, group="database")
    conf.register_cli_opt(cfg.SubCommandOpt("command", handler=_add_parsers))
    conf(sys.argv[1:] if argv is None else argv, project="blazar", prog="blazar-chi-db-manage")
    if not conf.database.connection:
        raise SystemExit("The configuration does not say where the database is.")
    conf.command.act(conf)
    return 0
