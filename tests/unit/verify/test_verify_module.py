"""The module that runs on hosts, run on this one: engine, disks, addresses and certificates."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from this_machine import MODULES, UTILS, Machine, inspected
from well_site import certificate


def test_containers_as_the_engine_describes_them(machine: Machine) -> None:
    check = {"Status": "unhealthy", "Log": [{"Output": "old"}, {"Output": "a\nconnect: refused\n"}]}
    machine.containers = [
        inspected("nova_api"),
        inspected("heat_api", Status="exited", ExitCode=1, FinishedAt="2026-05-01T12:00:00+02:00"),
        inspected("glance_api", Health=check),
    ]
    found = {each["name"]: each for each in machine.ask()["engine"]["containers"]}
    assert found["nova_api"]["image"] == "r/kolla/nova_api:1"
    assert (found["nova_api"]["state"], found["nova_api"]["finished"]) == ("running", None)
    assert found["heat_api"]["finished"] == found["nova_api"]["started"]
    assert found["heat_api"]["log"][-1] == "ValueError: in heat_api"
    assert found["glance_api"]["checked"] == "connect: refused"
    assert found["nova_api"]["log"] == []


def test_only_logs_of_troubled_containers_of_kolla_are_asked_for(machine: Machine) -> None:
    other = inspected("theirs", Status="exited")
    other["Config"]["Labels"] = None
    machine.containers += [other, inspected("heat_api", Status="exited")]
    machine.ask()
    asked = [each["words"] for each in machine.asked()]
    assert [words[-1] for words in asked if words[0] == "logs"] == ["heat_api"]
    assert sum(words[0] == "inspect" for words in asked) == 1


def test_an_engine_that_fails_says_why_and_the_rest_is_told_all_the_same(machine: Machine) -> None:
    (machine.home / "bin" / "podman").write_text("#!/bin/sh\necho no storage >&2\nexit 1\n")
    found = machine.ask()
    assert found["engine"] == {"state": "silent", "problem": "no storage"}
    assert found["memory"]["total"] > 0
    assert found["clock"]["now"] <= found["clock"]["end"]


def test_a_docker_that_does_not_run_is_not_woken_up(machine: Machine) -> None:
    code = "import cc_service_health as m; print(m.containers('docker', False))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": f"{MODULES}:{UTILS}"},
    )  # fmt: skip
    assert done.stdout.strip() == "{'state': 'stopped'}"


def test_file_systems_are_told_once_each_with_those_of_volumes(machine: Machine) -> None:
    volume = {"Type": "volume", "Source": "/", "Destination": "/var/lib/glance/"}
    machine.containers[0]["Mounts"] = [
        volume,
        {"Type": "bind", "Source": "/dev", "Destination": "/d"},
    ]
    found = machine.ask(paths=["/", "/no/such/path"])
    assert found["engine"]["volumes"] == {"/var/lib/glance": "/"}
    assert found["disks"]["/"]["total"] == os.statvfs("/").f_blocks * os.statvfs("/").f_frsize
    assert set(found["disks"]) == {"/"}


def test_the_address_of_the_services_is_no_virtual_one(machine: Machine) -> None:
    assert machine.ask()["address"] == "127.0.0.1"
    assert machine.ask(vips=["127.0.0.1"])["address"] == ""


def test_backups_of_the_database_are_found_in_their_volume(machine: Machine) -> None:
    kept = machine.home / "volumes" / "mariadb_backup" / "_data"
    kept.mkdir(parents=True)
    (kept / "mysqlbackup-1.gz").touch()
    os.utime(kept / "mysqlbackup-1.gz", (1000, 1000))
    source = str(machine.home / "volumes" / "kolla_logs" / "_data")
    volume = {"Type": "volume", "Source": source, "Destination": "/var/log/kolla"}
    machine.containers[0]["Mounts"] = [volume]
    assert machine.ask()["backup"] == 1000


def test_certificates_without_keys_and_bundles(machine: Machine) -> None:
    pem, key = certificate(), "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----\n"
    for place in ("haproxy/haproxy.pem", "nova-api/ca-certificates/ca.crt", "x/none.pem"):
        (machine.config / place).parent.mkdir(parents=True)
        (machine.config / place).write_text(key + pem if "none" not in place else key)
    found = machine.ask()["certificates"]
    assert found == {str(machine.config / "haproxy/haproxy.pem"): pem.strip()}
    assert "hidden" not in machine.answered


def test_every_option_is_documented() -> None:
    import yaml

    source = (MODULES / "cc_service_health.py").read_text()
    text = source.split('DOCUMENTATION = r"""')[1].split('"""')[0]
    documented = yaml.safe_load(text)
    assert documented["module"] == "cc_service_health"
    given = set(re.findall(r'^            "(\w+)": \{"type"', source, re.MULTILINE))
    assert given == set(documented["options"])
