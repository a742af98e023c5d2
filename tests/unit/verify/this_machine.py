"""This machine with a container engine of files, and the module that looks at hosts run on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from cc_ansible.paths import PROJECT

MODULES = PROJECT / "plugins" / "modules"
UTILS = PROJECT / "plugins" / "module_utils"

# Podman, because its daemon need not run to be asked. What it is told is kept.
ENGINE = """\
#!{python}
import json, os, sys
home = "{home}"
words = sys.argv[1:]
with open(home + "/asked", "a") as log:
    log.write(json.dumps({{"words": words, "secret": os.environ.get("MYSQL_PWD", "")}}) + "\\n")
if words[0] == "ps":
    print("\\n".join(each["Id"] for each in json.load(open(home + "/containers.json"))))
elif words[0] == "inspect":
    print(open(home + "/containers.json").read())
elif words[0] == "logs":
    print("first\\nTraceback\\nValueError: in " + words[-1], file=sys.stderr)
elif words[0] == "exec":
    at = words.index("mariadb")
    os.execvp(words[at + 1], words[at + 1:])
"""


def inspected(name: str, **changes: Any) -> dict[str, Any]:
    """A container as an engine describes it."""
    state = {
        "Status": "running", "ExitCode": 0, "OOMKilled": False, "Error": "",
        "StartedAt": "2026-05-01T10:00:00.123456789Z", "FinishedAt": "0001-01-01T00:00:00Z",
    }  # fmt: skip
    return {
        "Id": name, "Name": f"/{name}", "RestartCount": 0,
        "Config": {"Image": f"r/kolla/{name}:1", "Labels": {"kolla_version": "22"}},
        "State": {**state, **changes}, "Mounts": [],
    }  # fmt: skip


def engine(home: Path) -> Path:
    """Make the engine whose files are in ``home``; returns the directory of its program."""
    (home / "bin").mkdir()
    program = home / "bin" / "podman"
    program.write_text(ENGINE.format(python=sys.executable, home=home))
    program.chmod(0o755)
    return program.parent


class Machine:
    """This machine with an engine of files, and directories of its own."""

    def __init__(self, home: Path) -> None:
        self.home, self.containers = home, [inspected("nova_api")]
        self.logs, self.config = home / "logs", home / "etc"
        self.logs.mkdir()
        self.config.mkdir()
        engine(home)

    def ask(self, **options: Any) -> dict[str, Any]:
        """Run the module as Ansible does, in check mode; returns what it answers."""
        (self.home / "containers.json").write_text(json.dumps(self.containers))
        plain = {"engine": "podman", "logs": str(self.logs), "config": str(self.config)}
        given = {**plain, "interface": "lo", "since": time.time() - 3600, **options}
        asked = json.dumps({"ANSIBLE_MODULE_ARGS": {**given, "_ansible_check_mode": True}})
        done = subprocess.run(
            [sys.executable, str(MODULES / "cc_service_health.py")],
            input=asked, capture_output=True, text=True, check=True, timeout=60,
            env={**os.environ, "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
                 "PYTHONPATH": str(UTILS)},
        )  # fmt: skip
        answer: dict[str, Any] = json.loads(done.stdout)
        assert answer["changed"] is False
        self.answered = done.stdout
        found: dict[str, Any] = answer["health"]
        return found

    def asked(self) -> list[dict[str, Any]]:
        """What the engine was told."""
        return [json.loads(each) for each in (self.home / "asked").read_text().splitlines()]

    def log(self, name: str, *lines: str) -> Path:
        file = self.logs / name
        file.parent.mkdir(exist_ok=True)
        with file.open("a") as stream:
            stream.writelines(f"{line}\n" for line in lines)
        return file
