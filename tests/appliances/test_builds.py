"""From a definition to an image that boots, however often its build is ended on the way."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from patience import until

from cc_ansible.appliances.store import Store
from cc_ansible.paths import PROJECT
from cc_ansible.runs import leftovers

MARK = f"{leftovers.MARK}=".encode()
BASE, OWN = "debian-13", "lab-stack"
KILLS = [
    (BASE, signal.SIGKILL, 4),
    (BASE, signal.SIGTERM, 15),
    (BASE, signal.SIGKILL, 30),
    (BASE, signal.SIGTERM, 45),
]
LATER_KILLS = [
    (OWN, signal.SIGTERM, 1),
    (OWN, signal.SIGKILL, 3),
    (OWN, signal.SIGTERM, 6),
    (OWN, signal.SIGKILL, 9),
    (OWN, signal.SIGTERM, 12),
    (OWN, signal.SIGKILL, 15),
]
"""What is built, and after how many seconds it is ended how."""


@pytest.fixture(scope="module", autouse=True)
def nothing_is_built() -> None:
    """Downloads stay."""
    for place in ("stages", f"images/{BASE}-x86_64", f"images/{OWN}-x86_64"):
        shutil.rmtree(Store().top / place, ignore_errors=True)


@pytest.fixture(scope="module")
def stack(cc, tmp_path_factory) -> Path:
    """An appliance that somebody just started."""
    place = tmp_path_factory.mktemp("third-party") / OWN
    cc("appliance", "new", OWN, str(place))
    return place


def ended(stack: Path, kill: tuple[str, signal.Signals, int]) -> None:
    """Build, end it, and see that nothing of it runs, is mounted or fills the disk."""
    name, number, seconds = kill
    before = _loops()
    process = subprocess.Popen(
        [PROJECT / "cc-ansible", "appliance", "-d", str(stack), "build", name, "--arch", "x86_64"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    if process.poll() is None:
        process.send_signal(number)
    process.wait(60)
    until(lambda: not _building(), "no process of a build", seconds=20)
    store = str(Store().top)
    assert store not in Path("/proc/self/mountinfo").read_text()
    assert _loops() == before
    if number is not signal.SIGKILL:
        assert not list((Store().top / "new").glob("*"))


def _loops() -> str:
    return subprocess.run(["losetup", "-a"], capture_output=True, text=True, check=True).stdout


def _building() -> list[str]:
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            marks = environ.read_bytes().split(b"\0")
            if any(mark.startswith(MARK) and b"-appliances-" in mark for mark in marks):
                found.append(environ.parent.name)
    return found


@pytest.mark.parametrize("kill", KILLS, ids=str)
def test_a_build_is_ended_on_the_way(stack, kill):
    ended(stack, kill)


def test_the_base_is_built_after_all_that(cc, stack):
    said = _build(cc, stack, BASE)
    assert said["result"] == "built"
    directory = Path(said["directory"])
    sums = (directory / "SHA256SUMS").read_text().split()
    assert said["sha256"]["image.qcow2"] == sums[0]
    assert not list((Store().top / "new").glob("*"))


@pytest.mark.parametrize("kill", LATER_KILLS, ids=str)
def test_the_build_of_what_extends_it_is_ended_on_the_way(stack, kill):
    ended(stack, kill)


def test_what_extends_it_starts_from_what_is_there(cc, stack):
    said = _build(cc, stack, OWN)
    assert not [stage for stage in said["seconds"] if stage.startswith(BASE)
                and said["seconds"][stage] > 5]  # fmt: skip
    again = _build(cc, stack, OWN)
    assert (again["result"], again["directory"]) == ("up to date", said["directory"])


def test_it_boots_and_is_what_its_definition_says(cc, stack, tmp_path):
    junit = tmp_path / "tests.xml"
    shown = cc(
        "appliance", "-d", str(stack), "test", OWN, "--output", "json", "--junit", str(junit)
    )
    (tested,) = json.loads(shown.stdout)
    results = {each["name"]: each for each in tested["results"]}
    assert results["greets"]["detail"] == f"This is {OWN}."
    assert {each["status"] for each in results.values()} == {"passed"}
    assert OWN in junit.read_text()
    # Nothing is left to do: it is built, tested, and the same.
    done = cc("appliance", "-d", str(stack), "pipeline")
    assert "up to date" in done.stdout


def _build(cc, stack: Path, name: str) -> dict:
    words = ("build", name, "--arch", "x86_64", "--output", "json")
    (said,) = json.loads(cc("appliance", "-d", str(stack), *words, env=os.environ).stdout)
    return said
