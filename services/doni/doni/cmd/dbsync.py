"""doni-dbsync: makes, upgrades and cleans the database."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from oslo_config import cfg

from doni import conf as options
from doni.db import migration, session, upkeep
from doni.exceptions import DoniError


def _upgrade(conf: cfg.ConfigOpts) -> None:
    migration.upgrade(conf.command.revision)


def _stamp(conf: cfg.ConfigOpts) -> None:
    migration.stamp(conf.command.revision)


def _revision(conf: cfg.ConfigOpts) -> None:
    migration.revision(conf.command.message, conf.command.autogenerate)


def _version(conf: cfg.ConfigOpts) -> None:
    print(migration.version() or "none")


def _create_schema(conf: cfg.ConfigOpts) -> None:
    migration.create_schema()


def _online_data_migrations(conf: cfg.ConfigOpts) -> None:
    print("Nothing to do: 'upgrade' changes the data along with the schema.")


def _purge(conf: cfg.ConfigOpts) -> None:
    number = upkeep.purge(conf.command.older_than, conf.enabled_worker_types)
    print(f"Removed {number} items.")


def _days(text: str) -> float:
    days = float(text)
    if not 0 <= days <= 36500:
        raise ValueError(text)
    return days


def _add_parsers(parsers: Any) -> None:
    def command(name: str, act: object, text: str) -> ArgumentParser:
        parser: ArgumentParser = parsers.add_parser(name, help=text, description=text)
        parser.set_defaults(act=act)
        return parser

    for name, act, text in (
        ("upgrade", _upgrade, "Bring the schema to the newest, or to a given, revision."),
        ("stamp", _stamp, "Note a revision in the database without changing the schema."),
    ):
        parser = command(name, act, text)
        parser.add_argument("--revision", help="by default the newest")
    parser = command("revision", _revision, "Write the file of a new revision.")
    parser.add_argument("-m", "--message", required=True)
    parser.add_argument("--autogenerate", action="store_true")
    command("version", _version, "Print the revision of the database.")
    command("create_schema", _create_schema, "Make all tables in an empty database.")
    parser = command("online_data_migrations", _online_data_migrations, "Nothing at present.")
    parser.add_argument("--max-count", type=int, help="ignored")
    parser = command("purge", _purge, "Remove the rows of items that were retired long ago.")
    parser.add_argument("--older-than", type=_days, required=True, metavar="DAYS")


def main(argv: Sequence[str] | None = None, conf: cfg.ConfigOpts | None = None) -> int:
    """Do one command; returns the exit code of the process."""
    conf = conf or cfg.ConfigOpts()
    conf.register_cli_opt(cfg.SubCommandOpt("command", handler=_add_parsers))
    options.prepare(sys.argv[1:] if argv is None else argv, conf=conf)
    session.configure(conf)
    try:
        conf.command.act(conf)
    except DoniError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        session.reset()
    return 0
