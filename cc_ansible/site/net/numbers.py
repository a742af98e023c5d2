"""Numbers of networks: VLANs, MTUs, ports."""

from __future__ import annotations

import re
from typing import Any

from cc_ansible.site.findings import Rule, error
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.spans import Span

INVALID_VLAN = error("invalid-vlan", "VLANs are numbers from 1 to 4094")
INVALID_VLAN_RANGE = error("invalid-vlan-range", "Ranges of VLANs are FIRST:LAST, lower first")
INVALID_MTU = error("invalid-mtu", "MTUs are sizes that networks carry")
INVALID_PORT = error("invalid-port", "Ports are numbers from 1 to 65535")
INVALID_ROUTER_ID = error("invalid-router-id", "VRRP router ids are numbers from 1 to 255")

LAST_VLAN = 4094
MTUS = Span(576, 9216)
_DIGITS = re.compile(r"\d+", re.ASCII)
_PAIR = re.compile(r"(\d+)\s*(?:-|\.\.|,|to)\s*(\d+)", re.ASCII)


def number(value: Any) -> int | None:
    """A whole number, also one in quotes; None when it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if _DIGITS.fullmatch(text) else None


def vlan(value: Any) -> int:
    """A VLAN id.

    :raises Refused: it is none.
    """
    return _numbered(value, Span(1, LAST_VLAN), INVALID_VLAN, "a VLAN")


def mtu(value: Any) -> int:
    """An MTU in bytes.

    :raises Refused: it is none.
    """
    return _numbered(value, MTUS, INVALID_MTU, "a size in bytes")


def port(value: Any) -> int:
    """A TCP or UDP port.

    :raises Refused: it is none.
    """
    return _numbered(value, Span(1, 65535), INVALID_PORT, "a port")


def router_id(value: Any) -> int:
    """A VRRP virtual router id.

    :raises Refused: it is none.
    """
    return _numbered(value, Span(1, 255), INVALID_ROUTER_ID, "a number")


def vlan_range(value: Any) -> Span:
    """One VLAN, or ``FIRST:LAST``.

    :raises Refused: it is neither.
    """
    text = str(value).strip()
    parts = [part.strip() for part in text.split(":")]
    if isinstance(value, str | int) and len(parts) <= 2 and all(map(_DIGITS.fullmatch, parts)):
        first, last = vlan(parts[0]), vlan(parts[-1])
        if first > last:
            fix = f'Write "{last}:{first}".'
            raise Refused(INVALID_VLAN_RANGE, "starts above its end", fix)
        return Span(first, last)
    pair = _PAIR.fullmatch(text)
    fix = f'Write "{pair[1]}:{pair[2]}".' if pair else 'Write FIRST:LAST, such as "200:250".'
    raise Refused(INVALID_VLAN_RANGE, "is not a range of VLANs", fix)


def _numbered(value: Any, allowed: Span, rule: Rule, what: str) -> int:
    found = number(value)
    if found is None or found not in allowed:
        text = f"must be {what} from {allowed.first} to {allowed.last}"
        raise Refused(rule, text, "Correct the number.")
    return found
