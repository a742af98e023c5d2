"""Fields and schemas of hardware."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from doni.exceptions import Invalid
from doni.hardware import schema, secrets, types
from doni.hardware.fields import MASK, shown
from doni.hardware.worker_fields import WORKER_FIELDS

ALL = types.configured(list(types.TYPES), list(WORKER_FIELDS))

NODE: dict[str, Any] = {
    "management_address": "10.30.1.1",
    "interfaces": [{"name": "eno1", "mac_address": "02:00:00:00:00:01"}],
    "cpu_arch": "x86_64",
}


def _check(kind: str, **properties: Any) -> None:
    schema.check_properties(ALL[kind], properties)


@pytest.mark.parametrize("kind", ALL)
def test_schemas_are_schemas(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema.body_schema(ALL[kind]))
    names = [field.name for field in ALL[kind].known]
    assert len(names) == len(set(names))


def test_all_that_a_site_may_say_of_a_node() -> None:
    interface = {
        "name": "eno1", "mac_address": "02:00:00:00:00:01", "switch_info": "tor1",
        "switch_port_id": "ethernet1/1/1", "switch_id": "02:00:00:00:00:ff",
        "physical_network": "physnet1", "pxe_enabled": True, "enabled": False, "vendor": "v",
        "model": "m",
    }  # fmt: skip
    _check(
        "baremetal",
        management_address="bmc-c01.example.org",
        interfaces=[interface],
        cpu_arch="aarch64",
        node_type="compute_skylake",
        baremetal_driver="redfish",
        baremetal_resource_class="baremetal",
        baremetal_deploy_kernel_image="https://images.example.org/kernel",
        baremetal_deploy_ramdisk_image="4c1c0d5a-7f6c-4f0a-9c5e-2f7d3f7b0f3a",
        baremetal_capabilities={"boot_option": "local"},
        extra_capabilities={"disk_label.x": "gpt"},
        boot_mode="uefi",
        traits=["CUSTOM_GPU_A100", "HW_CPU_X86_AVX"],
        redfish_address="https://10.30.1.1:8443",
        redfish_system_id="/redfish/v1/Systems/1",
        redfish_username="root",
        redfish_password="p",
        redfish_verify_ca=False,
        redfish_auth_type="session",
        ipmi_username="root",
        ipmi_password="p",
        ipmi_port=623,
        ipmi_terminal_port=40001,
        placement={"rack": "r1", "node": "n1"},
        su_factor=1.5,
        authorized_projects=["a"],
        authorized_projects_reason="r",
        maintenance="fans",
        extra_properties={"gpu.count": 4, "ssd": True, "cpu": "Xeon", "ratio": 0.5},
    )
    _check("baremetal", **NODE, baremetal_driver="fake-hardware", maintenance=True)


def test_all_that_a_site_may_say_of_a_device() -> None:
    device: dict[str, Any] = {
        "machine_name": "raspberrypi5",
        "contact_email": "me@example.com",
        "device_profiles": ["pi_camera"],
        "local_egress": "deny",
        "channels": {
            "user": {"channel_type": "wireguard", "public_key": "k"},
            "mgmt": {"channel_type": "wireguard", "public_key": "k"},
        },
        "application_credential_id": "i",
        "application_credential_secret": "s",
        "authorized_projects": ["a"],
        "maintenance": True,
        "extra_properties": {"camera": "v2"},
    }
    _check("device.balena", **device)
    _check("device", **{**device, "machine_name": "my-board"})


@pytest.mark.parametrize(
    "more",
    [
        {"management_address": "a b"},
        {"management_address": "-x"},
        {"management_address": "1.2.3.4.5/24"},
        {"management_address": "x\n"},
        {"management_address": ""},
        {"interfaces": []},
        {"interfaces": [{"name": "eno1"}]},
        {"interfaces": [{"name": "eno1", "mac_address": "02:00:00:00:00:1"}]},
        {"interfaces": [{**NODE["interfaces"][0], "speed": 10}]},
        {"cpu_arch": "arm"},
        {"ipmi_port": 65536},
        {"ipmi_port": 623.5},
        {"su_factor": -1},
        {"su_factor": True},
        {"baremetal_capabilities": {"boot_option": "usb"}},
        {"baremetal_capabilities": {"x": "y"}},
        {"baremetal_deploy_kernel_image": "vmlinuz"},
        {"extra_capabilities": {"a": "b,c:d"}},
        {"extra_properties": {"a": [1]}},
        {"extra_properties": {"a": None}},
        {"traits": ["gpu"]},
        {"traits": ["CUSTOM_A", "CUSTOM_A"]},
        {"redfish_address": "https://root:secret@10.30.1.1"},
        {"placement": {"shelf": "1"}},
        {"maintenance": ""},
        {"authorized_projects": "a,b"},
        {"channels": {}},
    ],
)
def test_refused(more: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        _check("baremetal", **{**NODE, **more})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["10.0.0.1", "fd00::1", "bmc", "bmc.example.org", "a" * 63])
def test_addresses(address: str) -> None:
    _check("baremetal", **{**NODE, "management_address": address})


def test_fields_of_workers_that_are_not_enabled_are_unknown() -> None:
    kind = types.configured(["baremetal"], ["ironic"])["baremetal"]
    schema.check_properties(kind, {**NODE, "ipmi_username": "root"})
    with pytest.raises(Invalid, match="'su_factor' was unexpected"):
        schema.check_properties(kind, {**NODE, "su_factor": 1})
    assert shown(kind.known, {"su_factor": 1, "cpu_arch": "x86_64"}) == {"cpu_arch": "x86_64"}


def test_whole_numbers() -> None:
    _check("baremetal", **NODE, ipmi_port=623.0)
    found = schema.completed(ALL["baremetal"], {"ipmi_port": 623.0, "su_factor": 2.0})
    assert isinstance(found["ipmi_port"], int)
    assert isinstance(found["su_factor"], float)


def test_generated_only_where_declared() -> None:
    assert "k8s_bootstrap_token" in schema.completed(ALL["device"], {})
    assert "k8s_bootstrap_token" not in schema.completed(ALL["baremetal"], {})
    assert "k8s_bootstrap_token" not in schema.completed(ALL["fake-hardware"], {})


def test_secrets_are_masked_in_texts() -> None:
    found = secrets.values(ALL["baremetal"].known, {"ipmi_password": "abc", "cpu_arch": "x86_64"})
    assert found == ["abc"]
    assert secrets.scrubbed({"abc": ["xabcx", 5, None]}, found) == {MASK: [f"x{MASK}x", 5, None]}
