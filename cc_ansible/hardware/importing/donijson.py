"""Items as Doni and doniclient write them: a JSON array of name, hardware_type and properties."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cc_ansible.errors import UsageError
from cc_ansible.hardware.wire import FAKE_DRIVER

Properties = Mapping[str, Any]

_SAME = ("authorized_projects", "authorized_projects_reason", "maintenance")
_NODE = {
    "node_type": "node_type",
    "cpu_arch": "cpu_arch",
    "baremetal_resource_class": "resource_class",
    "traits": "traits",
    "boot_mode": "boot_mode",
    "placement": "placement",
    "su_factor": "su_factor",
    "baremetal_deploy_kernel_image": "deploy_kernel",
    "baremetal_deploy_ramdisk_image": "deploy_ramdisk",
    "baremetal_interfaces": "hardware_interfaces",
    "baremetal_automated_clean": "automated_clean",
    "baremetal_inspect": "inspect",
}
_PORT = {
    "name": "name",
    "mac_address": "mac",
    "switch_info": "switch",
    "switch_port_id": "port",
    "switch_id": "switch_id",
    "physical_network": "physical_network",
    "pxe_enabled": "pxe",
    "enabled": "enabled",
    "vendor": "vendor",
    "model": "model",
}
_DEVICE = (
    "machine_name", "contact_email", "device_profiles", "local_egress", "channels"
)  # fmt: skip
# What every item is that does not say otherwise.
_USUAL = {
    "cpu_arch": "x86_64",
    "resource_class": "baremetal",
    "su_factor": 1.0,
    "local_egress": "allow",
    "pxe": True,
    "enabled": True,
}


def read(text: str) -> list[dict[str, Any]]:
    """The items of a JSON text, as the site config writes them; secrets are still in them.

    :raises UsageError: it is no such text.
    """
    try:
        data = json.loads(text)
    except ValueError as problem:
        raise UsageError("The file is no JSON.", detail=str(problem)) from None
    if isinstance(data, Mapping):
        data = data.get("hardware")
    if not isinstance(data, list):
        raise UsageError("The file is no JSON array of hardware.", fix=_FORM)
    return [_item(entry, number) for number, entry in enumerate(data, 1)]


_FORM = 'Each entry is {"name": ..., "hardware_type": ..., "properties": {...}}.'


def _item(entry: Any, number: int) -> dict[str, Any]:
    whole = isinstance(entry, Mapping) and isinstance(entry.get("properties"), Mapping)
    if not whole or not isinstance(entry.get("name"), str):
        raise UsageError(f"Entry {number} of the file is no hardware.", fix=_FORM)
    properties, kind = entry["properties"], str(entry.get("hardware_type", "baremetal"))
    driver = properties.get("baremetal_driver")
    if kind == "baremetal" and driver == FAKE_DRIVER:
        kind = "fake-hardware"
    if kind not in ("baremetal", "fake-hardware", "device", "device.balena"):
        raise UsageError(f"Entry {number}, {entry['name']}, is of an unknown type {kind}.")
    node = kind in ("baremetal", "fake-hardware")
    return {
        "name": entry["name"],
        "type": kind,
        "project": entry.get("project_id"),
        **(_node(properties, kind) if node else _device(properties)),
        **{key: properties[key] for key in _SAME if properties.get(key)},
        "properties": properties.get("extra_properties"),
    }


def _node(properties: Properties, kind: str) -> dict[str, Any]:
    found = _renamed(properties, _NODE)
    capabilities = {
        **(properties.get("baremetal_capabilities") or {}),
        **(properties.get("extra_capabilities") or {}),
    }
    if "boot_mode" in capabilities:
        found.setdefault("boot_mode", capabilities.pop("boot_mode"))
    found["capabilities"] = capabilities
    if kind == "baremetal":
        found["bmc"] = _bmc(properties)
    interfaces = [_renamed(each, _PORT) for each in properties.get("interfaces", [])]
    if kind == "baremetal" or any(port.get("enabled", True) for port in interfaces):
        found["ports"] = interfaces
    return found


def _bmc(properties: Properties) -> dict[str, Any]:
    protocol = properties.get("baremetal_driver") or "ipmi"
    address = properties.get("management_address") or properties.get("ipmi_address")
    found = {
        "protocol": protocol,
        "address": address,
        "port": properties.get("ipmi_port") if protocol == "ipmi" else None,
        "username": properties.get(f"{protocol}_username"),
        "password": properties.get(f"{protocol}_password"),
        "terminal_port": properties.get("ipmi_terminal_port"),
    }
    if protocol == "redfish":
        url = properties.get("redfish_address")
        found |= {
            "address": address if url in (None, f"https://{address}") else url,
            "system_id": properties.get("redfish_system_id"),
            "verify_ca": properties.get("redfish_verify_ca"),
            "auth_type": properties.get("redfish_auth_type"),
        }
    return found


def _device(properties: Properties) -> dict[str, Any]:
    found = {key: properties.get(key) for key in _DEVICE}
    identity = properties.get("application_credential_id")
    if identity:
        secret = properties.get("application_credential_secret") or ""
        found["application_credential"] = {"id": identity, "secret": secret}
    if found.get("local_egress") == _USUAL["local_egress"]:
        del found["local_egress"]
    return found


def _renamed(values: Properties, names: Mapping[str, str]) -> dict[str, Any]:
    found = {ours: values[theirs] for theirs, ours in names.items() if values.get(theirs) not in
             (None, "")}  # fmt: skip
    return {key: value for key, value in found.items() if _USUAL.get(key, _USUAL) != value}
