"""``switch_configs``: the switches whose ports Neutron moves between VLANs.

.. code-block:: yaml

   switch_configs:
     - name: tor1
       device_type: netmiko_dell_os10
       address: 10.30.0.2
       auth: {username: ngs, password: "{{ tor1_password }}"}
       ngs_config: {ngs_port_default_vlan: 1}
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from cc_ansible.site.findings import error
from cc_ansible.site.model.forms import Strict, as_text
from cc_ansible.site.model.forms import Text as Word
from cc_ansible.site.model.net_types import Flag, Host, Port

SWITCH_NAME = error("switch-name", "Names of switches fit the sections of a configuration file")


def _name(value: Any) -> Any:
    if isinstance(value, str) and (set(value) & set("[]") or value != value.strip() or not value):
        fix = "Name it as the ports of the hardware do, without brackets and outer spaces."
        raise PydanticCustomError("switch_name", "cannot be the name of a section", {"fix": fix})
    return value


def _without_none(value: Any) -> Any:
    return {} if value is None else value


Secret = Annotated[str | None, BeforeValidator(as_text), Field(default=None, repr=False)]
Options = Annotated[dict[str, Any], BeforeValidator(_without_none)]


class Auth(Strict):
    """How to log in to a switch."""

    username: Word | None = None
    """The user."""

    password: Secret = None
    """Its password: a template that names a secret."""

    secret: Secret = None
    """The password of the privileged mode, where the switch has one."""

    use_ssh_key: Flag | None = None
    """Log in with the site's SSH key for switches."""

    private_key: Secret = None
    """Log in with this SSH key: a template that names a secret."""

    token: Secret = None
    """The token of a Corsa switch."""


class Snmp(Strict):
    """How monitoring reads a switch."""

    community_string: Secret = None
    """The community: a template that names a secret."""

    version: Word | None = None
    """The version of SNMP."""

    port: Port | None = None
    """The UDP port; 161 when not given."""


class Switch(Strict):
    """A switch that networking-generic-switch configures."""

    name: Annotated[Word, BeforeValidator(_name)]
    """Its name, as the ports of the hardware give it."""

    device_type: Word
    """The driver, such as netmiko_dell_os10."""

    address: Host
    """Its address or DNS name in the management network."""

    auth: Auth
    """How to log in."""

    snmp: Snmp | None = None
    """How monitoring reads it."""

    ngs_config: Options = Field(default_factory=dict)
    """Further options of its driver, any key of networking-generic-switch or Netmiko."""


class LegacySwitch(Strict):
    """A switch of ``neutron_ml2_generic_switch_configs``: options of its driver in one map."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    name: Annotated[Word, BeforeValidator(_name)]
    """Its name."""

    device_type: Word
    """The driver."""

    ip: Host | None = None
    """Its address."""
