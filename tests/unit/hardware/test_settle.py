"""Waiting until Doni's workers are done, with a clock that is set forward by each sleep."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from lending import Lending, fake

from cc_ansible.errors import Exit
from cc_ansible.hardware import settle
from cc_ansible.hardware.apply import Done
from cc_ansible.hardware.doni import Enrolled, Task

PENDING = Task("ironic", "PENDING")
STEADY = Task("ironic", "STEADY")
FAILED = Task("ironic", "ERROR", {"last_error": "the controller is dead"})


def deferred(times: int) -> Task:
    return Task("ironic", "PENDING", {"defer_reason": "lease-1 is there", "defer_count": times})


def item(*tasks: Task, name: str = "f1") -> Enrolled:
    return Enrolled(f"uuid-{name}", name, "p", "baremetal", {}, tasks)


def done(enrolled: Enrolled, *, hit: bool = False, error: str = "") -> Done:
    plan: Any = types.SimpleNamespace(name=enrolled.name, hits=["lease-1"] if hit else [])
    return Done(plan, enrolled, error)


class Waiting:
    """Doni shows one of ``looks`` after another, and the last one for ever."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.told: list[tuple[int, int]] = []
        self.doubts: list[str] = []
        self._looks: Iterator[Sequence[Enrolled]] = iter(())
        self._last: Sequence[Enrolled] = ()

    def hardware(self) -> Sequence[Enrolled]:
        self._last = next(self._looks, self._last)
        return self._last

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds

    def __call__(
        self, written: Sequence[Done], *looks: Sequence[Enrolled], seconds: float = 300
    ) -> list[settle.Trouble]:
        self._looks = iter(looks)
        service: Any = self

        def tell(ready: int, of: int, doubt: str) -> None:
            self.told.append((ready, of))
            self.doubts.append(doubt)

        return settle.wait(service, written, seconds, tell, self.sleep)


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    found = Waiting()
    clock = types.SimpleNamespace(monotonic=lambda: found.now)
    monkeypatch.setattr(settle, "time", clock)
    return found


def test_what_is_steady_is_not_waited_for(wait: Waiting) -> None:
    assert wait([done(item(PENDING))], [item(STEADY)]) == []
    assert wait.slept == [] and wait.told == [(1, 1)]


def test_looks_become_rarer(wait: Waiting) -> None:
    before = item(PENDING)
    looks = [[item(PENDING)]] * 20
    assert wait([done(before)], *looks, [item(STEADY)]) == []
    assert wait.slept[0] == settle.SHORTEST and wait.slept[-1] == settle.LONGEST
    assert wait.slept == sorted(wait.slept)
    assert wait.told[0] == (0, 1) and wait.told[-1] == (1, 1)


def test_as_long_as_asked_and_no_longer(wait: Waiting) -> None:
    [trouble] = wait([done(item(PENDING))], [item(PENDING)], seconds=7)
    assert sum(wait.slept) == pytest.approx(7)
    assert (trouble.name, trouble.kind, trouble.worker) == ("f1", "late", "ironic")
    assert settle.failed([trouble]) == [trouble]


def test_a_blackout_that_waits_for_a_lease_is_not_waited_for(wait: Waiting) -> None:
    written = [done(item(deferred(2)), hit=True)]
    [trouble] = wait(written, [item(deferred(2))], [item(PENDING)], [item(deferred(3))])
    assert len(wait.slept) == 2
    assert (trouble.kind, trouble.reason) == ("deferred", "lease-1 is there")
    assert wait.doubts[0].endswith(": lease-1 is there")
    assert settle.failed([trouble]) == []


def test_what_is_put_off_for_something_else_is_waited_for(wait: Waiting) -> None:
    assert wait([done(item(PENDING))], [item(deferred(1))], [item(STEADY)]) == []
    assert len(wait.slept) == 1


def test_one_failure_may_pass(wait: Waiting) -> None:
    assert wait([done(item(PENDING))], [item(FAILED)], [item(PENDING)], [item(STEADY)]) == []


def test_what_goes_on_failing_is_given_up_early(wait: Waiting) -> None:
    [trouble] = wait([done(item(PENDING))], [item(FAILED)], seconds=3000)
    assert settle.FAILING_SECONDS <= sum(wait.slept) < settle.FAILING_SECONDS + 2 * settle.LONGEST
    assert (trouble.kind, trouble.reason) == ("error", "the controller is dead")
    assert "apply f1 --again" in trouble.fix


def test_only_what_was_written_and_is_still_there(wait: Waiting) -> None:
    written = [done(item(PENDING)), done(item(PENDING, name="gone"))]
    written.append(done(item(PENDING, name="refused"), error="no"))
    others = [item(FAILED, name="refused"), item(PENDING, name="other")]
    assert wait(written, [item(STEADY), *others]) == []
    assert wait.slept == []


def test_nothing_written(wait: Waiting) -> None:
    assert wait([]) == [] and wait.told == []


def after_a_write(lending: Lending, state: str, **details: Any) -> None:
    """Have the workers be done so, once something was written."""

    def look(method: str, path: str) -> None:
        if method == "GET" and path == "/v1/hardware/" and lending.bed.writes():
            lending.bed.tasks(state, **details)

    lending.bed.before = look


@pytest.mark.parametrize(
    ("state", "details", "code", "line"),
    [
        ("STEADY", {}, Exit.OK, ""),
        ("ERROR", {"last_error": "no power"}, Exit.RUN_FAILED, "error    f1: ironic: no power"),
        ("PENDING", {"defer_reason": "busy"}, Exit.OK, "deferred f1: ironic: busy"),
        ("IN_PROGRESS", {}, Exit.RUN_FAILED, "late     f1: ironic: its task is IN_PROGRESS"),
    ],
)
def test_apply_says_what_came_of_it(
    lending: Lending, state: str, details: dict[str, Any], code: Exit, line: str
) -> None:
    lending.declare(fake("f1"))
    after_a_write(lending, state, **details)
    said = lending.run("apply", "--yes", "--wait", "0.01")
    assert said.code == code, said
    assert line in said.out.splitlines() if line else "f1: " not in said.out, said
    assert ("1 of 1 items are not as declared." in said.err) == (code != Exit.OK)


def test_troubles_as_json(lending: Lending) -> None:
    lending.declare(fake("f1"))
    after_a_write(lending, "PENDING", defer_reason="busy")
    said = lending.ok("apply", "--yes", "--wait", "0.01", "--output", "json").json
    assert {each["worker"] for each in said["troubles"]} == {"blazar.physical_host", "ironic"}
    assert said["troubles"][0].keys() == {"name", "kind", "worker", "reason", "fix"}
