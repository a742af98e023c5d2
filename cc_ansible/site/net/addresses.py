"""IP addresses and networks as an admin writes them."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from cc_ansible.site.findings import error
from cc_ansible.site.net.refused import Refused, is_masked, placeholder
from cc_ansible.site.net.spans import Address, Interface

INVALID_ADDRESS = error("invalid-address", "Addresses are IP addresses")
UNUSABLE_ADDRESS = error("unusable-address", "Addresses are such that a machine can have them")
INVALID_CIDR = error("invalid-cidr", "Networks are an address and a prefix length")
ADDRESS_FAMILY = error("address-family", "Addresses are of the IP version that is configured")

_DIGITS = re.compile(r"\d+", re.ASCII)
_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)|(?<=\.)0+(?=\d)")


def address(value: Any) -> Address:
    """One IP address.

    :raises Refused: it is none.
    """
    if isinstance(value, str) and is_address(value):
        return ipaddress.ip_address(value)
    raise _no_address(value)


def is_address(text: str) -> bool:
    """Whether a text is one IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_meant(text: str) -> bool:
    """Whether a text is meant as an IPv4 address, right or wrong: 10.20.0.313, 10.20.0.25l."""
    labels = text.partition("/")[0].split(".")
    numbers = sum(label.isdecimal() for label in labels)
    return numbers == len(labels) or (len(labels) == 4 and numbers == 3)


def usable(value: Any) -> Address:
    """An address that a machine can have.

    :raises Refused: it is none.
    """
    found = address(value)
    if found.is_unspecified:
        raise placeholder("an address of your site")
    if kind := special(found):
        fix = "Write an address of the site's network."
        raise Refused(UNUSABLE_ADDRESS, f"is a {kind} address", fix)
    return found


def special(found: Address) -> str:
    """The kind of an address that no other host can reach; empty for an ordinary one."""
    kinds = {
        "loopback": found.is_loopback,
        "multicast": found.is_multicast,
        "link-local": found.is_link_local,
        "reserved": found.version == 4 and found.is_reserved,
    }
    return next((kind for kind, applies in kinds.items() if applies), "")


def network(value: Any) -> Interface:
    """A network as ``ADDRESS/LENGTH``; bits right of the prefix length are kept, not refused.

    :raises Refused: it is none, or one that can hold no machines.
    """
    try:
        if not isinstance(value, str) or not value.partition("/")[2].isdecimal():
            raise ValueError
        found = ipaddress.ip_interface(value)
    except ValueError as error_:
        raise _no_network(value) from error_
    inner = found.network
    if found.ip.is_unspecified:
        raise placeholder("the network of your site")
    if kind := special(found.ip):
        text = f"is a network of {kind} addresses"
        raise Refused(UNUSABLE_ADDRESS, text, "Write the network of your site.")
    if inner.prefixlen > inner.max_prefixlen - 2:
        size = inner.num_addresses
        text = f"has room for {size} address{'es' if size > 1 else ''} only"
        raise Refused(INVALID_CIDR, text, "Write the prefix length of the whole network.")
    return found


def dhcp_range(value: Any) -> tuple[Address, Address]:
    """``FIRST,LAST`` with or without a netmask, as dnsmasq reads it.

    :raises Refused: it is none.
    """
    parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else []
    if not 2 <= len(parts) <= 3:
        fix = "Write FIRST,LAST or FIRST,LAST,NETMASK."
        raise Refused(INVALID_ADDRESS, "is not a range of addresses", fix)
    return address(parts[0]), address(parts[1])


def family(value: Any) -> str:
    """An IP version as Kolla-Ansible names it.

    :raises Refused: it is none.
    """
    if value not in ("ipv4", "ipv6"):
        raise Refused(ADDRESS_FAMILY, "must be ipv4 or ipv6", "Write `ipv4` or `ipv6`.")
    return str(value)


def _no_address(value: Any) -> Refused:
    text = str(value).strip()
    bare = text.strip("[]").partition("/")[0]
    plain = _ZEROS.sub("", text)
    if value is None or not text:
        return _refused("is empty", "Write an address, or remove the line.")
    if is_address(bare):
        return _refused("must be an address alone", f"Write {bare}.")
    if is_masked(value):
        return placeholder("an address of your site")
    if is_address(plain):
        return _refused("has leading zeros", f"Write {plain}.")
    if any(int(part) > 255 for part in text.split(".") if _DIGITS.fullmatch(part)):
        return _refused("has a number above 255", "Correct that number.")
    return _refused("is not an IP address", "Write an address, such as 10.20.0.250.")


def _refused(message: str, fix: str) -> Refused:
    return Refused(INVALID_ADDRESS, message, fix)


def _with_length(text: str) -> str:
    """A network with a prefix length in place of its netmask."""
    try:
        return str(ipaddress.ip_interface(text))
    except ValueError:
        return "a prefix length instead"


def _no_network(value: Any) -> Refused:
    text = str(value).strip()
    start, _, length = text.partition("/")
    if value is None or not text:
        return Refused(INVALID_CIDR, "is empty", "Write a network, or remove the line.")
    if is_masked(value):
        return placeholder("the network of your site")
    if not length and is_address(start):
        fix = f"Write {start}/24, with your prefix length."
        return Refused(INVALID_CIDR, "has no prefix length", fix)
    if is_address(start) and _DIGITS.fullmatch(length):
        highest = ipaddress.ip_address(start).max_prefixlen
        fix = f"Write a length from 8 to {highest - 2}."
        return Refused(INVALID_CIDR, f"has a prefix length above {highest}", fix)
    if is_address(start) and is_address(length):
        return Refused(INVALID_CIDR, "has a netmask", f"Write {_with_length(text)}.")
    return Refused(INVALID_CIDR, "is not a network", "Write a network, such as 198.51.100.0/24.")
