"""Rules about how APIs, networks and instances fit together; many are Kolla's own prechecks."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.site.facts import Facts, facts
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.subject import Subject

NO_BALANCER = error("no-balancer", "APIs answer at the address that is given out for them")
NO_FAILOVER = warning("no-failover", "The address of the APIs moves when a host fails")
TLS_COMBINATION = error("tls-combination", "TLS is on only with HAProxy, which speaks it")
PLUGIN_MISMATCH = error("plugin-mismatch", "Neutron's plugin and its services are of one kind")
AGENT_HA = error("agent-ha", "Agents that take over from each other are at least two")
NO_COMPUTE = error("no-compute", "Instances have somewhere to run")
NO_HYPERVISOR = warning("no-hypervisor", "Hypervisors run libvirt")

TLS = ("kolla_enable_tls_external", "kolla_enable_tls_internal")
PLUGIN, OVS, OVN = "neutron_plugin_agent", "enable_openvswitch", "enable_ovn"


def balancing(subject: Subject) -> Iterator[Finding]:
    """HAProxy answers for the APIs and the database, keepalived moves the address."""
    asked = facts(subject)
    control, balancers = asked.hosts("control"), asked.hosts("loadbalancer")
    if asked.off("enable_haproxy"):
        if len(control) > 1:
            yield NO_BALANCER.broken(
                f"enable_haproxy is off, but there are {len(control)} control hosts.",
                asked.place("enable_haproxy"),
                fix="Remove the line, or keep one control host.",
            )
        return
    if asked.off("enable_keepalived") and len(balancers) > 1 and asked.off("enable_hacluster"):
        yield NO_FAILOVER.broken(
            f"enable_keepalived is off, so nothing moves the VIP between {len(balancers)} hosts.",
            asked.place("enable_keepalived"),
            fix="Remove the line, unless something else moves the address.",
        )
    database = ("enable_external_mariadb_load_balancer", "enable_proxysql")
    here = asked.on("enable_mariadb") and not asked.written("database_address")
    if here and all(map(asked.off, database)):
        yield NO_BALANCER.broken(
            "Neither ProxySQL nor HAProxy answers for the database at the internal VIP.",
            asked.place(*database),
            fix=f"Set `{database[0]}: true` (HAProxy).",
        )


def tls(subject: Subject) -> Iterator[Finding]:
    """TLS ends at HAProxy."""
    asked = facts(subject)
    on = [flag for flag in TLS if asked.on(flag)]
    if on and asked.off("enable_haproxy"):
        for flag in on:
            yield TLS_COMBINATION.broken(
                f"{flag} is on, but HAProxy, which would speak TLS, is off.",
                asked.place(flag, "enable_haproxy"),
                fix=f"Set `enable_haproxy: true`, or `{flag}: false`.",
            )


def neutron(subject: Subject) -> Iterator[Finding]:
    """The plugin that is chosen, its services, and the types of networks it makes."""
    asked = facts(subject)
    if not asked.on("enable_neutron"):
        return
    plugin = asked.value(PLUGIN)
    if plugin in ("openvswitch", "ovn") and asked.off(OVS):
        yield PLUGIN_MISMATCH.broken(
            f"{PLUGIN} is {plugin}, but {OVS} is off.",
            asked.place(OVS, PLUGIN),
            fix=f"Set `{OVS}: true`.",
        )
    if (plugin == "ovn" and asked.off(OVN)) or (plugin == "openvswitch" and asked.on(OVN)):
        state = "on" if asked.on(OVN) else "off"
        yield PLUGIN_MISMATCH.broken(
            f"{PLUGIN} is {plugin}, but {OVN} is {state}.",
            asked.place(OVN, PLUGIN),
            fix=f"Remove `{OVN}`; it follows from {PLUGIN}.",
        )
    yield from _agents(asked)


def instances(subject: Subject) -> Iterator[Finding]:
    """Nova has bare metal or hypervisors, and these have libvirt."""
    asked = facts(subject)
    if not asked.on("enable_nova"):
        return
    if asked.off("enable_ironic") and asked.is_empty("compute"):
        yield NO_COMPUTE.broken(
            "Nova is on, but there is neither Ironic nor a host in the group compute.",
            asked.place("enable_ironic", "enable_nova"),
            fix="Set `enable_ironic: true`, or list hypervisors below [compute].",
        )
    kvm = asked.value("nova_compute_virt_type") in ("kvm", "qemu")
    flag = "enable_nova_libvirt_container"
    if asked.hosts("compute") and kvm and asked.off(flag) and not asked.written(flag):
        yield NO_HYPERVISOR.broken(
            f"The group compute has hosts, but {flag} is off.",
            subject.survey.places.group("compute"),
            fix=f"Set `{flag}: true`; false where libvirt runs on the hosts themselves.",
        )


def _agents(asked: Facts) -> Iterator[Finding]:
    flag = "enable_neutron_agent_ha"
    if asked.on(flag) and asked.subject.survey.inventory_whole:
        for group in ("neutron-dhcp-agent", "neutron-l3-agent"):
            if len(asked.hosts(group)) < 2:
                yield AGENT_HA.broken(
                    f"{flag} is on, but {group} has {len(asked.hosts(group))} host.",
                    asked.place(flag),
                    fix="List a second host below [network], or remove the line.",
                )
