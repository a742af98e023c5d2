"""The published clients, unchanged: python-doniclient and python-chi-edge."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

NODE = {
    "management_address": "10.30.1.1",
    "interfaces": [{"name": "eno1", "mac_address": "02:00:00:00:00:01"}],
    "cpu_arch": "x86_64",
    "ipmi_username": "root",
    "ipmi_password": "hunter2-in-contract",
}


@pytest.fixture
def hardware(client: Any) -> Any:
    def run(*words: str, **options: Any) -> Any:
        return client("openstack", "hardware", *words, **options)

    return run


def _create(hardware: Any, name: str, **options: Any) -> None:
    words = ["--management_address", "10.30.1.1", "--cpu_arch", "x86_64", "--ipmi_password", "x1y2"]
    interfaces = json.dumps(NODE["interfaces"])
    made = hardware("create", "--name", name, "--hardware_type", "baremetal", *words,
                    "--interfaces", interfaces, **options)  # fmt: skip
    assert made.stdout == ""


def _listed(hardware: Any, *words: str, **options: Any) -> Any:
    return json.loads(hardware("list", "-f", "json", *words, **options).stdout)


def test_hardware(hardware: Any, owner: Any) -> None:
    _create(hardware, "c01")
    (listed,) = _listed(hardware)
    assert listed["Name"] == "c01"
    uuid = listed["UUID"]
    for word in ("c01", uuid):
        shown = json.loads(hardware("show", word, "-f", "json").stdout)
        assert shown["uuid"] == uuid
        assert shown["properties"]["ipmi_password"] == "*" * 12
    hardware("set", "c01", "--name", "c02", "--blazar_node_type", "compute")
    found = owner.get(f"/v1/hardware/{uuid}")
    assert (found["name"], found["properties"]["node_type"]) == ("c02", "compute")
    hardware("unset", "c02", "--blazar_node_type")
    assert "node_type" not in owner.get(f"/v1/hardware/{uuid}")["properties"]
    hardware("sync", "c02")
    detailed = _listed(hardware, "--long", "--worker-type", "ironic", "--worker-state", "PENDING")
    assert detailed[0]["Hardware Type"] == "baremetal"
    assert [item["Name"] for item in _listed(hardware, "--all", person="other")] == ["c02"]
    assert _listed(hardware, person="other") == []
    hardware("delete", "c02")
    assert _listed(hardware) == []
    hardware("show", "c02", code=1)


def test_hardware_import(hardware: Any, tmp_path: Path) -> None:
    items = [
        {"name": f"n{number}", "hardware_type": "baremetal", "properties": NODE}
        for number in range(3)
    ]
    file = tmp_path / "items.json"
    file.write_text(json.dumps(items))
    hardware("import", "-f", str(file))
    assert len(_listed(hardware)) == 3
    hardware("import", "--skip_existing", "-f", str(file))
    hardware("import", "-f", str(file), code=1)


def test_hardware_from_json(hardware: Any) -> None:
    properties = {
        "machine_name": "raspberrypi4-64", "contact_email": "me@example.com",
        "application_credential_id": "i", "application_credential_secret": "s",
    }  # fmt: skip
    body = {"name": "d1", "hardware_type": "device.balena", "properties": properties}
    hardware("create", "--json", json.dumps(body))
    assert [item["Name"] for item in _listed(hardware)] == ["d1"]


def test_hardware_availability(hardware: Any, owner: Any) -> None:
    uuid = owner.create("a")["uuid"]
    span = {"start": "2026-01-01T12:00:00+02:00", "end": "2026-01-02T10:00:00Z"}
    patch = [{"op": "add", "path": "/availability/-", "value": span}]
    assert owner("PATCH", f"/v1/hardware/{uuid}", patch).status_code == 200
    (listed,) = json.loads(hardware("availability", "list", uuid, "-f", "json").stdout)
    assert listed["start"] == "2026-01-01T10:00:00+00:00"


def test_refusals_are_printed(hardware: Any) -> None:
    _create(hardware, "c01", person="other")
    again = hardware("create", "--name", "c01", "--json", json.dumps({"properties": NODE}), code=1)
    assert "Hardware with name c01 already exists." in again.stderr
    refused = hardware(
        "create", "--name", "c02", "--json", json.dumps({"properties": NODE}), person="reader",
        code=1,
    )  # fmt: skip
    assert "hardware:create is disallowed by policy" in refused.stderr
    assert "hunter2" not in again.stderr + refused.stderr


@pytest.fixture
def device(client: Any) -> Any:
    def run(*words: str, **options: Any) -> Any:
        return client("chi-edge", "device", *words, **options)

    return run


def _register(device: Any, name: str, machine: str = "raspberrypi4-64", **options: Any) -> Any:
    return device(
        "register", name, "--machine-name", machine, "--contact-email", "me@example.com",
        "--application-credential-id", "some-id", "--application-credential-secret", "s3cret-c",
        **options,
    )  # fmt: skip


def test_devices(device: Any, owner: Any) -> None:
    registered = _register(device, "my-pi")
    assert "my-pi" in registered.stdout
    assert "s3cret-c" not in registered.stdout
    (item,) = owner.get("/v1/hardware")["hardware"]
    path = f"/v1/hardware/{item['uuid']}"
    assert "0/4" in device("list").stdout
    assert "me@example.com" in device("list", "--long").stdout
    for word in ("my-pi", item["uuid"]):
        assert "raspberrypi4-64" in device("show", word).stdout
    device("set", "my-pi")
    device(
        "set", "my-pi", "--contact-email", "you@example.com", "--authorized-projects", "a,b",
        "--authorized-projects-reason", "r", "--local-egress", "deny",
    )  # fmt: skip
    properties = owner.get(path)["properties"]
    assert properties["contact_email"] == "you@example.com"
    assert properties["authorized_projects"] == ["a", "b"]
    assert properties["local_egress"] == "deny"
    device("set", "my-pi", "--unset", "authorized_projects")
    assert "authorized_projects" not in owner.get(path)["properties"]
    device("set", "my-pi", "--unset", "contact_email", code=1)
    device("sync", "my-pi")
    again = _register(device, "my-pi", code=1)
    assert "already exists" in again.stdout + again.stderr
    device("delete", "my-pi", "--yes-i-really-really-mean-it")
    assert owner.get("/v1/hardware")["hardware"] == []


@pytest.mark.parametrize("machine", ["raspberrypi5", "jetson-agx-orin-devkit-64gb"])
def test_machines_that_the_sdk_offers(device: Any, machine: str) -> None:
    _register(device, "my-board", machine)


def test_an_application_credential_of_its_own(device: Any, owner: Any) -> None:
    # Keystone keeps the credential of each try, by the name of the device.
    name = f"my-pi-{secrets.token_hex(4)}"
    device("register", name, "--machine-name", "raspberrypi4-64", "--contact-email", "a@b.c")
    (item,) = owner.get("/v1/hardware")["hardware"]
    assert item["properties"]["application_credential_id"]
