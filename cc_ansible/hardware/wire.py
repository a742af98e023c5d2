"""Items as Doni's API wants them: the type of hardware and its properties."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from cc_ansible.site.model.baremetal import Bmc, Port
from cc_ansible.site.model.hardware import Baremetal, Device, FakeHardware, Item

Properties = dict[str, Any]

SENSITIVE: Final = frozenset({"ipmi_password", "redfish_password", "application_credential_secret"})
"""Properties that Doni never shows."""

MASK: Final = "*" * 12
"""What Doni shows in their place."""

FAKE_DRIVER: Final = "fake-hardware"
# Ironic's own names; everything else goes beside them.
_CAPABILITIES: Final = ("boot_option", "secure_boot", "trusted_boot", "disk_label")

MANAGED: Final = frozenset(
    {
        *("management_address", "interfaces", "cpu_arch", "maintenance", "baremetal_driver"),
        *("baremetal_resource_class", "baremetal_deploy_kernel_image"),
        *("baremetal_deploy_ramdisk_image", "baremetal_capabilities", "extra_capabilities"),
        *("baremetal_interfaces", "baremetal_automated_clean", "baremetal_inspect"),
        *("boot_mode", "traits", "ipmi_username", "ipmi_password", "ipmi_port"),
        *("ipmi_terminal_port", "redfish_address", "redfish_system_id", "redfish_username"),
        *("redfish_password", "redfish_verify_ca", "redfish_auth_type", "authorized_projects"),
        *("authorized_projects_reason", "extra_properties", "node_type", "placement"),
        *("su_factor", "machine_name", "contact_email", "device_profiles", "local_egress"),
        *("channels", "application_credential_id", "application_credential_secret"),
    }
)
"""The properties that the site config decides about; an item that lacks one shall not have it."""


def kind(item: Item) -> str:
    """Doni's type of hardware."""
    return "baremetal" if isinstance(item, Baremetal) else str(getattr(item, "type", ""))


def properties(item: Item) -> Properties:
    """Everything about an item but its name, owner and windows; what it does not say is left out.

    Secrets are among them.
    """
    found: Properties = {
        "maintenance": item.maintenance or None,
        "authorized_projects": item.authorized_projects,
        "authorized_projects_reason": item.authorized_projects_reason,
        "extra_properties": dict(item.properties) or None,
    }
    if isinstance(item, Baremetal):
        found |= _baremetal(item)
    elif isinstance(item, Device):
        found |= _device(item)
    return {key: value for key, value in found.items() if value is not None}


def _baremetal(item: Baremetal) -> Properties:
    known = {key: item.capabilities[key] for key in _CAPABILITIES if key in item.capabilities}
    others = {key: text for key, text in item.capabilities.items() if key not in known}
    placement = item.placement.model_dump(exclude_none=True) if item.placement else {}
    own = item.hardware_interfaces
    return {
        "cpu_arch": item.cpu_arch,
        "node_type": item.node_type,
        "baremetal_resource_class": item.resource_class,
        "traits": sorted(set(item.traits)) or None,
        "boot_mode": item.boot_mode,
        "baremetal_capabilities": known or None,
        "extra_capabilities": others or None,
        "placement": placement or None,
        "su_factor": item.su_factor,
        "baremetal_deploy_kernel_image": item.deploy_kernel,
        "baremetal_deploy_ramdisk_image": item.deploy_ramdisk,
        "baremetal_interfaces": (own.model_dump(exclude_none=True) if own else None) or None,
        "baremetal_automated_clean": item.automated_clean,
        "baremetal_inspect": item.inspect or None,
        "interfaces": [_interface(port) for port in item.ports],
        **(_bmc(item.bmc) if item.bmc else {}),
        **(_fake(item) if isinstance(item, FakeHardware) else {}),
    }


def _fake(item: FakeHardware) -> Properties:
    """What Doni asks for of every node, where one that does not exist says nothing."""
    interfaces = [_interface(port) for port in item.ports] or [_no_interface(item.name)]
    address = host_of(item.bmc.address) if item.bmc else f"{item.name.lower()}.invalid"
    return {
        "baremetal_driver": FAKE_DRIVER,
        "management_address": address,
        "interfaces": interfaces,
    }


def _no_interface(name: str) -> Properties:
    digits = hashlib.sha256(name.lower().encode()).hexdigest()[:10]
    pairs = ":".join(digits[place : place + 2] for place in range(0, 10, 2))
    return {"name": "none", "mac_address": f"02:{pairs}", "enabled": False}


def _interface(port: Port) -> Properties:
    found: Properties = {
        "name": port.name,
        "mac_address": port.mac,
        "switch_info": port.switch,
        "switch_port_id": port.port,
        "switch_id": port.switch_id,
        "physical_network": port.physical_network,
        "pxe_enabled": port.pxe,
        "enabled": port.enabled,
        "vendor": port.vendor,
        "model": port.model,
    }
    return {key: value for key, value in found.items() if value is not None}


def _bmc(bmc: Bmc) -> Properties:
    found: dict[str, Callable[[Bmc], Properties]] = {"ipmi": _ipmi, "redfish": _redfish}
    return {
        "baremetal_driver": bmc.protocol,
        "management_address": host_of(bmc.address),
        "ipmi_terminal_port": bmc.terminal_port,
        **found[bmc.protocol](bmc),
    }


def _ipmi(bmc: Bmc) -> Properties:
    return {
        "ipmi_username": bmc.username,
        "ipmi_password": bmc.password,
        "ipmi_port": bmc.port,
    }


def _redfish(bmc: Bmc) -> Properties:
    return {
        "redfish_address": redfish_url(bmc),
        "redfish_system_id": bmc.system_id,
        "redfish_username": bmc.username,
        "redfish_password": bmc.password,
        "redfish_verify_ca": bmc.verify_ca,
        "redfish_auth_type": bmc.auth_type,
    }


def redfish_url(bmc: Bmc) -> str:
    """Where the Redfish service of a controller is."""
    if "://" in bmc.address:
        return bmc.address.rstrip("/")
    host = f"[{bmc.address}]" if ":" in bmc.address else bmc.address
    return f"https://{host}:{bmc.port}" if bmc.port else f"https://{host}"


def host_of(address: str) -> str:
    """The host of an address or a URL."""
    from urllib.parse import urlsplit

    return urlsplit(address).hostname or address if "://" in address else address


def _device(item: Device) -> Properties:
    credential = item.application_credential
    channels = item.channels.model_dump(exclude_none=True) if item.channels else None
    return {
        "machine_name": item.machine_name,
        "contact_email": item.contact_email,
        "device_profiles": list(item.device_profiles) or None,
        "local_egress": item.local_egress,
        "channels": channels,
        "application_credential_id": credential.id if credential else None,
        "application_credential_secret": credential.secret if credential else None,
    }
