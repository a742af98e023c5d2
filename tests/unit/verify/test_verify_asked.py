"""What was asked for is done, and nothing else; what stays behind is always told."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cc_ansible.errors import Interrupted
from cc_ansible.runs import journal
from cc_ansible.runs.redact import Redactor
from cc_ansible.runs.steps import Steps
from cc_ansible.verify import deploys, run
from cc_ansible.verify.result import Level, Result, Status
from cc_ansible.verify.run import Experiment

LEASE = "experiment: lease active"
OLD = "leftovers of earlier experiments"


def result(name: str, status: Status = Status.PASSED) -> Result:
    return Result(name, Level.FULL, status, "seen")


def experiment(done: list[str]) -> Experiment:
    def do(what: str) -> Callable[..., list[Result]]:
        def act(cloud: object, tell: object) -> list[Result]:
            done.append(what)
            return []

        return act

    return Experiment(do("experiment"), ["experiment", LEASE], do("clean"))


@pytest.mark.parametrize(
    ("only", "done"),
    [
        ((), ["experiment"]),
        (("experiment: lease*",), ["experiment"]),
        (("*active",), ["experiment"]),
        (("leftovers*",), ["clean"]),
        (("*node1",), []),
        (("experiment: leese*",), []),
    ],
)
def test_an_experiment_is_done_when_one_of_its_results_is_asked_for(
    only: tuple[str, ...], done: list[str]
) -> None:
    seen: list[str] = []
    cloud: Any = object()
    with Steps(quiet=True) as steps:
        run._full(experiment(seen), only, cloud, steps)
    assert seen == done


def test_leftovers_that_stay_are_never_withheld() -> None:
    only = ("logs*",)
    assert run._shown(result(OLD, Status.FAILED), only)
    assert not run._shown(result(OLD), only)
    assert not run._shown(result(LEASE, Status.FAILED), only)


def test_what_stays_after_ctrl_c_is_told_without_secrets() -> None:
    stop = KeyboardInterrupt()
    stop.add_note("experiment: lease ended: it says hunter2-hunter2")
    with pytest.raises(Interrupted) as told, run._stoppable(Redactor(["hunter2-hunter2"])):
        raise stop
    assert told.value.detail == "experiment: lease ended: it says ********"


# --- the last deploy -----------------------------------------------------------------------------


def ran(
    state: Path, action: str, *arguments: str, outcome: journal.Outcome = "ok"
) -> journal.Record:
    record = journal.new_record(state, state, action, list(arguments), action)
    record = dataclasses.replace(record, started="2027-03-01T10:00:00Z")
    journal.Journal(record).close(outcome, 0)
    return record


@pytest.mark.parametrize(
    ("words", "counts"),
    [
        (("deploy",), True),
        (("reconfigure", "--tags", "nova", "--diff"), True),
        (("deploy", "-e", "node_custom_config=/x-C"), True),
        (("deploy", "--check"), False),
        (("reconfigure", "-C", "-D"), False),
        (("reconfigure", "-DC"), False),
        (("upgrade", "--list-tasks"), False),
        (("pull",), False),
    ],
)
def test_a_run_that_changes_nothing_is_no_deploy(
    words: tuple[str, ...], counts: bool, tmp_path: Path
) -> None:
    record = ran(tmp_path, *words)
    assert deploys.is_one(record) is counts
    assert bool(deploys.last(tmp_path)) is counts


def test_a_deploy_that_failed_is_not_the_one_since_when_logs_count(tmp_path: Path) -> None:
    record = ran(tmp_path, "deploy", outcome="failed")
    assert deploys.is_one(record) and deploys.last(tmp_path) == 0
