"""Rules about the DHCP ranges of Ironic's own server."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.site.findings import Finding
from cc_ansible.site.model.network_settings import Dhcp
from cc_ansible.site.model.read import Typed
from cc_ansible.site.net import machines, plan
from cc_ansible.site.net.addresses import ADDRESS_FAMILY
from cc_ansible.site.net.spans import Block, clashes
from cc_ansible.site.net.subnets import subnets
from cc_ansible.site.rules.addresses import ADDRESS_IN_POOL
from cc_ansible.site.rules.subnets import POOL_ORDER, POOLS_OVERLAP
from cc_ansible.site.subject import Subject

VARIABLE, FLAG = "ironic_dnsmasq_dhcp_ranges", "enable_ironic_dnsmasq"


def ranges(subject: Subject) -> Iterator[Finding]:
    """Ranges that are none, that overlap, or that hold addresses of machines."""
    if subject.values.enabled(FLAG) is False:
        return
    typed, wrong = subject.listed(VARIABLE, Dhcp, "DHCP range")
    yield from wrong
    blocks = []
    for entry in typed:
        start, end = entry.model.range
        if block := Block.between(start, end):
            blocks.append((f"the DHCP range {block}", block, entry.at("range")))
            yield from _taken(subject, entry, block)
        else:
            yield _crooked(entry)
    pools = [
        (f"the pool {pool} of {sub.label}", block, pool.at("start"))
        for sub in subnets(subject)
        for pool in sub.pools
        if (block := pool.block)
    ]
    for first, second in clashes([*pools, *blocks], lambda a, b: a[1].common(b[1])):
        if second in blocks:
            yield POOLS_OVERLAP.broken(
                f"{plan.sentence(second[0])} and {first[0]} share {first[1].common(second[1])}.",
                second[2],
                detail=f"The other one is at {plan.place_of(first[2])}; "
                "two servers would give out the same addresses.",
                fix="Move one of the two.",
            )


def _taken(subject: Subject, entry: Typed[Dhcp], block: Block) -> Iterator[Finding]:
    everyone = [*machines.vips(subject), *machines.hosts(subject)]
    if taken := [machine for machine in everyone if machine.address in block]:
        yield ADDRESS_IN_POOL.broken(
            f"The DHCP range {block} holds {machines.listed(taken)}.",
            entry.at("range"),
            detail=f"{machines.places(taken)}.",
            fix="Leave addresses of machines out of the range.",
        )


def _crooked(entry: Typed[Dhcp]) -> Finding:
    start, end = entry.model.range
    if start.version != end.version:
        text = f"The DHCP range {start},{end} mixes IPv4 and IPv6."
        return ADDRESS_FAMILY.broken(text, entry.at("range"), fix="Correct one of the two.")
    text = f"The DHCP range starts at {start}, after its end {end}."
    return POOL_ORDER.broken(text, entry.at("range"), fix="Exchange the two, or correct one.")
