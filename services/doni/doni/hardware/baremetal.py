"""Fields of bare-metal nodes."""

from doni.hardware import common, forms
from doni.hardware.fields import Field

INTERFACE = forms.closed(
    {
        "name": forms.text(),
        "mac_address": forms.MAC,
        "enabled": {"type": "boolean"},
        "vendor": {"type": "string"},
        "model": {"type": "string"},
        "switch_id": {"type": "string"},
        "switch_port_id": {"type": "string"},
        "switch_info": {"type": "string"},
        "physical_network": forms.text(longest=64),
        "pxe_enabled": {"type": "boolean"},
    },
    required=("name", "mac_address"),
)
"""A network interface, and where its cable goes."""

FIELDS: tuple[Field, ...] = (
    Field(
        "management_address",
        forms.HOST,
        required=True,
        private=True,
        description="Address of the board management controller.",
    ),
    Field(
        "interfaces",
        forms.listed(INTERFACE, minItems=1),
        required=True,
        description="Network interfaces of the node; switch_info is the name of the switch.",
    ),
    Field(
        "cpu_arch",
        forms.enum("x86_64", "aarch64"),
        required=True,
        default="x86_64",
        description="Processor architecture.",
    ),
    common.MAINTENANCE,
)
