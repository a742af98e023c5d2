"""Rules about addresses of machines: each has its own, and no pool gives it out again."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.site import hardware
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.net import addresses, machines, plan
from cc_ansible.site.net.machines import Machine
from cc_ansible.site.net.spans import reserved
from cc_ansible.site.net.subnets import Sub, subnets
from cc_ansible.site.rules import bmc
from cc_ansible.site.subject import Subject

ADDRESS_TAKEN = error("address-taken", "Each machine has addresses of its own")
ADDRESS_IN_POOL = error("address-in-pool", "Neutron does not give out addresses of machines")
IN_SHARED = warning("machine-in-shared-network", "Users' networks hold no machine of the site")
POOL_MISSING = warning("pool-missing", "Networks with machines of the site say what is free")


def unique(subject: Subject) -> Iterator[Finding]:
    """Addresses that two machines have."""
    seen: dict[object, Machine] = {}
    for machine in [*machines.hosts(subject), *machines.vips(subject)]:
        first = seen.setdefault(machine.address, machine)
        if first.owner != machine.owner:
            yield _taken(first, machine)
    for switch in machines.switches(subject):
        if owner := seen.get(switch.address):
            yield _taken(owner, switch)


def _taken(first: Machine, second: Machine) -> Finding:
    return ADDRESS_TAKEN.broken(
        f"{second.address} is {first.what} and {second.what}.",
        second.origin,
        detail=f"The first is at {plan.place_of(first.origin)}.",
        fix=_other_address(second),
    )


def _other_address(machine: Machine) -> str:
    if machine.owner.endswith("_vip_address"):
        return "Choose an address that no machine has."
    return "Correct one of the two."


def in_pools(subject: Subject) -> Iterator[Finding]:
    """Addresses of machines that a pool would give out again, or that users' networks hide."""
    everyone = [*machines.everyone(subject), *_controllers(subject)]
    enabled = [sub for sub in subnets(subject) if sub.enabled]
    for sub in enabled:
        outside = []
        for machine in everyone:
            if found := _in_pool(sub, machine):
                yield found
            elif sub.block and machine.address in sub.block:
                outside.append(machine)
        others = [other for other in enabled if other is not sub]
        yield from _in_network(sub, outside, others)


def _controllers(subject: Subject) -> Iterator[Machine]:
    """The management controllers of hardware, by their address."""
    for machine in subject.once(hardware.read).machines:
        found = bmc.address_of(machine) if machine.is_node else None
        if found and addresses.is_address(found.host):
            what, place = f"the BMC address of {machine.name}", machine.at("bmc", "address")
            yield Machine(addresses.address(found.host), machine.name, what, place)


def _in_pool(sub: Sub, machine: Machine) -> Finding | None:
    for pool in sub.pools:
        block = pool.block
        if block and machine.address in block and (not sub.block or block.within(sub.block)):
            return ADDRESS_IN_POOL.broken(
                f"{plan.sentence(machine.what)} {machine.address} is in the pool {pool} "
                f"of {sub.label}.",
                machine.origin,
                detail=f"The pool is at {plan.place_of(pool.at('start'))}; "
                "Neutron would give the address to a user's machine.",
                fix="Choose another address, or leave it out of the pool.",
            )
    return None


def _in_network(sub: Sub, inside: list[Machine], others: list[Sub]) -> Iterator[Finding]:
    """Machines in a network, in none of its pools; without pools the whole network is one."""
    if sub.cidr is None:
        return
    if not sub.pools and "allocation_pools" not in sub.unknown:
        taken = {*reserved(sub.cidr), sub.router}
        if given := [machine for machine in inside if machine.address not in taken]:
            yield POOL_MISSING.broken(
                f"{plan.sentence(sub.label)} has no pool, so Neutron may give out "
                f"{machines.listed(given)}.",
                sub.at("cidr"),
                detail=f"{machines.places(given)}.",
                fix="Add `allocation_pools` with the addresses that are free.",
            )
    elif sub.shared:
        blocks = [other.block for other in others if other.block]
        alone = [one for one in inside if not any(one.address in block for block in blocks)]
        if alone:
            yield IN_SHARED.broken(
                f"{plan.sentence(sub.label)} holds {machines.listed(alone)}.",
                sub.at("cidr"),
                detail=f"{machines.places(alone)}. "
                "Users' machines would look for them among themselves.",
                fix="Choose another network for users.",
            )
