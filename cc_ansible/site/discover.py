"""What this host would propose for a site of its own: interfaces and addresses."""

from __future__ import annotations

import ipaddress
import json
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Kinds of links (ip-link(8)) that stand for network cards although they are none.
CARD_LIKE = ("", "bond", "team", "vlan")
# Links that containers and virtual machines add to a host.
CONTAINER = ("docker", "br-", "veth", "virbr", "cni")


@dataclass(frozen=True)
class Proposal:
    """A host's short name, its address, its interfaces and a VIP that may be free."""

    host: str
    address: str
    network_interface: str
    neutron_external_interface: str
    vip: str


def hostname() -> str:
    """This host's short name."""
    return socket.gethostname().split(".")[0]


def propose() -> Proposal:
    """Look at the addresses and routes of this host; nothing is probed on the network."""
    links = _ip("-details", "address")
    routes = _ip("route")
    main = next((route["dev"] for route in routes if route.get("dst") == "default"), "")
    cards = [link["ifname"] for link in links if _is_card(link)]
    api = main or next(iter(cards), "eth0")
    interface = _address(links, api)
    others = [name for name in cards if name != api]
    return Proposal(
        host=hostname(),
        address=str(interface.ip) if interface else "192.0.2.10",
        network_interface=api,
        neutron_external_interface=next(iter(others), "eth1"),
        vip=_free(interface, _used(links, routes)) if interface else "192.0.2.250",
    )


def _ip(*words: str) -> list[dict[str, Any]]:
    try:
        shown = subprocess.run(["ip", "-json", *words], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return list(json.loads(shown.stdout or b"[]"))


def _is_card(link: dict[str, Any]) -> bool:
    name = str(link.get("ifname", ""))
    kind = link.get("linkinfo", {}).get("info_kind", "")
    real = Path(f"/sys/class/net/{name}/device").exists() or kind in CARD_LIKE
    return link.get("link_type") == "ether" and real and not name.startswith(CONTAINER)


def _address(links: list[dict[str, Any]], name: str) -> ipaddress.IPv4Interface | None:
    for link in links:
        for info in link.get("addr_info", []) if link.get("ifname") == name else ():
            if info.get("family") == "inet":
                return ipaddress.IPv4Interface(f"{info['local']}/{info['prefixlen']}")
    return None


def _used(links: list[dict[str, Any]], routes: list[dict[str, Any]]) -> set[str]:
    """Addresses known to be taken: this host's, its gateways, and neighbours it has heard of."""
    own = {str(info.get("local")) for link in links for info in link.get("addr_info", [])}
    gateways = {str(route["gateway"]) for route in routes if "gateway" in route}
    heard = {str(entry["dst"]) for entry in _ip("neighbour") if "lladdr" in entry}
    return own | gateways | heard


def _free(interface: ipaddress.IPv4Interface, used: set[str]) -> str:
    """The highest address of the subnet that is not known to be taken."""
    network = interface.network
    for number in range(int(network.broadcast_address) - 1, int(network.network_address), -1):
        candidate = str(ipaddress.IPv4Address(number))
        if candidate not in used:
            return candidate
    return str(interface.ip)
