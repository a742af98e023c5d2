"""Names: hosts find each other under their names, and the endpoints under theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cc_ansible.online.facts import Address, Host, address
from cc_ansible.online.rules import Check, HostFinding, error, warning
from cc_ansible.online.view import VIPS, View, api_address

WRONG = error(Check.NAMES, "name-resolves-wrong", "Names resolve to the addresses they stand for")
OWN_NAME = warning(
    Check.NAMES, "own-name-loopback", "Hosts do not take their own name for loopback"
)
ELSEWHERE = warning(
    Check.NAMES, "external-name-elsewhere", "The external name resolves to the external VIP"
)
CLUSTER = "rabbitmq"
"""The group whose hosts must find each other by their host names."""
ENDPOINTS = {
    "kolla_internal_fqdn": "kolla_internal_vip_address",
    "kolla_external_fqdn": "kolla_external_vip_address",
}


def hostnames(view: View) -> Iterator[HostFinding]:
    """Host names: of all hosts of the message queue on each of them, elsewhere of the host."""
    cluster = view.seen_in(CLUSTER)
    for host in view.seen:
        for peer in cluster if host in cluster else [host]:
            yield from _hostname(host, peer, strictly=host in cluster)


def endpoints(view: View) -> Iterator[HostFinding]:
    """The names under which services answer."""
    for host in view.seen:
        for name_of, vip_of in ENDPOINTS.items():
            name, vip = host.want(name_of), address(host.want(vip_of))
            found = _resolved(host, name, host.want("api_family"))
            if vip is None or found is None or address(name) or found == [vip]:
                continue
            internal = name_of == "kolla_internal_fqdn"
            same = host.want("kolla_external_fqdn") == host.want("kolla_internal_fqdn")
            if not internal and same:
                continue
            rule = WRONG if internal or not found else ELSEWHERE
            yield rule.broken(
                host.name,
                f"On {host.name}, {name} {_to(found)}, not to the VIP {vip}.",
                view.origin(name_of, host),
                fix=f"Correct its DNS entry, or add `{vip} {name}` to /etc/hosts there.",
            )


class _Question(NamedTuple):
    name: str
    wanted: Address
    found: list[Address]


def _hostname(host: Host, peer: Host, *, strictly: bool) -> Iterator[HostFinding]:
    question = _question(host, peer)
    if question is None or question.found == [question.wanted]:
        return
    name, wanted, found = question
    vips = {address(host.want(vip)) for vip in VIPS} - {wanted}
    whose = "its own name" if peer is host else f"the name of {peer.name},"
    fix = f"In /etc/hosts of {host.name}, write `{wanted} {name}` and remove other lines of {name}."
    if strictly:
        yield WRONG.broken(
            host.name,
            f"On {host.name}, {whose} {name} {_to(found)}, not to {wanted}.",
            detail="The message queue's members find each other by name.",
            fix=f"{fix} `cc-ansible bootstrap-servers` does so for all hosts.",
        )
    elif any(each.is_loopback or each in vips for each in found):
        yield OWN_NAME.broken(
            host.name, f"On {host.name}, {whose} {name} {_to(found)}, not to {wanted}.", fix=fix
        )


def _question(host: Host, peer: Host) -> _Question | None:
    """What a host's name must resolve to, and what it does; None where that is not known."""
    wanted = api_address(peer)
    name = str(peer.facts.get("hostname") or "") if peer.facts else ""
    found = _resolved(host, name, host.want("api_family"))
    return None if wanted is None or found is None else _Question(name, wanted, found)


def _resolved(host: Host, name: str, family: str) -> list[Address] | None:
    """Addresses a name has on a host; None when it was not asked, or had no answer in time."""
    said = host.answer("names", name).get(family or "ipv4")
    if not isinstance(said, list):
        return None
    return [found for each in said if (found := address(each))]


def _to(found: list[Address]) -> str:
    return f"resolves to {' and '.join(map(str, found))}" if found else "does not resolve"
