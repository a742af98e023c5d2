"""Fields of edge devices, with balena and without."""

from __future__ import annotations

import secrets
import string

from doni.hardware import common, forms
from doni.hardware.fields import Field

MACHINES = (
    "jetson-nano",
    "jetson-xavier-nx-emmc",
    "jetson-agx-orin-devkit",
    "jetson-agx-orin-devkit-64gb",
    "jetson-orin-nano-devkit-nvme",
    "raspberrypi3-64",
    "raspberrypi4-64",
    "raspberrypi5",
    "coral-dev",
)
"""Kinds of device, as balena calls them."""

CHANNEL = forms.closed(
    {"channel_type": forms.enum("wireguard"), "public_key": {"type": "string", "maxLength": 255}},
    required=("channel_type",),
)


def bootstrap_token() -> str:
    """A token by which a kubelet joins the cluster: an id, a dot and a secret."""
    letters = string.ascii_lowercase + string.digits
    identity, secret = (
        "".join(secrets.choice(letters) for _ in range(length)) for length in (6, 16)
    )
    return f"{identity}.{secret}"


def _fields(machine_name: forms.Schema) -> tuple[Field, ...]:
    return (
        Field("machine_name", machine_name, required=True, description="Kind of device."),
        Field(
            "contact_email",
            forms.EMAIL,
            required=True,
            private=True,
            description="Whom to ask about it.",
        ),
        Field(
            "k8s_bootstrap_token",
            {
                "type": "string",
                "pattern": "^[a-z0-9]{6}\\.[a-z0-9]{16}$",
                "description": "six letters or digits, a dot and sixteen letters or digits",
            },
            private=True,
            credential=True,
            generate=bootstrap_token,
            description="Token by which its kubelet joins the cluster; made at enrolment.",
        ),
        Field(
            "channels",
            forms.closed({"user": CHANNEL, "mgmt": CHANNEL}, required=("user",)),
            private=True,
            description="Tunnels between the device and the testbed.",
        ),
        Field(
            "device_profiles",
            forms.listed({"type": "string"}),
            description="Peripherals that containers may use.",
        ),
        Field(
            "local_egress",
            forms.enum("allow", "deny"),
            default="allow",
            description="Whether containers may reach the network that the device is in.",
        ),
        common.MAINTENANCE,
    )


CREDENTIAL = (
    Field(
        "application_credential_id",
        forms.text(),
        private=True,
        description="Application credential by which the device reaches the testbed.",
    ),
    Field(
        "application_credential_secret",
        forms.text(),
        private=True,
        sensitive=True,
        description="Its secret.",
    ),
)
"""Not asked for where the owner runs the agents."""

FIELDS: tuple[Field, ...] = (*_fields(forms.WORD), *CREDENTIAL)
"""Of devices whose owner runs the agents."""

BALENA_FIELDS: tuple[Field, ...] = _fields(forms.enum(*MACHINES))
"""Of devices that balena provisions; its worker asks for the credential."""
