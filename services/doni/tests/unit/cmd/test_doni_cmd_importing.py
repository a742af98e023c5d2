"""doni-import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stored
from doni.cmd import importing
from doni.db import session
from doni.db.models import Hardware
from doni.engine import loading
from doni.workers.base import WorkerError
from sqlalchemy import select

Configured = Callable[..., list[str]]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Knows:
    """A worker that knows of items."""

    def __init__(self, *found: dict[str, Any]) -> None:
        self.found = found

    def import_existing(self) -> list[dict[str, Any]]:
        if not self.found:
            raise WorkerError("Ironic does not answer")
        return list(self.found)


NODE = {"uuid": "u1", "name": "node 1", "properties": {"cpu_arch": "x86_64", "a": 1}}
HOST = {
    "uuid": "u1",
    "name": "better",
    "properties": {"a": 2, "node_type": "t"},
    "state_details": {"blazar_resource_id": "5"},
}


@pytest.fixture
def argv(schema: object, configured: Configured, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    workers = {
        "ironic": Knows(NODE, {"uuid": "u2", "name": "node 2", "properties": {}}),
        "blazar.physical_host": Knows(HOST),
    }
    monkeypatch.setattr(loading, "load", lambda conf: workers)
    # The command closes what this test still needs.
    monkeypatch.setattr(session, "reset", lambda: None)
    monkeypatch.setattr(session, "configure", lambda conf: None)
    words = configured("enabled_worker_types = ironic,blazar.physical_host")
    path = Path(words[1])
    path.write_text(path.read_text().replace("= fake-hardware", "= baremetal"))
    return [*words, "--project-id", "p"]


def _stored() -> dict[str, Hardware]:
    with session.reader() as db:
        return {row.uuid: row for row in db.scalars(select(Hardware))}


def test_items_are_merged_and_steady(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert importing.main(argv) == 0
    found = _stored()
    assert set(found) == {"u1", "u2"}
    assert (found["u1"].name, found["u1"].project_id) == ("better", "p")
    assert found["u1"].properties == {"cpu_arch": "x86_64", "a": 2, "node_type": "t"}
    assert set(stored.states("u1").values()) == {"STEADY"}
    details = stored.task("u1", "blazar.physical_host").state_details
    assert details == {"blazar_resource_id": "5"}
    capsys.readouterr()
    # Again: what is there is left alone.
    assert importing.main(argv) == 0
    assert capsys.readouterr().out.count("left alone") == 2


def test_dry_run_stores_nothing(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert importing.main([*argv, "--dry-run"]) == 0
    assert _stored() == {}
    assert "baremetal u1 better: would be enrolled" in capsys.readouterr().out


def test_service_that_does_not_answer(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(loading, "load", lambda conf: {"ironic": Knows()})
    assert importing.main(argv) == 1
    assert "Ironic does not answer" in capsys.readouterr().err


def test_project_is_needed(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert importing.main(argv[:-2]) == 1
    assert "project" in capsys.readouterr().err
