"""Ansible's filters for addresses, as far as defaults of Kolla-Ansible and of sites use them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from cc_ansible.site.net.spans import Interface

_QUERIES: Mapping[str, Callable[[Interface], Any]] = {
    "address": lambda found: str(found.ip),
    "broadcast": lambda found: str(found.network.broadcast_address),
    "first_usable": lambda found: str(found.network[1]),
    "last_usable": lambda found: str(found.network[-2]),
    "netmask": lambda found: str(found.netmask),
    "network": lambda found: str(found.network.network_address),
    "prefix": lambda found: found.network.prefixlen,
    "subnet": lambda found: str(found.network),
}


def ipaddr(value: Any, query: str = "") -> Any:
    """``ansible.utils.ipaddr`` with the queries above.

    :raises TypeError: another query is asked, or the value is no single IPv4 address or network.
    """
    if query not in _QUERIES or not isinstance(value, str):
        raise TypeError(f"cannot tell {query} of {value!r} without Ansible")
    try:
        found = ipaddress.ip_interface(value)
    except ValueError:
        return False
    inner = found.network
    if query == "address":
        tellable = inner.prefixlen == inner.max_prefixlen or found.ip != inner.network_address
        # Ansible writes IPv4 addresses in IPv6 with dots.
        tellable &= found.version == 4 or int(found.ip) >= 2**48
    else:
        tellable = found.version == 4 and inner.prefixlen <= 30
    if not tellable:
        raise TypeError(f"cannot tell {query} of {value} without Ansible")
    return _QUERIES[query](found)


def next_nth_usable(value: Any, number: Any) -> str:
    """``ansible.utils.next_nth_usable``: the address that many after the given one.

    :raises TypeError: the value is no IPv4 network, or it has no such address.
    """
    try:
        found = ipaddress.IPv4Interface(value)
        result, ends = found.ip + int(number), (found.network[1], found.network[-2])
    except (ValueError, TypeError, IndexError) as error:
        raise TypeError(f"{value!r} is no network of machines") from error
    if not ends[0] <= result <= ends[1]:
        raise TypeError(f"{value} has no such address")
    return str(result)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "ipaddr": ipaddr,
    "ansible.utils.ipaddr": ipaddr,
    "next_nth_usable": next_nth_usable,
    "ansible.utils.next_nth_usable": next_nth_usable,
}
"""The filters by the names under which templates use them."""
