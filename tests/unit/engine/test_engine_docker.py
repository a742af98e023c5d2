"""The engine that we start: what a killed one left does not stop it."""

import json
import os
from pathlib import Path

from cc_ansible.engine import docker


def _state(states: Path, name: str, pid: int, start: int) -> Path:
    home = states / name
    home.mkdir()
    (home / "state.json").write_text(
        json.dumps({"init_process_pid": pid, "init_process_start": start})
    )
    return home


def test_containers_whose_process_is_gone_are_forgotten_and_living_ones_are_not(tmp_path):
    pid = os.getpid()
    started = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    alive = _state(tmp_path, "alive", pid, started)
    reused = _state(tmp_path, "reused", pid, started + 1)
    gone = _state(tmp_path, "gone", 2**22 + 1, started)
    docker.forget_dead_containers(tmp_path)
    assert alive.exists()
    assert not reused.exists()
    assert not gone.exists()
