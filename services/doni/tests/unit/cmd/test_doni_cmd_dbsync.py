"""doni-dbsync."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import stored
from doni.cmd import dbsync
from doni.db import hardware, migration

Configured = Callable[..., list[str]]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_life_of_a_database(configured: Configured, capsys: pytest.CaptureFixture[str]) -> None:
    argv = configured()
    assert dbsync.main([*argv, "version"]) == 0
    assert capsys.readouterr().out == "none\n"
    assert dbsync.main([*argv, "upgrade", "--revision", "e58738bfc58e"]) == 0
    assert dbsync.main([*argv, "upgrade"]) == 0
    assert dbsync.main([*argv, "online_data_migrations", "--max-count", "50"]) == 0
    capsys.readouterr()
    assert dbsync.main([*argv, "version"]) == 0
    assert capsys.readouterr().out == f"{migration.head()}\n"
    assert dbsync.main([*argv, "stamp", "--revision", "868606f1faff"]) == 0
    capsys.readouterr()
    dbsync.main([*argv, "version"])
    assert capsys.readouterr().out == "868606f1faff\n"


def test_schema_is_created_once(configured: Configured, capsys: pytest.CaptureFixture[str]) -> None:
    argv = configured()
    assert dbsync.main([*argv, "create_schema"]) == 0
    assert dbsync.main([*argv, "create_schema"]) == 1
    assert "upgrade" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["-1", "x", "nan", "1e9"])
def test_bad_age(configured: Configured, days: str) -> None:
    with pytest.raises(SystemExit):
        dbsync.main([*configured(), "purge", "--older-than", days])


def test_command_is_needed(configured: Configured) -> None:
    with pytest.raises(SystemExit):
        dbsync.main(configured())


def test_purge(schema: object, configured: Configured, capsys: pytest.CaptureFixture[str]) -> None:
    uuid = stored.item()
    hardware.retire(uuid)
    stored.alter(uuid, state="STEADY")
    argv = configured()
    assert dbsync.main([*argv, "purge", "--older-than", "1"]) == 0
    assert capsys.readouterr().out == "Removed 0 items.\n"


def test_new_revision(
    configured: Configured, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    import shutil

    shutil.copytree(migration.LOCATION, f"{tmp_path}/migrations")
    monkeypatch.setattr(migration, "LOCATION", f"{tmp_path}/migrations")
    argv = configured()
    assert dbsync.main([*argv, "upgrade"]) == 0
    assert dbsync.main([*argv, "revision", "-m", "more", "--autogenerate"]) == 0
    assert dbsync.main([*argv, "upgrade"]) == 0
