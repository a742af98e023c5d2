"""Enrolment."""

from __future__ import annotations

import re
from typing import Any

import pytest
from asking import BAREMETAL, FAKE, MASK, Person

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


def test_the_object(owner: Person) -> None:
    found = owner.create("c01", "baremetal", ipmi_password="hunter2-of-bmc", ipmi_port=623)
    assert set(found) == {
        "uuid", "created_at", "updated_at", "name", "project_id", "hardware_type", "properties",
        "workers",
    }  # fmt: skip
    assert TIME.fullmatch(found["created_at"])
    assert found["updated_at"] is None
    assert (found["name"], found["project_id"]) == ("c01", "p1")
    assert found["properties"] == {
        **BAREMETAL,
        "baremetal_driver": "ipmi",
        "baremetal_resource_class": "baremetal",
        "ipmi_password": MASK,
        "ipmi_port": 623,
        "su_factor": 1.0,
    }
    assert found["workers"] == [
        {"worker_type": name, "state": "PENDING", "state_details": {}, "observed_state": {}}
        for name in ("blazar.physical_host", "ironic")
    ]
    assert owner.show(found["uuid"]) == found


def test_devices(owner: Person) -> None:
    found = owner.create("d1", "device.balena", k8s_bootstrap_token="abcdef.0123456789abcdef")
    token = found["properties"]["k8s_bootstrap_token"]
    assert re.fullmatch(r"[a-z0-9]{6}\.[a-z0-9]{16}", token)
    assert token != "abcdef.0123456789abcdef"
    assert found["properties"]["application_credential_secret"] == MASK
    assert found["properties"]["blazar_device_driver"] == "k8s"
    assert "local_egress" not in found["properties"]
    workers = [worker["worker_type"] for worker in found["workers"]]
    assert workers == ["balena", "blazar.device", "k8s", "tunelo"]


def test_fake_hardware(owner: Person) -> None:
    found = owner.create(
        **{"private-and-sensitive-field": "s3cret", "public-and-sensitive-field": "s3cret"}
    )
    assert found["properties"] == {
        **FAKE,
        "default-field": "default-field-value",
        "private-and-sensitive-field": MASK,
        "public-and-sensitive-field": MASK,
    }


def test_export_has_no_private_fields(owner: Person) -> None:
    owner.create("c01", "baremetal", ipmi_username="root", node_type="compute")
    owner.create(
        **{"private-field": "x", "public-field": "y", "public-and-sensitive-field": "zzzz"}
    )
    baremetal, fake = owner.get("/v1/hardware/export")["hardware"]
    assert set(baremetal) == {
        "uuid", "created_at", "updated_at", "name", "project_id", "hardware_type", "properties",
    }  # fmt: skip
    assert set(baremetal["properties"]) == {"interfaces", "cpu_arch", "node_type", "su_factor"}
    assert fake["properties"] == {
        **FAKE,
        "default-field": "default-field-value",
        "public-field": "y",
        "public-and-sensitive-field": MASK,
    }


def test_a_name_is_free_again_after_deletion(owner: Person, other: Person) -> None:
    uuid = owner.create()["uuid"]
    assert owner.create(code=409) == {"error": "Hardware with name a already exists."}
    other.create(code=409)
    assert owner("DELETE", f"/v1/hardware/{uuid}").status_code == 200
    assert owner.create()["uuid"] != uuid


def test_names_differ_in_case(owner: Person) -> None:
    owner.create("a")
    owner.create("A")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "must be an object"),
        ("x", "must be an object"),
        ({}, "'name' is a required property"),
        ({"name": "a", "properties": FAKE}, "'hardware_type' is a required property"),
        ({"project_id": "p2"}, "Additional properties are not allowed ('project_id'"),
        ({"name": 5}, "(in 'name')"),
        ({"name": ""}, "(in 'name')"),
        ({"name": "a\n"}, "(in 'name')"),
        ({"name": "a" * 256}, "(in 'name')"),
        ({"name": None}, "(in 'name')"),
        ({"hardware_type": "baremetl"}, "must be one of baremetal, device,"),
        ({"hardware_type": ["baremetal"]}, "(in 'hardware_type')"),
        ({"properties": None}, "must be an object (in 'properties')"),
        ({"properties": []}, "must be an object (in 'properties')"),
        ({"properties": {}}, "'default_required_field' is a required property"),
        ({"properties": {**FAKE, "x": 1}}, "('x' was unexpected) (in 'properties')"),
        ({"properties": {"default_required_field": None}}, "must be a text"),
        ({"properties": {**FAKE, "public-field": 5}}, "(in 'properties.public-field')"),
        ({"properties": {**FAKE, "public-and-sensitive-field": MASK}}, "masked value"),
    ],
)  # fmt: skip
def test_refused(owner: Person, body: Any, said: str) -> None:
    whole = {"name": "a", "hardware_type": "fake-hardware", "properties": FAKE}
    if body == {} or not isinstance(body, dict) or ("name" in body and "properties" in body):
        sent = body
    else:
        sent = {**whole, **body}
    reply = owner("POST", "/v1/hardware", json=sent)
    assert reply.status_code == 400, reply.text
    assert reply.json["error"].startswith("Schema error for hardware: ")
    assert said in reply.json["error"]
    assert owner.get("/v1/hardware")["hardware"] == []


def test_errors_are_those_of_the_type_that_is_named(owner: Person) -> None:
    found = owner.create(kind="baremetal", code=400, baremetal_driver="carrier-pigeon")
    assert found["error"] == (
        "Schema error for hardware: must be one of ipmi, redfish, fake-hardware "
        "(in 'properties.baremetal_driver')"
    )
