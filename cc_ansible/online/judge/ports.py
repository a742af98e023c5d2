"""Ports that services need: free, or theirs already."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.online.facts import Address, Host, Port, address
from cc_ansible.online.rules import Check, HostFinding, error
from cc_ansible.online.view import VIPS, View

TAKEN = error(Check.PORTS, "port-in-use", "Ports of services are free, or theirs already")
PROXY = "docker-proxy"


def taken(view: View) -> Iterator[HostFinding]:
    """Ports that something outside of our containers listens on."""
    for host in view.seen:
        wanted = _wanted(view, host)
        told: set[int] = set()
        for port in host.facts.listeners if host.facts else ():
            containers = wanted.get(port.number, {})
            names = [
                name for name, addresses in containers.items() if _collides(port.address, addresses)
            ]
            if names and port.number not in told and not _ours(host, port, names):
                told.add(port.number)
                yield _finding(host, port, names)


def _wanted(view: View, host: Host) -> dict[int, dict[str, set[Address | None]]]:
    """Ports, the containers that need them on a host, and at which addresses."""
    found: dict[int, dict[str, set[Address | None]]] = {}
    for listener in view.listeners:
        if host.name in listener.hosts:
            places = found.setdefault(listener.port, {}).setdefault(listener.container, set())
            if listener.address in VIPS:
                places.add(address(host.want(listener.address)))
            elif interface := host.interface(listener.address):
                places.update(each.ip for each in interface.addresses)
    return found


def _collides(there: Address, wanted: set[Address | None]) -> bool:
    return there.is_unspecified or there in wanted


def _ours(host: Host, port: Port, names: list[str]) -> bool:
    """Whether a container of ours listens, or may: without root's rights nobody can tell."""
    containers = host.facts.containers if host.facts else []
    if port.container and any(each.id == port.container for each in containers):
        return True
    known = {each.name for each in containers if each.state == "running"}
    return port.process is None and (bool(known & {*names}) or bool(host.denied))


def _finding(host: Host, port: Port, names: list[str]) -> HostFinding:
    who = f"{port.process} has it" if port.process else "something has it"
    if port.process == PROXY:
        who = "a container with a published port has it"
    spelled = f"[{port.address}]" if port.address.version == 6 else str(port.address)
    return TAKEN.broken(
        host.name,
        f"Port {port.number} on {host.name}, which {' and '.join(names)} needs, is taken: {who}.",
        detail=f"It listens on {spelled}:{port.number}.",
        fix=f"On the host: `ss -ltnp 'sport = :{port.number}'`, then stop and disable it.",
    )
