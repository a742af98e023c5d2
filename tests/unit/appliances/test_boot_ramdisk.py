"""What a booted deploy ramdisk is answered, and what is made of its question."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cc_ansible.appliances.boot import _conductor, programs, qemu, ramdisk
from cc_ansible.appliances.boot.guest import BootFailed
from cc_ansible.appliances.boot.qemu import Machine

LOOKUP = "GET /v1/lookup?addresses=52%3A54%3A00%3A12%3A34%3A56&node_uuid= HTTP/1.1"


def ask(line: str, asked: Path) -> tuple[str, dict[str, object]]:
    """The status and the body that a question is answered with."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", ramdisk.PROGRAM, str(asked)],
        input=f"{line}\r\nHost: 10.0.2.100\r\n\r\n",
        capture_output=True,
        text=True,
        check=True,
    )
    head, _, body = done.stdout.partition("\n\n")
    return head.splitlines()[0], json.loads(body)


def test_an_agent_finds_the_versions_and_no_node(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    status, root = ask("GET /v1 HTTP/1.1", asked)
    assert status == "HTTP/1.1 200 OK"
    assert root["default_version"] == _conductor.VERSION
    assert ramdisk._addresses(asked.read_text()) == ()
    assert ask(LOOKUP, asked)[0] == "HTTP/1.1 404 Not Found"
    assert ramdisk._addresses(asked.read_text()) == ("52:54:00:12:34:56",)


def test_the_way_out_leads_to_that_answer_only(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(bytes(8))
    way = qemu.answers(ramdisk.IRONIC, ["python3", "/a,b/answer.py"])
    argv = qemu.arguments(Machine(), disk, None, tmp_path, way)
    (network,) = [word for word in argv if word.startswith("user,")]
    assert "restrict=on" in network
    assert "hostfwd" not in network
    assert "guestfwd=tcp:10.0.2.100:6385-cmd:python3 /a,,b/answer.py" in network
    assert not [word for word in argv if "id=seed" in word]


def test_a_machine_that_ends_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """QEMU is a program here that ends after its console said something."""
    program = tmp_path / "qemu"
    greeting = '{"QMP": {}}'
    program.write_text(
        f"#!/bin/sh\necho '{greeting}'; read a; echo '{{\"return\": {{}}}}'; read b\n"
        f"echo '{{\"return\": {{}}}}'; echo 'Loading initial ramdisk' >{qemu.CONSOLE}\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(qemu, "program", lambda arch: str(program))
    monkeypatch.setattr(programs, "ensure_qemu", lambda *a, **k: [])
    monkeypatch.setattr("cc_ansible.appliances.boot.accel.choose", lambda arch: "tcg")
    with pytest.raises(BootFailed, match="switched itself off") as failed:
        ramdisk.boots(tmp_path / "kernel", tmp_path / "initramfs", "x86_64", lambda text: None)
    assert "Loading initial ramdisk" in failed.value.trouble.log
