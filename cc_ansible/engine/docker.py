"""The Docker Engine of this machine: the running one, or one we install and start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.engine import machine, packages
from cc_ansible.errors import CcError, RunFailed
from cc_ansible.paths import state_dir
from cc_ansible.runs.process import check

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

RUNTIME = Path(__file__).parent / "runc-lean"
START_SECONDS = 60
RUNC_STATES = Path("/run/docker/runtime-runc/moby")
PID_FILES = {
    Path("/var/run/docker.pid"): "dockerd",
    Path("/var/run/docker/containerd/containerd.pid"): "containerd",
}


class NotAllowed(CcError):
    """A Docker Engine runs, but this user may not talk to it."""


def client(timeout: int = 600) -> DockerClient:
    """A connection to the engine that DOCKER_HOST or the default socket names.

    Raises:
        CcError: no engine answers there.
    """
    import docker
    from docker.errors import DockerException

    try:
        connection = docker.from_env(timeout=timeout)
        connection.ping()
    except DockerException as error:
        if "Permission denied" in str(error):
            raise NotAllowed(
                "the Docker Engine does not let you in",
                fix="run this as root, or join the group: sudo usermod -aG docker $USER, "
                "then log in again",
            ) from error
        raise CcError(
            "no Docker Engine answers",
            detail=str(error).splitlines()[0],
            fix="run 'cc-ansible lab up' (starts one), or start Docker and run this again",
        ) from error
    return connection


def execute(container: Container, argv: list[str]) -> str:
    """Run a command in a container and return what it printed, whatever its exit code."""
    output = container.exec_run(argv).output
    return output.decode(errors="replace") if isinstance(output, bytes) else ""


def demand(container: Container, argv: list[str], fix: str = "") -> str:
    """Run a command in a container and return what it printed.

    Raises:
        RunFailed: it failed; ``fix`` says what to do about it.
    """
    code, output = container.exec_run(argv)
    text = output.decode(errors="replace") if isinstance(output, bytes) else ""
    if code:
        raise RunFailed(
            f"{' '.join(argv[:3])} failed in {container.name}",
            detail=f"{' '.join(argv)}\n{text.strip()}",
            fix=fix,
        )
    return text


def running() -> bool:
    """Whether an engine answers.

    Raises:
        NotAllowed: one does, but not to this user.
    """
    try:
        client(timeout=5).close()
    except NotAllowed:
        raise
    except CcError:
        return False
    return True


def ensure(say: Callable[[str], None]) -> str:
    """Make a Docker Engine answer; returns how that was reached, for the progress line.

    Raises:
        CcError: it cannot be installed or does not start.
    """
    if running():
        return "already running"
    if os.environ.get("DOCKER_HOST"):
        client()
    packages.ensure({"dockerd": "docker.io"}, "to build and run containers", say)
    if machine.runs_systemd():
        check([*packages.as_root("start Docker"), "systemctl", "start", "docker"])
    else:
        _start_dockerd(say)
    _wait()
    return "started"


def _start_dockerd(say: Callable[[str], None]) -> None:
    """Start dockerd ourselves: no init system here does it."""
    home = state_dir() / "engine"
    home.mkdir(parents=True, exist_ok=True, mode=0o755)
    config = home / "daemon.json"
    # The engine outlives the checkout that started it.
    runtime = Path(shutil.copy(RUNTIME, home))
    config.write_text(json.dumps(daemon_config(runtime), indent=2) + "\n")
    say(f"starting dockerd (log: {home / 'dockerd.log'})")
    _forget_dead_daemon()
    forget_dead_containers(RUNC_STATES)
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    daemon = shutil.which("dockerd", path=path) or "dockerd"
    with (home / "dockerd.log").open("ab") as log:
        subprocess.Popen(
            [*packages.as_root("start dockerd"), daemon, "--config-file", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={k: v for k, v in os.environ.items() if k != "CC_ANSIBLE_RUN"} | {"PATH": path},
        )


def _forget_dead_daemon() -> None:
    """Killed daemons leave pid files, and dockerd believes them when the pid is in use again."""
    for pidfile, program in PID_FILES.items():
        try:
            pid = int(pidfile.read_text())
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError):
            name = ""
        if name != program:
            pidfile.unlink(missing_ok=True)


def forget_dead_containers(states: Path) -> None:
    """Remove what runc remembers of containers that were killed together with their engine.

    A container starts again only when runc does not know its id. After a real reboot ``/run`` is
    empty; where only the processes are gone, it is not.
    """
    for state in states.glob("*/state.json"):
        try:
            known = json.loads(state.read_text())
            stat = Path(f"/proc/{known['init_process_pid']}/stat").read_text()
            # Field 22 is the start time; the command before it may hold spaces.
            alive = stat.rpartition(")")[2].split()[19] == str(known["init_process_start"])
        except (OSError, ValueError, KeyError):
            alive = False
        if not alive:
            shutil.rmtree(state.parent, ignore_errors=True)


def daemon_config(runtime: Path) -> dict[str, object]:
    """daemon.json for an engine that we start on this machine, which may need ``runtime``."""
    config: dict[str, object] = {
        "log-driver": "json-file",
        "log-opts": {"max-size": "10m", "max-file": "2"},
        "max-concurrent-uploads": 2,
    }
    if not machine.has_capability(machine.CAP_SYS_RESOURCE):
        config["default-runtime"] = "runc-lean"
        config["runtimes"] = {"runc-lean": {"path": str(runtime)}}
    return config


def _wait() -> None:
    deadline = time.monotonic() + START_SECONDS
    while not running():
        if time.monotonic() > deadline:
            log = state_dir() / "engine" / "dockerd.log"
            tail = log.read_text(errors="replace").splitlines()[-8:] if log.exists() else []
            raise CcError(
                f"dockerd does not answer after {START_SECONDS} s",
                detail="\n".join(tail),
                fix=f"read {log}, or 'journalctl -u docker' where systemd runs it",
            )
        time.sleep(0.3)
