"""What services need: other services, and groups with hosts. Plain data.

Flags and groups are those of the pinned Kolla-Ansible, with those of this project.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """A service that a flag turns on.

    ``needs`` are flags that must be on too; of each tuple among them, one. ``groups`` need a host.
    One that is ``harmless`` does nothing without what it needs, and breaks nothing.
    """

    title: str
    needs: tuple[str | tuple[str, ...], ...] = ()
    groups: tuple[str, ...] = ()
    harmless: bool = False


KEYSTONE, GLANCE, NOVA, NEUTRON = (
    "enable_keystone",
    "enable_glance",
    "enable_nova",
    "enable_neutron",
)
PLACEMENT, IRONIC, HEAT, CINDER = (
    "enable_placement",
    "enable_ironic",
    "enable_heat",
    "enable_cinder",
)
BLAZAR, K3S, TUNELO = "enable_blazar", "enable_k3s", "enable_tunelo"

SERVICES: dict[str, Service] = {
    KEYSTONE: Service("Keystone", groups=("keystone",)),
    GLANCE: Service("Glance", (KEYSTONE,), ("glance-api",)),
    PLACEMENT: Service("Placement", (KEYSTONE,), ("placement-api",)),
    NOVA: Service(
        "Nova",
        (KEYSTONE, PLACEMENT, GLANCE, NEUTRON),
        ("nova-api", "nova-conductor", "nova-scheduler"),
    ),
    NEUTRON: Service("Neutron", (KEYSTONE,), ("neutron-server",)),
    IRONIC: Service("Ironic", (KEYSTONE, GLANCE, NEUTRON), ("ironic-api", "ironic-conductor")),
    "enable_horizon": Service("Horizon", (KEYSTONE,), ("horizon",)),
    HEAT: Service("Heat", (KEYSTONE,), ("heat-api", "heat-engine")),
    BLAZAR: Service("Blazar", (KEYSTONE, (NOVA, K3S)), ("blazar-api", "blazar-manager")),
    CINDER: Service("Cinder", (KEYSTONE,), ("cinder-api", "cinder-scheduler", "cinder-volume")),
    "enable_cinder_backend_lvm": Service(
        "Cinder's LVM backend", (CINDER,), ("cinder-volume-lvm",), harmless=True
    ),
    "enable_manila": Service("Manila", (KEYSTONE,), ("manila-api", "manila-share")),
    "enable_manila_backend_generic": Service(
        "Manila's generic backend", ("enable_manila", NOVA, NEUTRON, CINDER)
    ),
    "enable_barbican": Service("Barbican", (KEYSTONE,), ("barbican-api",)),
    "enable_magnum": Service(
        "Magnum", (KEYSTONE, HEAT, NOVA, NEUTRON, GLANCE), ("magnum-api", "magnum-conductor")
    ),
    "enable_trove": Service(
        "Trove", (KEYSTONE, NOVA, NEUTRON, GLANCE, CINDER), ("trove-api", "trove-conductor")
    ),
    "enable_octavia": Service("Octavia", (KEYSTONE, NEUTRON), ("octavia-api", "octavia-worker")),
    "enable_octavia_jobboard": Service("Octavia's jobboard", ("enable_valkey",)),
    "enable_designate": Service("Designate", (KEYSTONE,), ("designate-api", "designate-central")),
    "enable_masakari": Service("Masakari", (KEYSTONE, NOVA), ("masakari-api", "masakari-engine")),
    "enable_mistral": Service("Mistral", (KEYSTONE,), ("mistral-api", "mistral-engine")),
    "enable_tacker": Service(
        "Tacker", (KEYSTONE, HEAT, NOVA, NEUTRON), ("tacker-server", "tacker-conductor")
    ),
    "enable_watcher": Service("Watcher", (KEYSTONE, NOVA), ("watcher-api", "watcher-engine")),
    "enable_cyborg": Service("Cyborg", (KEYSTONE, NOVA, PLACEMENT), ("cyborg-api",)),
    "enable_gnocchi": Service("Gnocchi", (KEYSTONE,), ("gnocchi-api", "gnocchi-metricd")),
    "enable_ceilometer": Service(
        "Ceilometer",
        (KEYSTONE, ("enable_gnocchi", "enable_ceilometer_prometheus_pushgateway")),
        ("ceilometer-central", "ceilometer-notification"),
    ),
    "enable_aodh": Service("Aodh", (KEYSTONE, "enable_gnocchi"), ("aodh-api", "aodh-evaluator")),
    "enable_cloudkitty": Service("CloudKitty", (KEYSTONE,), ("cloudkitty-api",)),
    "enable_skyline": Service("Skyline", (KEYSTONE,), ("skyline",)),
    "enable_ironic_neutron_agent": Service(
        "The Neutron agent for bare metal", (IRONIC, NEUTRON), ("ironic-neutron-agent",)
    ),
    "enable_ovn": Service("OVN", (NEUTRON, "enable_openvswitch"), ("ovn-nb-db", "ovn-sb-db")),
    "enable_letsencrypt": Service(
        "Let's Encrypt",
        ("enable_haproxy", ("kolla_enable_tls_external", "kolla_enable_tls_internal")),
        ("letsencrypt-lego",),
    ),
    "enable_ceph_rgw": Service("Ceph's object store", (KEYSTONE,)),
    "enable_mariadb": Service("MariaDB", groups=("mariadb",)),
    "enable_mariabackup": Service("Backups of the database", ("enable_mariadb",), harmless=True),
    "enable_proxysql": Service("ProxySQL", groups=("loadbalancer",)),
    "enable_rabbitmq": Service("RabbitMQ", groups=("rabbitmq",)),
    "enable_memcached": Service("Memcached", groups=("memcached",)),
    "enable_valkey": Service("Valkey", groups=("valkey",)),
    "enable_etcd": Service("etcd", groups=("etcd",)),
    "enable_haproxy": Service("HAProxy", groups=("loadbalancer",)),
    "enable_prometheus": Service("Prometheus", groups=("prometheus",)),
    "enable_grafana": Service("Grafana", groups=("grafana",)),
    "enable_central_logging": Service("Central logging", ("enable_fluentd",), harmless=True),
    "enable_opensearch": Service("OpenSearch", groups=("opensearch",)),
    "enable_doni": Service("Doni", (KEYSTONE, BLAZAR, (IRONIC, K3S, TUNELO))),
    "enable_k3s": Service("k3s", (NEUTRON,)),
    "enable_zun_compute_k8s": Service("Containers on Kubernetes", (K3S,)),
    "enable_tunelo": Service("Tunelo", (KEYSTONE, NEUTRON, "enable_neutron_wireguard")),
    "enable_neutron_wireguard": Service("WireGuard ports", (NEUTRON,)),
    "enable_blazar_allocation_enforcement": Service(
        "Enforcement of budgets", (BLAZAR,), harmless=True
    ),
    "blazar_enable_device_plugin_k8s": Service("Reservations of devices", (BLAZAR, K3S)),
}

USES_BUS = (NOVA, NEUTRON, IRONIC, HEAT, BLAZAR, CINDER, "enable_magnum", "enable_manila")
"""Services that talk over the message bus."""

USES_DATABASE = (KEYSTONE, GLANCE, PLACEMENT, *USES_BUS)
"""Services that keep their state in the database."""

AGENTS = {"neutron-dhcp-agent": "addresses", "neutron-l3-agent": "routers"}
"""Groups without which Neutron makes no networks, and what is missing then."""

CLUSTERS = {"mariadb": "enable_mariadb", "rabbitmq": "enable_rabbitmq", "etcd": "enable_etcd"}
"""Groups whose members vote, and the flag of their service."""

SHARED = frozenset(
    {
        *(flag for flag, service in SERVICES.items() if service.groups),
        "chi_scenario", "openstack_release", "openstack_tag", "openstack_region_name",
        "kolla_internal_vip_address", "kolla_external_vip_address", "kolla_internal_fqdn",
        "kolla_external_fqdn", "kolla_enable_tls_internal", "kolla_enable_tls_external",
        "kolla_enable_tls_backend", "kolla_container_engine", "database_address",
        "keepalived_virtual_router_id", "neutron_plugin_agent", "neutron_type_drivers",
        "neutron_tenant_network_types", "neutron_networks", "switch_configs",
        "keystone_admin_project", "keystone_admin_user", "keystone_identity_providers",
        "chameleon_site_name", "keystone_idp_client_id",
    }
)  # fmt: skip
"""Variables that say something about the whole site: hosts must agree on them."""
