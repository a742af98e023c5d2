"""Types of values that models of networks and switches share."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from cc_ansible.site.net import addresses, names, numbers
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.spans import Span
from cc_ansible.site.values import is_template, truth


def parsed(parse: Callable[[Any], Any]) -> BeforeValidator:
    """The validator that a parser of :mod:`cc_ansible.site.net` makes."""

    def validate(value: Any) -> Any:
        try:
            return parse(value)
        except Refused as refused:
            kind = refused.rule.name.replace("-", "_")
            context = {"message": str(refused), "fix": refused.fix}
            raise PydanticCustomError(kind, "{message}", context) from refused

    return BeforeValidator(validate)


def as_list(value: Any) -> Any:
    """A list of one for a lone number, and the parts of a text with commas."""
    if isinstance(value, str) and not is_template(value):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    return [] if value is None else value


def _as_ranges(value: Any) -> Any:
    """As :func:`as_list`; two numbers are refused, because they are often meant as one range."""
    numeric = isinstance(value, list) and all(type(item) is int for item in value)
    if numeric and len(value) == 2:
        first, last = sorted(value)
        context = {"fix": f'Write ["{first}:{last}"], or ["{first}:{first}", "{last}:{last}"].'}
        raise PydanticCustomError("invalid_vlan_range", "may be two VLANs or a range", context)
    return as_list(value)


def _flag(value: Any) -> Any:
    found = truth(value)
    return value if found is None else found


Text = WithJsonSchema({"type": "string"})
Number = WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\d+$"}]})
_RANGE = {"anyOf": [{"type": "string"}, {"type": "integer"}]}

IPAddress = Annotated[
    ipaddress.IPv4Address | ipaddress.IPv6Address, parsed(addresses.address), Text
]
"""An IP address."""

IPAddresses = Annotated[
    list[IPAddress],
    BeforeValidator(as_list),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}),
]
"""IP addresses, as a list or with commas between them."""

UsableAddress = Annotated[
    ipaddress.IPv4Address | ipaddress.IPv6Address, parsed(addresses.usable), Text
]
"""An IP address that a machine can have."""

Cidr = Annotated[ipaddress.IPv4Interface | ipaddress.IPv6Interface, parsed(addresses.network), Text]
"""A network with its prefix length; the address keeps bits right of it, if any."""

VlanId = Annotated[int, parsed(numbers.vlan), Number]
VlanRange = Annotated[Span, parsed(numbers.vlan_range), WithJsonSchema(_RANGE)]
VlanRanges = Annotated[
    list[VlanRange],
    BeforeValidator(_as_ranges),
    WithJsonSchema({"anyOf": [{"type": "array", "items": _RANGE}, *_RANGE["anyOf"]]}),
]
Mtu = Annotated[int, parsed(numbers.mtu), Number]
Port = Annotated[int, parsed(numbers.port), Number]
InterfaceName = Annotated[str, parsed(names.interface), Text]
Flag = Annotated[bool, BeforeValidator(_flag)]
"""true or false, also in the words that Ansible takes for them."""

Host = Annotated[str, parsed(names.host), Text]
"""The address or DNS name of a machine."""

_Plain = ipaddress.IPv4Address | ipaddress.IPv6Address
DhcpRange = Annotated[tuple[_Plain, _Plain], parsed(addresses.dhcp_range), Text]
"""The first and last address of a range of dnsmasq."""
