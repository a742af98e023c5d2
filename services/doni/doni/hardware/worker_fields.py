"""Fields that workers add to the hardware they take care of."""

from __future__ import annotations

import dataclasses

from doni.hardware import device, forms
from doni.hardware.fields import Field

FLAG = forms.enum("true", "false")

CAPABILITIES = forms.closed(
    {
        "boot_option": forms.enum("local", "netboot", "ramdisk", "kickstart"),
        "boot_mode": forms.enum("bios", "uefi"),
        "secure_boot": FLAG,
        "trusted_boot": FLAG,
        "disk_label": forms.enum("msdos", "gpt"),
    }
)
INTERFACES = (
    *("bios", "boot", "console", "deploy", "firmware", "inspect", "management"),
    *("network", "power", "raid", "rescue", "storage", "vendor"),
)
"""Kinds of interfaces that a node has in Ironic."""
YES_OR_NO = {"type": "boolean", "description": "true or false"}
TRAIT = {
    "type": "string",
    "pattern": "^(CUSTOM|COMPUTE|HW|MISC|OWNER|STORAGE)_[A-Z0-9_]{1,246}$",
    "description": "the name of a trait, such as CUSTOM_GPU",
}


def _ironic(name: str, schema: forms.Schema, description: str, default: object = None) -> Field:
    return Field(name, schema, default=default, private=True, description=description)


def _password(name: str, description: str) -> Field:
    return Field(name, forms.text(), private=True, sensitive=True, description=description)


IRONIC = (
    _ironic(
        "baremetal_driver",
        forms.enum("ipmi", "redfish", "fake-hardware"),
        "How Ironic talks to the node.",
        default="ipmi",
    ),
    _ironic(
        "baremetal_resource_class",
        forms.text(longest=80),
        "Resource class, which the flavor asks for.",
        default="baremetal",
    ),
    _ironic("baremetal_deploy_kernel_image", forms.IMAGE, "Deploy kernel."),
    _ironic("baremetal_deploy_ramdisk_image", forms.IMAGE, "Deploy ramdisk."),
    _ironic("baremetal_capabilities", CAPABILITIES, "How the node boots."),
    _ironic(
        "baremetal_interfaces",
        forms.closed(dict.fromkeys(INTERFACES, forms.WORD)),
        "Hardware interfaces of the driver, where they are not Ironic's defaults.",
    ),
    _ironic(
        "baremetal_automated_clean",
        YES_OR_NO,
        "Whether the node is cleaned between users; Ironic's own setting when not given.",
    ),
    _ironic(
        "baremetal_inspect",
        YES_OR_NO,
        "Whether the node is inspected before it is available for the first time.",
    ),
    _ironic(
        "extra_capabilities",
        {
            "type": "object",
            "propertyNames": forms.WORD,
            "additionalProperties": {
                "type": "string",
                "pattern": "^[!-+\\--~]{1,255}$",
                "description": "ASCII text without spaces and commas",
            },
        },
        "Further capabilities, by name.",
    ),
    _ironic("boot_mode", forms.enum("bios", "uefi"), "Boot mode that Ironic sets."),
    _ironic("traits", forms.listed(TRAIT, uniqueItems=True, maxItems=50), "Traits of the node."),
    _ironic("ipmi_username", forms.text(), "IPMI user."),
    _password("ipmi_password", "IPMI password."),
    _ironic("ipmi_port", forms.PORT, "UDP port of IPMI."),
    _ironic("ipmi_terminal_port", forms.PORT, "Port on the conductor for the serial console."),
    _ironic(
        "redfish_address",
        {
            "type": "string",
            "pattern": "^https?://[!-?A-~]+$",
            "maxLength": 1024,
            "description": "a URL such as https://10.30.1.1:8443, without a user in it",
        },
        "URL of the Redfish service; https and the management address when not given.",
    ),
    _ironic("redfish_system_id", forms.text(), "System to manage, such as /redfish/v1/Systems/1."),
    _ironic("redfish_username", forms.text(), "Redfish user."),
    _password("redfish_password", "Redfish password."),
    _ironic(
        "redfish_verify_ca",
        {
            "type": ["boolean", "string"],
            "minLength": 1,
            "maxLength": forms.LONGEST,
            "description": "true, false, or a path on the conductor",
        },
        "Whether the certificate is verified, or the file of the CA to verify it with.",
    ),
    _ironic("redfish_auth_type", forms.enum("auto", "basic", "session"), "How to log in."),
)

BLAZAR = (
    Field(
        "authorized_projects",
        forms.listed(forms.text("the name or id of a project")),
        description="Only these projects (names or ids) may reserve it.",
    ),
    Field(
        "authorized_projects_reason",
        {"type": "string", "maxLength": forms.LONGEST},
        description="Why others may not.",
    ),
    Field(
        "extra_properties",
        {"type": "object", "propertyNames": forms.WORD, "additionalProperties": forms.SCALAR},
        description="Further properties that users can ask for in reservations.",
    ),
)

PLACEMENT = forms.closed({"node": {"type": "string"}, "rack": {"type": "string"}})

PHYSICAL_HOST = (
    *BLAZAR,
    Field("node_type", forms.text(), description="Kind of node by which users reserve it."),
    Field("placement", PLACEMENT, description="Where the node stands."),
    Field(
        "su_factor",
        {"type": "number", "minimum": 0, "maximum": 2**31 - 1},
        default=1.0,
        description="Service units that an hour costs.",
    ),
)

DEVICE = (
    *BLAZAR,
    Field(
        "blazar_device_driver",
        forms.text(),
        default="k8s",
        description="How Blazar hands the device out.",
    ),
)

FAKE = (
    Field("private-field", private=True, description="Any text."),
    Field("public-field", description="Any text."),
    Field("private-and-sensitive-field", private=True, sensitive=True, description="Any text."),
    Field("public-and-sensitive-field", sensitive=True, description="Any text."),
    Field("default-field", default="default-field-value", description="Any text."),
)

WORKER_FIELDS: dict[str, tuple[Field, ...]] = {
    "ironic": IRONIC,
    "blazar.physical_host": PHYSICAL_HOST,
    "blazar.device": DEVICE,
    "balena": tuple(dataclasses.replace(field, required=True) for field in device.CREDENTIAL),
    "k8s": (),
    "tunelo": (),
    "fake-worker": FAKE,
}
"""The fields of each worker."""
