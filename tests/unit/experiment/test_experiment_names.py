"""Which experiments are abandoned, by their names alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from cc_ansible.site.model.forms import dns_name
from cc_ansible.verify.experiment import names


def named(until: float, machine: str, pid: int) -> names.Name:
    found = names.parse(f"{names.PREFIX}{int(until):08x}-{machine}-{pid}-abcd")
    assert found is not None
    return found


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_name_says_who_and_until_when() -> None:
    found = names.parse(names.new(600))
    assert found is not None
    assert (found.machine, found.pid) == (names.machine(), os.getpid())
    # It may take its time, and the same again to clean up.
    assert 1190 <= found.until - time.time() <= 1200
    assert not found.abandoned()


def test_names_differ_and_every_service_takes_them() -> None:
    some = {names.new(600) for _ in range(50)}
    assert len(some) > 45
    assert all(dns_name(name) == name and len(name) < 63 - len("-alone") for name in some)


@pytest.mark.parametrize("suffix", ["", "-alone"])
def test_what_belongs_to_an_experiment(suffix: str) -> None:
    name = names.new(1)
    found = names.parse(name + suffix)
    assert found is not None and found.text == name


@pytest.mark.parametrize("text", [None, "", "physics", "cc-verify-", "cc-verify-mine", "x-cc-ve"])
def test_what_belongs_to_none(text: str | None) -> None:
    assert names.parse(text) is None


def test_its_process_is_gone() -> None:
    assert named(time.time() + 600, names.machine(), dead_pid()).abandoned()
    assert not named(time.time() + 600, names.machine(), os.getpid()).abandoned()


def test_processes_of_other_machines_are_not_known() -> None:
    other = "ffff" if names.machine() != "ffff" else "eeee"
    assert not named(time.time() + 600, other, dead_pid()).abandoned()
    assert not named(time.time() - names.MARGIN + 60, other, 1).abandoned()
    assert named(time.time() - names.MARGIN - 60, other, 1).abandoned()
