"""Rules about networks that overlap: packets reach one of them only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.model.read import INVALID_VALUE
from cc_ansible.site.net import addresses, machines, plan
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.spans import Block, Interface, clashes
from cc_ansible.site.net.subnets import groups_of_subnets, subnets
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import Unknown

NETWORKS_OVERLAP = error("networks-overlap", "Networks of a site do not overlap")

DOCKER = "docker_custom_config"
# Networks that services make for themselves: variable -> the flag that turns the service on.
INNER = {"octavia_amp_network_cidr": "enable_octavia", "k3s_cluster_cidr": "enable_k3s"}


@dataclass(frozen=True)
class Net:
    """A network of any kind, for comparison with the others."""

    label: str
    cidr: Interface
    origin: Origin | None

    @property
    def block(self) -> Block:
        """Its addresses."""
        return Block.of(self.cidr)


def networks(subject: Subject) -> Iterator[Finding]:
    """Networks with addresses in common."""
    inner = [*_services(subject), *_docker(subject)]
    common = subnets(subject)
    for group in groups_of_subnets(subject):
        nets = [
            Net(sub.label, sub.cidr, sub.at("cidr")) for sub in group if sub.cidr and sub.enabled
        ]
        nets += inner if group is common else []
        # What the site does not say itself comes first, so that the finding is at what it says.
        nets.sort(key=lambda net: plan.is_of_site(subject, net.origin))
        for first, second in clashes(nets, lambda a, b: a.block.common(b.block)):
            yield NETWORKS_OVERLAP.broken(
                f"{plan.sentence(second.label)} {second.cidr.network} overlaps "
                f"{first.label} {first.cidr.network}.",
                second.origin,
                detail=f"They share {first.block.common(second.block)}. "
                f"The other one is at {plan.place_of(first.origin)}.",
                fix="Choose another network for one of the two.",
            )


def hidden_machines(subject: Subject) -> Iterator[Finding]:
    """Networks of containers that hide a host or virtual address."""
    for net in [*_services(subject), *_docker(subject)]:
        everyone = [*machines.hosts(subject), *machines.vips(subject)]
        if hidden := [machine for machine in everyone if machine.address in net.block]:
            yield NETWORKS_OVERLAP.broken(
                f"{net.label} {net.cidr.network} hides {machines.listed(hidden)}.",
                net.origin,
                detail=f"{machines.places(hidden)}.",
                fix="Choose another network for the containers.",
            )


def docker(subject: Subject) -> Iterator[Finding]:
    """Networks in Docker's own configuration that are none."""
    for label, value, origin in _of_docker(subject):
        try:
            addresses.network(value)
        except Refused as refused:
            yield refused.rule.broken(
                f"{label} {refused}.", origin, detail=f"It says {value!r}.", fix=refused.fix
            )
    value = _config(subject)
    pools = value.get("default-address-pools") if isinstance(value, dict) else None
    if pools is not None and not isinstance(pools, list):
        yield INVALID_VALUE.broken(
            f"{DOCKER}: `default-address-pools` must be a list.",
            subject.values.origin(DOCKER, "default-address-pools"),
            fix="Write `- {base: 172.30.0.0/16, size: 24}`.",
        )


def _services(subject: Subject) -> Iterator[Net]:
    for name, flag in INNER.items():
        if subject.values.enabled(flag):
            try:
                cidr = addresses.network(subject.values.get(name))
            except (Refused, Unknown):
                continue
            raw = subject.values.raw(name)
            yield Net(name, cidr, raw.origin if raw else None)


def _docker(subject: Subject) -> Iterator[Net]:
    for label, value, origin in _of_docker(subject):
        try:
            yield Net(label, addresses.network(value), origin)
        except Refused:
            continue


def _config(subject: Subject) -> Any:
    try:
        return subject.values.get(DOCKER)
    except Unknown:
        return None


def _of_docker(subject: Subject) -> Iterator[tuple[str, Any, Origin | None]]:
    """The networks in Docker's configuration, as they are written."""
    value = _config(subject)
    if not isinstance(value, dict):
        return
    for key in ("bip", "fixed-cidr"):
        if key in value and not (key == "fixed-cidr" and "bip" in value):
            yield f"Docker's {key}", value[key], subject.values.origin(DOCKER, key)
    pools = value.get("default-address-pools")
    for index, pool in enumerate(pools if isinstance(pools, list) else []):
        if isinstance(pool, dict) and "base" in pool:
            origin = subject.values.origin(DOCKER, "default-address-pools", index, "base")
            yield "Docker's pool", pool["base"], origin
