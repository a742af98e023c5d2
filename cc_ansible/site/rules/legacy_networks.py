"""Rules about the forms in which older releases said what is on physical networks."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.site.findings import Finding, warning
from cc_ansible.site.net import numbers, plan
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.spans import Span, clashes
from cc_ansible.site.rules.networks import INTERFACE_TAKEN
from cc_ansible.site.rules.vlans import VLAN_TAKEN
from cc_ansible.site.subject import Subject

LEGACY_WINS = warning("legacy-wins", "One variable says what is on a physical network")


def hidden(subject: Subject) -> Iterator[Finding]:
    """Older variables that are set beside the newer ones, which are then not looked at."""
    networks = [typed.model for group in plan.networks(subject) for typed in group]
    switches = [typed for group in plan.switches(subject) for typed in group]
    hides = {
        plan.LEGACY_RANGES: (
            "on_demand_vlan_ranges",
            any(n.on_demand_vlan_ranges for n in networks),
        ),
        plan.LEGACY_MAPPINGS: ("bridge_name", any(n.bridge_name for n in networks)),
        plan.LEGACY_SWITCHES: ("switch_configs", bool(switches)),
    }
    for old, (what, is_hidden) in hides.items():
        if is_hidden and plan.said_by_site(subject, old):
            yield LEGACY_WINS.broken(
                f"{old} hides `{what}`.",
                subject.values.origin(old),
                detail="Where the older variable is set, the newer one is not looked at.",
                fix=f"Move what it says into `{what}`, and remove it.",
            )


def ranges(subject: Subject) -> Iterator[Finding]:
    """``neutron_network_vlan_ranges``: ranges that are none, or overlap."""
    name = plan.LEGACY_RANGES
    origin = subject.values.origin(name)
    found: list[tuple[str, Span]] = []
    for assigned in plan.legacy(subject, name):
        try:
            if assigned.rest:
                found.append((assigned.network, numbers.vlan_range(assigned.rest)))
        except Refused as refused:
            fix = "Write NETWORK:FIRST:LAST, such as physnet1:200:250."
            text = f"{name}: {assigned.rest} {refused}."
            yield refused.rule.broken(text, origin, fix=fix)
    for (network, one), (other, two) in clashes(found, lambda a, b: a[1].common(b[1])):
        if network == other:
            shown = f"{one.first}:{one.last} and {two.first}:{two.last}"
            text = f"{name}: the ranges {shown} of {network} overlap."
            yield VLAN_TAKEN.broken(text, origin, fix="Make one range of them.")


def mappings(subject: Subject) -> Iterator[Finding]:
    """``neutron_ovs_bridge_mappings``: bridges that two networks have."""
    name = plan.LEGACY_MAPPINGS
    seen: dict[str, str] = {}
    for assigned in plan.legacy(subject, name):
        if first := seen.get(assigned.rest):
            yield INTERFACE_TAKEN.broken(
                f"{name}: the networks {first} and {assigned.network} "
                f"have the same bridge {assigned.rest}.",
                subject.values.origin(name),
                fix="Give each network a bridge of its own.",
            )
        seen.setdefault(assigned.rest, assigned.network)
