"""Wherever an experiment is interrupted, refused or killed, nothing is left of it in the end."""

from __future__ import annotations

import _thread
import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from smallcloud import SmallCloud, refusal
from trials import Trying

from cc_ansible.verify.experiment import sweep
from cc_ansible.verify.experiment.sweep import Swept
from cc_ansible.verify.experiment.trial import Site

KILLED_AT = 4
"""Every so many requests that change something: a process costs more than a request."""


def at_write(cloud: SmallCloud, number: int, act: Callable[[], Any]) -> list[tuple[str, str]]:
    """Act when the write of this number is done, before it is answered; returns that one."""
    seen: list[tuple[str, str]] = []
    hit: list[tuple[str, str]] = []

    def after(method: str, path: str) -> Any:
        if method == "GET" or path.endswith("/auth/tokens"):
            return None
        seen.append((method, path))
        if len(seen) != number + 1:
            return None
        hit.append((method, path))
        return act()

    cloud.after = after
    return hit


def swept(trying: Trying) -> list[Swept]:
    """What is removed without an experiment."""
    return sweep.of(Site(trying.cloud.admin(), trying.clock.watch()))


@pytest.fixture
def writes(trying: Trying) -> list[tuple[str, str]]:
    """What a whole experiment writes, in order, and how much of it before cleaning up."""
    trying()
    return trying.cloud.writes()


def until_cleaning(writes: list[tuple[str, str]]) -> int:
    """How many writes come before everything is removed."""
    return next(
        place for place, (method, path) in enumerate(writes)
        if method == "DELETE" and "/floatingips/" in path
    )  # fmt: skip


def test_ctrl_c_at_any_write(
    writes: list[tuple[str, str]], new_cloud: Callable[[], SmallCloud]
) -> None:
    for number in range(len(writes)):
        trying = Trying(new_cloud())
        at_write(trying.cloud, number, _thread.interrupt_main)
        with pytest.raises(KeyboardInterrupt):
            trying()
        assert trying.cloud.left() == {}, writes[number]
        assert any("stopped" in line for line in trying.clock.told)


def test_ctrl_c_twice_leaves_the_rest_to_the_next_one(trying: Trying) -> None:
    def after(method: str, path: str) -> None:
        if (method, path.rpartition("/")[2]) == ("POST", "floatingips") or method == "DELETE":
            _thread.interrupt_main()

    trying.cloud.after = after
    with pytest.raises(KeyboardInterrupt):
        trying()
    assert {"leases", "projects", "nodes"} <= set(trying.cloud.left())


def test_a_lost_answer_to_any_write(
    writes: list[tuple[str, str]], new_cloud: Callable[[], SmallCloud]
) -> None:
    for number in range(len(writes)):
        trying = Trying(new_cloud())
        at_write(trying.cloud, number, lambda: refusal("gone", 502))
        results = trying()
        assert trying.cloud.left() == {}, writes[number]
        if number >= until_cleaning(writes):
            assert not any(result.failed for result in results), writes[number]


def test_the_next_one_removes_what_a_killed_one_left(
    writes: list[tuple[str, str]], new_cloud: Callable[[], SmallCloud]
) -> None:
    for number in range(0, len(writes), KILLED_AT):
        trying = Trying(new_cloud())
        # Nothing of the child's but its requests counts.
        child = multiprocessing.get_context("fork").Process(target=trying)
        at_write(trying.cloud, number, lambda child=child: os.kill(child.pid or 0, signal.SIGKILL))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        child.close()
        if 0 < number < len(writes) - 1:
            assert trying.cloud.left(), writes[number]
        trying.cloud.after = lambda method, path: None
        results = trying()
        assert not any(result.failed for result in results), writes[number]
        assert trying.cloud.left() == {}, writes[number]


def test_what_others_do_is_left_alone(trying: Trying) -> None:
    """An experiment that runs, here or elsewhere, and what only looks like one."""
    from cc_ansible.verify.experiment import names

    own = names.new(60)
    foreign = own.replace(names.machine(), "ffff" if names.machine() != "ffff" else "eeee")
    projects = trying.cloud.things["projects"]
    for number, name in enumerate([own, foreign, "cc-verify-of-mine", "physics"]):
        projects[str(number)] = {"id": str(number), "name": name}
    assert swept(trying) == []
    assert trying.cloud.writes() == []


def test_what_cannot_be_swept_is_said(trying: Trying) -> None:
    gone = "cc-verify-00000001-ffff-1-abcd"
    trying.cloud.things["projects"]["1"] = {"id": "1", "name": gone}
    trying.cloud.before = lambda method, path: refusal("no", 403) if method == "DELETE" else None
    [found] = swept(trying)
    assert found.name == gone and "403" in found.problems[0]
    results = trying()
    assert results[0].failed and results[0].log[0].startswith(gone)
