"""What outcomes of workers mean for the state and its details."""

from __future__ import annotations

from typing import Any

import pytest
from doni.conf import opts
from doni.db.claims import Claim
from doni.db.models import State
from doni.engine import backoff, outcomes
from doni.workers.base import Defer, Item, Success
from oslo_config import cfg


@pytest.fixture
def options() -> cfg.ConfigOpts:
    conf = cfg.ConfigOpts()
    opts.register(conf)
    conf([], default_config_files=[])
    return conf


def _claim(details: dict[str, Any] | None = None, attempts: int = 0) -> Claim:
    item = Item("u", "n", "p", "fake-hardware", {})
    return Claim(7, "fake-worker", 5, attempts, item, (), details or {})


def test_success_merges_keeps_null_and_forgets_what_passed() -> None:
    old = {"a": 1, "b": 2, "last_error": "e", "defer_count": 3, "defer_reason": "r", "result": 1}
    result = outcomes.succeeded(_claim(old, 4), Success({"b": None, "c": 3}))
    assert result.state_details == {"a": 1, "b": None, "c": 3}
    assert (result.state, result.attempts, result.delay) == (State.STEADY, 0, None)
    assert (result.task_id, result.generation) == (7, 5)


def test_success_without_payload_leaves_details() -> None:
    assert outcomes.succeeded(_claim({"a": None}), Success()).state_details == {"a": None}


def test_first_defer(options: cfg.ConfigOpts) -> None:
    result = outcomes.deferred(_claim(), Defer("wait"), "wait", options)
    assert result.state_details == {"defer_count": 1, "defer_reason": "wait"}
    assert (result.state, result.attempts) == (State.PENDING, 1)
    assert result.delay is not None
    assert 7.5 <= result.delay <= 12.5


def test_defer_merges_and_null_deletes(options: cfg.ConfigOpts) -> None:
    old = {"defer_count": 2, "defer_reason": "x", "id": "i", "kept": None, "last_error": "e"}
    result = outcomes.deferred(_claim(old, 2), Defer("y", {"id": None, "n": 1}), "y", options)
    assert result.state_details == {
        "defer_count": 3,
        "defer_reason": "y",
        "kept": None,
        "last_error": "e",
        "n": 1,
    }
    assert result.attempts == 3


def test_strange_count_starts_again(options: cfg.ConfigOpts) -> None:
    result = outcomes.deferred(_claim({"defer_count": "x"}), Defer("y"), "y", options)
    assert result.state_details["defer_count"] == 1


def test_error_keeps_details(options: cfg.ConfigOpts) -> None:
    claim = _claim({"a": 1, "b": 2}, 1)
    result = outcomes.failed(claim, "no", options, payload={"id": "i", "b": None})
    assert result.state_details == {"a": 1, "id": "i", "last_error": "no"}
    assert (result.state, result.attempts) == (State.ERROR, 2)
    assert result.delay is not None
    assert 15 <= result.delay <= 25


def test_error_that_does_not_heal_is_not_retried(options: cfg.ConfigOpts) -> None:
    assert outcomes.failed(_claim(), "no", options, heals=False).delay is None


def test_messages_have_an_end(options: cfg.ConfigOpts) -> None:
    result = outcomes.failed(_claim(), "x" * 100_000, options)
    assert len(result.state_details["last_error"]) == outcomes.LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("attempts", "low", "high"),
    [(0, 7.5, 12.5), (1, 15, 25), (4, 120, 200), (5, 225, 375), (50, 225, 375), (9999, 225, 375)],
)
def test_backoff_doubles_up_to_a_limit(attempts: int, low: float, high: float) -> None:
    delays = {backoff.delay(attempts, 10, 300) for _ in range(50)}
    assert low <= min(delays) <= max(delays) <= high
    assert len(delays) > 1


def test_what_can_be_stored() -> None:
    circle: dict[str, Any] = {}
    circle["x"] = circle
    assert outcomes.storable({"a": [1, None, "\ud800", {"b": 1.5}], 1: (2,)})  # type: ignore[dict-item]
    for bad in (circle, {"a": object()}, {"a": float("nan")}, {(1, 2): 3}, {"a": "x" * 2_000_000}):
        assert not outcomes.storable(bad)  # type: ignore[arg-type]
