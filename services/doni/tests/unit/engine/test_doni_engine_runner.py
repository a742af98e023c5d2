"""One task, whatever its worker does."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from typing import Any

import pytest
from doni.conf import opts
from doni.db.claims import Claim
from doni.db.models import State
from doni.db.tasks import Result
from doni.engine import masking, outcomes, runner
from doni.exceptions import DoniError
from doni.workers.base import Defer, Item, Success, Worker, WorkerError
from oslo_config import cfg
from oslo_context import context

PROPERTIES = {"ipmi_password": "hunter2", "nested": {"a": 1}}


def _run(process: Callable[[Item, Any, dict[str, Any]], Any], **options: Any) -> Result:
    conf = cfg.ConfigOpts()
    opts.register(conf)
    conf([], default_config_files=[])

    class Given(Worker):
        def process(self, item: Item, windows: Any, state_details: dict[str, Any]) -> Any:
            return process(item, windows, state_details)

    item = Item("u", "n", "p", "baremetal", PROPERTIES)
    values = {"state_details": {"old": [1]}, "readable": True, **options}
    claim = Claim(1, "ironic", 0, 0, item, (), **values)
    return runner.run(claim, Given(conf), conf)


def _raise(error: BaseException) -> Callable[..., Any]:
    def process(*args: object) -> None:
        raise error

    return process


def test_success_and_defer() -> None:
    assert _run(lambda *_: Success({"a": 1})).state_details == {"old": [1], "a": 1}
    result = _run(lambda *_: Defer("node hunter2 locked"))
    assert result.state_details["defer_reason"] == f"node {'*' * 12} locked"


def test_each_task_has_an_id_of_its_own_for_services_to_log() -> None:
    def process(*args: object) -> Success:
        current = context.get_current()
        assert current is not None
        return Success({"id": current.global_id})

    ids = [_run(process).state_details["id"] for _ in range(2)]
    assert all(found.startswith("req-") for found in ids)
    assert ids[0] != ids[1]


@pytest.mark.parametrize("kind", [DoniError, WorkerError])
def test_own_errors_are_told_without_secrets(kind: type[DoniError]) -> None:
    result = _run(_raise(kind("Ironic said hunter2")))
    assert result.state == State.ERROR
    assert result.state_details["last_error"] == f"Ironic said {'*' * 12}"
    assert result.delay is not None


def test_error_with_payload_that_does_not_heal() -> None:
    result = _run(_raise(WorkerError("no", heals=False, payload={"id": "i"})))
    assert result.state_details == {"old": [1], "id": "i", "last_error": "no"}
    assert result.delay is None


@pytest.mark.parametrize(
    "error", [KeyError("hunter2"), SystemExit(1), MemoryError(), RecursionError("x")]
)
def test_other_errors_are_only_in_the_log(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    factory = logging.getLogRecordFactory()
    masking.install()
    try:
        result = _run(_raise(error))
    finally:
        logging.setLogRecordFactory(factory)
    assert result.state == State.ERROR
    assert result.state_details == {"old": [1], "last_error": "Unhandled error"}
    assert result.delay is not None
    assert type(error).__name__ in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("outcome", [None, {}, Success(None), Success([1]), Defer("x", 3)])  # type: ignore[arg-type]
def test_worker_that_returns_nonsense(outcome: Any) -> None:
    result = _run(lambda *_: outcome)
    assert result.state == State.ERROR
    assert result.state_details == {"old": [1], "last_error": "Unhandled error"}


@pytest.mark.parametrize("value", [datetime.datetime.now(), {1, 2}, float("inf"), "x" * 2_000_000])
@pytest.mark.parametrize("make", [lambda p: Success(p), lambda p: Defer("x", p)])
def test_details_that_cannot_be_stored(value: Any, make: Callable[[Any], Any]) -> None:
    result = _run(lambda *_: make({"a": value}))
    assert result.state == State.ERROR
    assert result.state_details == {"old": [1], "last_error": outcomes.UNSTORABLE}


def test_payload_of_an_error_that_cannot_be_stored() -> None:
    result = _run(_raise(WorkerError("no", payload={"a": object()})))
    assert result.state_details == {"old": [1], "last_error": outcomes.UNSTORABLE}


def test_what_a_worker_changes_in_place_is_not_kept() -> None:
    def process(item: Item, windows: Any, details: dict[str, Any]) -> Success:
        details["old"].append(2)
        item.properties["nested"]["a"] = 2
        return Success({})

    assert _run(process).state_details == {"old": [1]}
    assert PROPERTIES["nested"] == {"a": 1}


def test_unreadable_item_is_not_given_to_the_worker() -> None:
    result = _run(lambda *_: Success({"a": 1}), readable=False)
    assert result.state_details == {
        "old": [1],
        "last_error": "The stored properties cannot be read",
    }
    assert result.delay is None
