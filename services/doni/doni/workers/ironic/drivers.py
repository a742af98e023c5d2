"""What drivers need to know of a node."""

from __future__ import annotations

from typing import Any

IPMI = ("username", "password", "port", "terminal_port")
REDFISH = ("system_id", "username", "password", "verify_ca", "auth_type")

KEYS = (
    "deploy_kernel",
    "deploy_ramdisk",
    "ipmi_address",
    *(f"ipmi_{name}" for name in IPMI),
    "redfish_address",
    *(f"redfish_{name}" for name in REDFISH),
)
"""Keys of driver_info that are Doni's."""

SECRET = frozenset({"ipmi_password", "redfish_password"})
"""Those of them whose values Ironic does not show."""


def info(properties: dict[str, Any]) -> dict[str, Any]:
    """The driver_info that the properties of an item stand for, without empty values."""
    found = {
        "deploy_kernel": properties.get("baremetal_deploy_kernel_image"),
        "deploy_ramdisk": properties.get("baremetal_deploy_ramdisk_image"),
    }
    driver = name(properties)
    if driver == "ipmi":
        found["ipmi_address"] = properties.get("management_address")
        found.update({f"ipmi_{key}": properties.get(f"ipmi_{key}") for key in IPMI})
    elif driver == "redfish":
        found["redfish_address"] = properties.get("redfish_address") or _url(properties)
        found.update({f"redfish_{key}": properties.get(f"redfish_{key}") for key in REDFISH})
    return {key: value for key, value in found.items() if value is not None}


def name(properties: dict[str, Any]) -> str:
    """The driver of an item."""
    return str(properties.get("baremetal_driver") or "ipmi")


def _url(properties: dict[str, Any]) -> str | None:
    """Where Redfish is when nobody says: at the management address."""
    address = properties.get("management_address")
    if not address:
        return None
    return f"https://[{address}]" if ":" in address else f"https://{address}"
