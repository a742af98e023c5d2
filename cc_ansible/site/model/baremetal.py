"""By what a bare-metal node is driven: its controller, its ports, interfaces of Ironic."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from cc_ansible.site.model.forms import HostOrUrl, MacAddress, Shown, Strict, Text, Word
from cc_ansible.site.model.net_types import Port as PortNumber

SAFE_PORT_NUMBER = 59


def _switch_port(value: Any) -> Any:
    """YAML reads 1:10 as a number (70); below 60 a number can only be meant as one."""
    if isinstance(value, int) and not isinstance(value, bool) and value > SAFE_PORT_NUMBER:
        raise PydanticCustomError(
            "invalid_value", "must be a text; YAML reads 1:10 as 70", {"fix": "Put it in quotes."}
        )
    return value


TcpPort = Annotated[PortNumber, Shown(minimum=1, maximum=65535)]


class Bmc(Strict):
    """The board management controller of a bare-metal node."""

    protocol: Literal["ipmi", "redfish"]
    """How Ironic talks to it."""

    address: HostOrUrl
    """Address or name; with Redfish also a URL, such as ``https://10.30.1.1:8443``."""

    port: TcpPort | None = None
    """Port, when it is not the usual one."""

    username: Text | None = None
    """User of the controller."""

    password: Text | None = Field(default=None, repr=False)
    """Its password: a template that names a secret, such as ``{{ bmc_password }}``."""

    terminal_port: TcpPort | None = None
    """Port on the conductor for the serial console; one per node."""

    system_id: Text | None = None
    """Redfish: which system of the controller, such as ``/redfish/v1/Systems/1``."""

    verify_ca: bool | Text | None = None
    """Redfish: whether the certificate is verified, or the file of the CA to verify it with."""

    auth_type: Literal["auto", "basic", "session"] | None = None
    """Redfish: how to log in."""


class Port(Strict):
    """A network interface of a node, and where its cable goes."""

    name: Text
    """Name of the interface on the node, such as ``eno1``."""

    mac: MacAddress
    """MAC address, with any separators."""

    switch: Text | None = None
    """Switch at the other end: a name in ``switch_configs``."""

    port: Annotated[Text | None, BeforeValidator(_switch_port)] = None
    """Port of the switch as the switch names it, such as ``ethernet1/1/12``."""

    switch_id: MacAddress | None = None
    """MAC address of the switch, when the mechanism driver asks for it."""

    physical_network: Text | None = None
    """Physical network it is on: a name in ``neutron_networks``."""

    pxe: bool = True
    """Whether the node boots from the network here."""

    enabled: bool = True
    """Whether the testbed uses it."""

    vendor: Text | None = None
    """Maker of the network card."""

    model: Text | None = None
    """Model of the network card."""


class HardwareInterfaces(Strict):
    """How Ironic does each thing with a node: a name of an interface that its driver has."""

    bios: Word | None = None
    """Settings of the firmware."""

    boot: Word | None = None
    """How it is booted, such as ``ipxe`` or ``redfish-virtual-media``."""

    console: Word | None = None
    """Its serial console."""

    deploy: Word | None = None
    """How an image gets onto it, such as ``direct``."""

    firmware: Word | None = None
    """Updates of firmware."""

    inspect: Word | None = None
    """How it is inspected, such as ``agent`` or ``redfish``."""

    management: Word | None = None
    """Its boot device."""

    network: Word | None = None
    """Its networks, such as ``neutron``."""

    power: Word | None = None
    """How it is switched on and off."""

    raid: Word | None = None
    """Its RAID."""

    rescue: Word | None = None
    """Its rescue mode."""

    storage: Word | None = None
    """Volumes that it boots from."""

    vendor: Word | None = None
    """What only its vendor has."""
