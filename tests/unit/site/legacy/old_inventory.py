"""The inventory that the old wrapper gave to sites, and that they carried along."""

from __future__ import annotations

# The part of the old sample inventory that these tests need: group -> what it held.
SAMPLE: dict[str, list[str]] = {
    "baremetal": ["control", "network", "compute", "storage", "monitoring"],
    "hammers": ["control"],
    "chameleon_usage": ["mariadb"],
    "precis": ["control"],
    "vendordata": ["control"],
    "tls-backend": ["control"],
    "common": ["control", "network", "compute", "storage", "monitoring"],
    "grafana": ["monitoring"],
    "etcd": ["control", "compute"],
    "prometheus": ["monitoring"],
    "kibana": ["control"],
    "elasticsearch": ["control"],
    "haproxy": ["network"],
    "mariadb": ["control"],
    "rabbitmq": ["control"],
    "outward-rabbitmq": ["control"],
    "memcached": ["control"],
    "keystone": ["control"],
    "glance": ["control"],
    "nova": ["control"],
    "neutron": ["network"],
    "openvswitch": ["network", "compute", "manila-share"],
    "swift": ["control"],
    "ironic": ["control"],
    "zun": ["control"],
    "redis": ["control"],
    "blazar": ["control"],
    "doni": ["control"],
    "glance-api": ["glance"],
    "nova-api": ["nova"],
    "nova-compute-ironic": ["nova"],
    "neutron-server": ["control"],
    "ironic-api": ["ironic"],
    "ironic-conductor": ["ironic"],
    "ironic-inspector": ["ironic"],
    "ironic-ipxe": ["ironic"],
    "ironic-pxe": ["ironic"],
    "zun-api": ["zun"],
    "zun-compute": ["compute"],
    "manila-share": ["network"],
    "prometheus-haproxy-exporter": ["haproxy"],
    "prometheus-elasticsearch-exporter": ["elasticsearch"],
    "doni-api": ["doni"],
    "doni-worker": ["doni"],
}
HEAD = """\
# These initial groups are the only groups required to be modified.
[control]
{control}

[network]
{network}

[compute]
{compute}

[monitoring]
{control}

[storage]
{control}

[deployment]
localhost ansible_connection=local
"""


def inventory(control: str, network: str = "", compute: str = "", more: str = "") -> str:
    """A copy of the sample inventory with hosts filled in, as sites carried it."""
    head = HEAD.format(control=control, network=network or control, compute=compute)
    body = "".join(
        f"\n# Service {group}\n[{group}:children]\n" + "\n".join(children) + "\n"
        for group, children in SAMPLE.items()
    )
    return head + body + more
