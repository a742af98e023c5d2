"""All checks of an image: which, in what order, and how it is told."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from scripted_guest import Scripted

from cc_ansible.appliances.boot.guest import BootFailed, Guest
from cc_ansible.appliances.checks import catalogue, junit, runner
from cc_ansible.appliances.checks.subject import Subject
from cc_ansible.errors import CcError, Interrupted, RunFailed
from cc_ansible.login.ssh import Outcome
from cc_ansible.site.model.images import Check
from cc_ansible.verify.check import Trouble
from cc_ansible.verify.result import Status

OWN = Check(name="tools", run="git --version")


def subject(*tests: str | Check) -> Subject:
    return Subject("debian-13-x86_64", "debian-13", "x86_64", tests)


@contextlib.contextmanager
def up(guest: Guest) -> Iterator[Guest]:
    yield guest


@contextlib.contextmanager
def broken(check: str) -> Iterator[Guest]:
    trouble = Trouble("no address by DHCP", "It sent no request.", "See networkd.", ("line",))
    raise BootFailed(check, trouble, "QEMU, TCG, BIOS")
    yield Scripted()


def test_checks_come_in_their_order_with_own_ones_before_what_ends_the_guest() -> None:
    wanted = subject("power", OWN, "ssh", "reboot", "boot")
    assert list(runner.chosen(wanted)) == ["boot", "ssh", "tools", "reboot", "power"]


def test_results_say_what_was_seen() -> None:
    guest = Scripted({"git --version": "git version 2.47\n"})
    tested = runner.test(subject("boot", OWN), up(guest), print)
    assert [(r.name, r.status, r.detail) for r in tested.results][1] == (
        "tools", Status.PASSED, "git version 2.47",
    )  # fmt: skip
    assert not tested.failed
    assert ("git --version", False) in guest.asked


def test_an_own_check_that_fails_shows_its_last_lines() -> None:
    guest = Scripted({"git --version": Outcome(127, "", "sh: git: not found\n")})
    (result,) = runner.test(subject(OWN), up(guest), print).results
    assert (result.failed, result.detail) == (True, "exit code 127: sh: git: not found")
    assert result.log == ("sh: git: not found",)
    assert "git --version" in result.cause
    assert result.runbook == "docs/appliances.md#check-own"


def test_what_a_guest_cannot_show_is_skipped_with_the_reason() -> None:
    guest = Scripted(blind={"growroot": "a container has no disk"})
    boot, growroot = runner.test(subject("boot", "growroot"), up(guest), print).results
    assert boot.status is Status.PASSED
    assert (growroot.status, growroot.detail) == (Status.SKIPPED, "a container has no disk")


@pytest.mark.parametrize(("tests", "name"), [(("network", "ssh"), "network"), (("ssh",), "boot")])
def test_an_image_that_does_not_boot_fails_once_and_skips_the_rest(
    tests: tuple[str, ...], name: str
) -> None:
    tested = runner.test(subject(*tests), broken("network"), print)
    (failure,) = tested.failed
    assert (failure.name, failure.detail) == (name, "no address by DHCP")
    assert failure.log == ("line",)
    others = [result for result in tested.results if not result.failed]
    assert {result.status for result in others} == {Status.SKIPPED}
    assert {result.name for result in tested.results} == {*tests, name}


def test_a_machine_that_does_not_come_back_ends_the_questions() -> None:
    class Lost(Scripted):
        def reboot(self) -> float:
            raise BootFailed("reboot", Trouble("the kernel panicked: x", "", ""), "script")

    reboot, power = runner.test(subject("reboot", "power"), up(Lost()), print).results
    assert (reboot.failed, reboot.detail) == (True, "the kernel panicked: x")
    assert (power.status, power.detail) == (Status.SKIPPED, "it did not come through reboot")


def test_a_connection_that_is_lost_fails_the_check() -> None:
    class Gone(Scripted):
        def run(self, command: str, *, root: bool = False, timeout: float = 60) -> Outcome:
            raise RunFailed("The connection to the booted image was lost.")

    (result,) = runner.test(subject("users"), up(Gone()), print).results
    assert result.failed
    assert "connection" in result.detail


def test_what_is_missing_on_this_machine_is_no_failure_of_the_image() -> None:
    @contextlib.contextmanager
    def unable() -> Iterator[Guest]:
        raise CcError("these programs are missing: qemu-system-x86")
        yield Scripted()

    with pytest.raises(CcError, match="missing"):
        runner.test(subject("boot"), unable(), print)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_ends_the_test_and_leaves_the_guest(number: signal.Signals) -> None:
    left = []

    @contextlib.contextmanager
    def stopping() -> Iterator[Guest]:
        try:
            os.kill(os.getpid(), number)
            yield Scripted()
        finally:
            left.append(True)

    with pytest.raises(Interrupted):
        runner.test(subject("boot"), stopping(), print)
    assert left


def test_results_are_plain_data() -> None:
    guest = Scripted({"git --version": Outcome(1, "", "")})
    plain = json.loads(json.dumps(runner.plain(runner.test(subject(OWN), up(guest), print))))
    assert (plain["appliance"], plain["passed"]) == ("debian-13-x86_64", False)
    assert plain["booted"] == "script"
    assert plain["results"][0]["status"] == "failed"
    assert "level" not in plain["results"][0]


def test_junit_has_a_suite_for_each_image() -> None:
    well = runner.test(subject("boot"), up(Scripted()), print)
    ill = runner.test(subject("network"), broken("network"), print)
    document = ElementTree.fromstring(junit.text({"a": well.results, "b": ill.results}))
    suites = {suite.attrib["name"]: suite for suite in document}
    assert list(suites) == ["a", "b"]
    assert document.attrib["failures"] == "1"
    failure = suites["b"].find("testcase/failure")
    assert failure is not None
    assert "fix: See networkd." in (failure.text or "")
    assert suites["a"][0].attrib["classname"] == "a"


def test_every_ready_check_of_a_definition_is_known() -> None:
    from typing import get_args

    from cc_ansible.site.model.images import Ready

    assert set(get_args(Ready)) <= set(catalogue.NAMES)
