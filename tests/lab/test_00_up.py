"""`lab up` reaches the same running site however often it is killed on the way.

Runs first: it makes the lab that every other test here looks at.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from cc_ansible.engine import docker
from cc_ansible.lab import down, spec
from cc_ansible.paths import PROJECT, state_dir
from cc_ansible.runs import leftovers, lock

CC_ANSIBLE = str(PROJECT / "cc-ansible")
PATIENCE = 1800
UP = ("lab", "up", "--machines", "1")


@dataclass(frozen=True)
class Point:
    """Kill ``delay`` seconds after a line of the output matches ``pattern``."""

    pattern: str
    delay: float


POINTS = [
    Point(r"… Programs and Docker Engine", 0),
    Point(r"… Base image", 0.2),
    Point(r"… Images of the lab itself", 0.1),
    Point(r"… Network", 0.1),
    Point(r"… Container registry", 0.3),
    Point(r"… Nodes", 0.8),
    Point(r"… Site config", 2),
    Point(r"… Switch and cables", 0.7),
    Point(r"… Kolla images", 1),
    Point(r"… Images to the registry", 15),
    Point(r"\] mariadb$", 15),
    Point(r"… Wait until the testbed has it", 20),
]


def lab_up(artifacts, kill: Point | None = None) -> int:
    """Run `lab up`, killed at a point or to its end; returns the exit code."""
    process = subprocess.Popen(
        [CC_ANSIBLE, *UP], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    with (artifacts / "lab-up.log").open("a") as log:
        for line in process.stdout:
            log.write(line)
            log.flush()
            if kill and re.search(kill.pattern, line.rstrip()):
                time.sleep(kill.delay)
                os.kill(process.pid, signal.SIGKILL)
                log.write(f"--- killed after {kill.pattern}\n")
                break
    process.stdout.close()
    return process.wait(PATIENCE)


@pytest.fixture(scope="module", autouse=True)
def fresh(cc):
    """Start from nothing but the images, which are cached by content."""
    if docker.running() or spec.load():
        docker.ensure(print)
        cc("lab", "destroy", "--yes")
        cc("lab", "destroy", "--yes")  # of nothing
        assert down.leftovers(docker.client(), spec.Lab()) == [
            f"image {name}" for name in _built_images()
        ]


def _built_images() -> list[str]:
    from cc_ansible.lab import images

    engine = docker.client()
    return [name for name in images.ALL if engine.images.list(name=name)]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.pattern.strip("…\\] $"))
def test_killed(artifacts, point):
    assert lab_up(artifacts, point) == -signal.SIGKILL


def test_converges_after_all_that(artifacts, cc):
    started = time.monotonic()
    assert lab_up(artifacts) == 0, _last_lines(artifacts)
    print(f"\nlab up after {len(POINTS)} kills took {time.monotonic() - started:.0f} s")
    held = lock.status(state_dir() / "lab-lock")
    assert held is None
    assert not _marked_processes()
    known = spec.load()
    assert known
    (machine,) = known.metal
    listed = cc("-s", str(known.site), "hardware", "list").stdout
    assert f"{machine.name}  baremetal  STEADY  available" in listed


def _last_lines(artifacts: Path, lines: int = 60) -> str:
    return "\n".join((artifacts / "lab-up.log").read_text().splitlines()[-lines:])


def _marked_processes() -> list[str]:
    """Processes of any run of ours; the lab's own services carry no mark."""
    marked = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"{leftovers.MARK}=".encode() in environ.read_bytes():
                marked.append(environ.parent.name)
    return marked


def test_again_is_quick_and_changes_nothing(cc):
    started = time.monotonic()
    result = cc(*UP)
    assert time.monotonic() - started < 120
    assert "✓" not in result.stdout + result.stderr
