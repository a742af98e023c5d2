"""doni-status upgrade check."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import stored
from doni.cmd import status
from doni.db import migration, session
from oslo_config import cfg
from sqlalchemy import text

Configured = Callable[..., list[str]]


@pytest.fixture
def check(
    conf: cfg.ConfigOpts, configured: Configured, capsys: pytest.CaptureFixture[str]
) -> Callable[[], tuple[int, dict[str, Any]]]:
    """The exit code, and the details of what is not well."""

    def run() -> tuple[int, dict[str, Any]]:
        session.reset()
        code = status.main([*configured(), "upgrade", "check", "--json"])
        session.configure(conf)
        found = json.loads(capsys.readouterr().out.splitlines()[-1])
        return code, {row["check"]: row["details"] for row in found["checks"] if row["result"]}

    return run


def test_empty_database(check: Callable[[], tuple[int, dict[str, Any]]]) -> None:
    code, found = check()
    assert code == 2
    assert "doni-dbsync upgrade" in found["Schema of the database"]
    assert len(found) == 1


def test_older_and_unknown_schema(check: Callable[[], tuple[int, dict[str, Any]]]) -> None:
    migration.upgrade("868606f1faff")
    code, found = check()
    assert (code, len(found)) == (2, 1)
    with session.writer() as db:
        db.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
    code, found = check()
    assert code == 2
    assert "ffffffffffff" in found["Schema of the database"]


def test_all_is_well(check: Callable[[], tuple[int, dict[str, Any]]]) -> None:
    migration.upgrade()
    stored.item()
    assert check() == (0, {})


def test_what_is_wrong_is_named(check: Callable[[], tuple[int, dict[str, Any]]]) -> None:
    migration.upgrade()
    martian, disabled, damaged, late = (
        stored.item("martian"),
        stored.item("baremetal", "ironic"),
        stored.item(),
        stored.item(),
    )
    window = stored.window(late, stored.FUTURE, stored.PAST)
    stored.alter(late, updated_at=stored.PAST)
    with session.writer() as db:
        db.execute(text("UPDATE hardware SET properties = '3' WHERE uuid = :u"), {"u": damaged})
    code, found = check()
    assert code == 2
    assert found == {
        "Types of hardware": f"Hardware of unknown type: {martian}",
        "Records": f"Hardware with records that cannot be read: {damaged}",
        "Availability windows": f"Windows that have no time: {window}",
        "Workers": "Tasks of workers that are not enabled: ironic",
        "Tasks": f"Hardware that no worker process takes care of: {late}",
    }
    with session.writer() as db:
        for statement in (
            "DELETE FROM worker_task WHERE hardware_uuid = :u",
            "DELETE FROM hardware WHERE uuid = :u",
        ):
            for uuid in (martian, damaged):
                db.execute(text(statement), {"u": uuid})
    code, found = check()
    assert code == 1
    assert found["Types of hardware"] == f"Hardware of a type that is not enabled: {disabled}"


def test_long_lists_are_cut(check: Callable[[], tuple[int, dict[str, Any]]]) -> None:
    migration.upgrade()
    for _ in range(13):
        stored.item("martian")
    assert check()[1]["Types of hardware"].endswith(" and 3 more")
