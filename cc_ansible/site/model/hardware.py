"""Hardware that a site lends to the testbed: bare-metal nodes and edge devices.

.. code-block:: yaml

   hardware:
     - name: c01
       type: baremetal
       node_type: compute_skylake
       calendar: weekends
       bmc: {protocol: redfish, address: 10.30.1.1, username: root, password: "{{ bmc_password }}"}
       ports:
         - {name: eno1, mac: "02:00:00:00:00:01", switch: tor1, port: ethernet1/1/1}
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from cc_ansible.site.model.baremetal import Bmc, HardwareInterfaces, Port
from cc_ansible.site.model.calendars import Calendar
from cc_ansible.site.model.forms import (
    Email,
    Factor,
    Name,
    Scalar,
    Shown,
    Strict,
    Text,
    Word,
    filled,
    is_uuid,
)

ARCHITECTURES = {
    "amd64": "x86_64", "x64": "x86_64", "x86-64": "x86_64", "x86": "x86_64", "intel": "x86_64",
    "arm64": "aarch64", "arm": "aarch64", "armv8": "aarch64",
}  # fmt: skip
TRAIT_SPACES = ("CUSTOM_", "COMPUTE_", "HW_", "MISC_", "OWNER_", "STORAGE_")
LONGEST_RESOURCE_CLASS = 80
LONGEST_TRAIT = 255


def architecture(value: Any) -> Any:
    """Refuse other names of processor architectures, with the one that is meant."""
    meant = ARCHITECTURES.get(value.lower()) if isinstance(value, str) else None
    if meant:
        raise PydanticCustomError(
            "invalid_value", "must be x86_64 or aarch64", {"fix": f"Write `{meant}`."}
        )
    return value


def _trait(text: str) -> str:
    if (
        not text.startswith(TRAIT_SPACES)
        or not text.replace("_", "A").isalnum()
        or len(text) > LONGEST_TRAIT
    ):
        plain = "".join(c if c.isalnum() else "_" for c in text.upper()).strip("_")
        raise _trait_error(f"CUSTOM_{plain}" if not plain.startswith(TRAIT_SPACES) else plain)
    if text != text.upper() or not text.isascii():
        raise _trait_error(text.upper())
    return text


def _trait_error(better: str) -> PydanticCustomError:
    return PydanticCustomError(
        "invalid_value", "is no name of a trait", {"fix": f"Write `{better}`."}
    )


def _image(text: str) -> str:
    if not is_uuid(text) and "://" not in text:
        raise ValueError("is neither the id of an image nor a URL")
    return text


def _reason(value: Any) -> Any:
    if isinstance(value, list | dict) or value == "":
        raise ValueError("must be true, false or a reason")
    return value


def _public_key(text: str) -> str:
    # 32 bytes in base64: the last digit carries four of them.
    if not re.fullmatch(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", text):
        raise ValueError("is no WireGuard public key")
    return text


def _kubelet_name(text: str) -> str:
    if text != text.lower():
        raise PydanticCustomError(
            "invalid_name",
            "must be in lower case for Kubernetes",
            {"fix": f"Write `{text.lower()}`."},
        )
    return text


Architecture = Annotated[Literal["x86_64", "aarch64"], BeforeValidator(architecture)]
Trait = Annotated[
    str, AfterValidator(_trait), Shown(pattern=rf"^({'|'.join(TRAIT_SPACES)})[A-Z0-9_]+$")
]
ImageId = Annotated[str, AfterValidator(_image)]
Project = Text


class Placement(Strict):
    """Where a node stands."""

    node: Text | None = None
    """Position in the rack or chassis."""

    rack: Text | None = None
    """Rack."""


class Channel(Strict):
    """A tunnel between a device and the testbed."""

    channel_type: Literal["wireguard"] = "wireguard"
    """Kind of tunnel."""

    public_key: Annotated[str, AfterValidator(_public_key)]
    """Public key of the device, as ``wg pubkey`` prints it."""


class Channels(Strict):
    """The tunnels of a device."""

    user: Channel
    """Traffic of users."""

    mgmt: Channel | None = None
    """Traffic of the control plane."""


class ApplicationCredential(Strict):
    """An application credential by which a device reaches the testbed."""

    id: Text
    """Its id."""

    secret: Text = Field(repr=False)
    """Its secret: a template that names one, such as ``{{ edge_credential_secret }}``."""


def _calendar_kind(value: Any) -> str:
    return "inline" if isinstance(value, dict | Calendar) else "name"


class Item(Strict):
    """What every kind of hardware has."""

    name: Name
    """Name of the node or device: letters, digits and dashes."""

    project: Project | None = None
    """Project that owns it (name or id); the site's admin project where not given."""

    calendar: Annotated[
        Annotated[Text, Tag("name")] | Annotated[Calendar, Tag("inline")],
        Discriminator(_calendar_kind),
    ] = "always"
    """When it is lent: the name of a calendar, ``always``, ``never``, or a calendar."""

    authorized_projects: Annotated[
        list[Project] | None, filled("Name a project, or write `calendar: never`.")
    ] = None
    """Only these projects (names or ids) may reserve it; all where not given."""

    authorized_projects_reason: Text | None = None
    """Why others may not; users see it."""

    maintenance: Annotated[bool | Text, BeforeValidator(_reason)] = False
    """``true`` or a reason while it is out of service."""

    properties: dict[str, Scalar] = {}
    """Further properties that users can ask for in reservations."""


class Baremetal(Item):
    """A bare-metal node, enrolled in Ironic and reservable as a host."""

    type: Literal["baremetal"] = "baremetal"
    """Kind of hardware."""

    cpu_arch: Architecture = "x86_64"
    """Processor architecture."""

    node_type: Word | None = None
    """Kind of node by which users reserve it, such as ``compute_skylake``."""

    resource_class: Annotated[Word, Field(max_length=LONGEST_RESOURCE_CLASS)] = "baremetal"
    """Ironic resource class, which the flavor asks for."""

    traits: list[Trait] = []
    """Traits of the node, such as ``CUSTOM_GPU_A100``."""

    boot_mode: Literal["bios", "uefi"] | None = None
    """How it boots; Ironic's default where not given."""

    capabilities: dict[str, Text] = {}
    """Further capabilities for Ironic, such as ``boot_option: local``."""

    placement: Placement | None = None
    """Where it stands."""

    su_factor: Factor = 1.0
    """Service units that an hour costs."""

    deploy_image: Text | None = None
    """Appliance with the deploy kernel and ramdisk; the site's default where not given."""

    deploy_kernel: ImageId | None = None
    """Deploy kernel: id of an image in Glance, or a URL; in place of ``deploy_image``."""

    deploy_ramdisk: ImageId | None = None
    """Deploy ramdisk, likewise."""

    hardware_interfaces: HardwareInterfaces | None = None
    """Ironic's hardware interfaces of it, where they are not the site's defaults."""

    automated_clean: bool | None = None
    """Whether it is cleaned between users; the site's setting where not given."""

    inspect: bool = False
    """Whether it is inspected before it is available for the first time."""

    bmc: Bmc
    """Its board management controller."""

    ports: Annotated[list[Port], filled("List the interfaces, each with `name` and `mac`.")]
    """Its network interfaces."""


class FakeHardware(Baremetal):
    """A node that exists only in Ironic's database, for tests."""

    type: Literal["fake-hardware"] = "fake-hardware"  # type: ignore[assignment]
    """Kind of hardware."""

    bmc: Bmc | None = None  # type: ignore[assignment]
    """Nothing talks to it."""

    ports: list[Port] = []
    """Its network interfaces."""


class Device(Item):
    """An edge device whose owner runs the agents on it."""

    name: Annotated[Name, AfterValidator(_kubelet_name)]
    """Name of the device: lower-case letters, digits and dashes."""

    type: Literal["device"] = "device"
    """Kind of hardware."""

    machine_name: Word
    """Kind of device, such as ``raspberrypi4-64``."""

    contact_email: Email
    """Whom to ask about it."""

    device_profiles: list[Word] = []
    """Peripherals that containers may use, such as ``pi_camera``."""

    channels: Channels | None = None
    """Its tunnels to the testbed."""

    local_egress: Literal["allow", "deny"] = "allow"
    """Whether containers may reach the network the device is in."""

    application_credential: ApplicationCredential | None = None
    """Credential by which it reaches the testbed."""


class BalenaDevice(Device):
    """An edge device that balena provisions."""

    type: Literal["device.balena"] = "device.balena"  # type: ignore[assignment]
    """Kind of hardware."""

    machine_name: Literal[
        "coral-dev",
        "jetson-agx-orin-devkit",
        "jetson-agx-orin-devkit-64gb",
        "jetson-nano",
        "jetson-orin-nano-devkit-nvme",
        "jetson-xavier-nx-emmc",
        "raspberrypi3-64",
        "raspberrypi4-64",
        "raspberrypi5",
    ]
    """Kind of device, as balena calls it."""

    application_credential: ApplicationCredential
    """Credential by which it reaches the testbed."""


TYPES: dict[str, type[Item]] = {
    "baremetal": Baremetal,
    "device": Device,
    "device.balena": BalenaDevice,
    "fake-hardware": FakeHardware,
}
"""Kinds of hardware, by the word in ``type``."""
