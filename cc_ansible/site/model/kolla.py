"""Settings of Kolla-Ansible whose values it compares with a few words, or that have a form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from cc_ansible.site.model.forms import Strict
from cc_ansible.site.model.setting_types import (
    Count,
    Duration,
    Names,
    Namespace,
    OptionalEmail,
    OptionalUrl,
    Registry,
    SiteName,
    Tag,
    Text,
    Whole,
)


def _word(value: Any) -> Any:
    """``no`` is the word that YAML takes for false."""
    return "no" if value is False else value


class Images(Strict):
    """Which images run, and where they come from."""

    openstack_release: Text | None = None
    """The OpenStack release."""

    openstack_tag: Tag | None = None
    """The tag of images."""

    kolla_base_distro: Literal["centos", "debian", "rocky", "ubuntu"] | None = None
    """The distribution in images."""

    kolla_container_engine: Literal["docker", "podman"] | None = None
    """What runs containers."""

    docker_registry: Registry | None = None
    """The registry of images: HOST or HOST:PORT; empty for none."""

    docker_namespace: Namespace | None = None
    """The path of images in the registry."""

    docker_restart_policy: Annotated[
        Literal["no", "on-failure", "always", "unless-stopped"] | None, BeforeValidator(_word)
    ] = None
    """When containers are started again."""

    config_strategy: Literal["COPY_ONCE", "COPY_ALWAYS"] | None = None
    """When containers take their configuration over."""


class Choices(Strict):
    """Settings with a few possible values."""

    openstack_region_name: SiteName | None = None
    """The region's name."""

    multiple_regions_names: Names | None = None
    """All regions that share this Keystone."""

    openstack_interface: Literal["public", "internal", "admin"] | None = None
    """The endpoints that playbooks use."""

    om_rpc_transport: Literal["rabbit", "amqp"] | None = None
    """How services call each other."""

    om_notify_transport: Literal["rabbit"] | None = None
    """How services send notifications."""

    kolla_haproxy_ssl_settings: Literal["modern", "intermediate", "legacy"] | None = None
    """Which versions of TLS are offered."""

    neutron_plugin_agent: Literal["openvswitch", "ovn"] | None = None
    """What connects instances."""

    neutron_ipam_driver: Literal["internal", "infoblox"] | None = None
    """What gives addresses out."""

    neutron_compute_dvr_mode: Literal["dvr", "dvr_no_external"] | None = None
    """What hypervisors route."""

    nova_compute_virt_type: Literal["kvm", "qemu", "none"] | None = None
    """How hypervisors run instances."""

    nova_console: Literal["none", "novnc", "spice"] | None = None
    """The graphical console of instances."""

    horizon_session_cache_backend: Literal["valkey", "memcached", "disabled"] | None = None
    """Where the dashboard keeps sessions."""

    barbican_crypto_plugin: Literal["simple_crypto", "p11_crypto"] | None = None
    """How secrets of users are encrypted."""

    cinder_coordination_backend: Literal["", "valkey", "etcd"] | None = None
    """What coordinates volume services."""

    cinder_backup_driver: Literal["nfs", "ceph", "s3"] | None = None
    """Where backups of volumes go."""

    designate_backend: Literal["bind9", "infoblox", "no"] | None = None
    """The DNS server."""

    designate_coordination_backend: Literal["", "valkey"] | None = None
    """What coordinates DNS services."""

    gnocchi_backend_storage: Literal["file", "ceph"] | None = None
    """Where measurements are."""

    gnocchi_incoming_storage: Literal["", "valkey"] | None = None
    """Where new measurements are."""

    ironic_coordination_backend: Literal["", "valkey", "etcd"] | None = None
    """What coordinates conductors."""

    masakari_coordination_backend: Literal["", "valkey", "etcd"] | None = None
    """What coordinates Masakari."""

    octavia_network_type: Literal["tenant", "provider"] | None = None
    """The kind of network that amphorae are managed by."""

    octavia_loadbalancer_topology: Literal["SINGLE", "ACTIVE_STANDBY"] | None = None
    """How many amphorae a load balancer has."""

    mariadb_backup_target: Literal["replica", "active"] | None = None
    """Which database server is backed up."""

    osprofiler_backend: Literal["elasticsearch", "opensearch", "redis", "valkey"] | None = None
    """Where profiles are kept."""


class Forms(Strict):
    """Settings with a form."""

    fernet_token_expiry: Annotated[Whole, Field(le=604800)] | None = None
    """Seconds for which tokens are valid, at most a week."""

    openstack_service_workers: Count | None = None
    """Processes of each API."""

    openstack_service_rpc_workers: Count | None = None
    """Processes of each service behind an API."""

    mariadb_innodb_log_file_size_mb: Annotated[Count, Field(ge=4, le=524288)] | None = None
    """Megabytes of the database's log."""

    letsencrypt_email: OptionalEmail = None
    """Who is told when certificates expire."""

    letsencrypt_external_cert_server: OptionalUrl = None
    """The ACME server for the external certificate."""

    letsencrypt_internal_cert_server: OptionalUrl = None
    """The ACME server for the internal certificate."""

    prometheus_scrape_interval: Duration | None = None
    """How often measurements are taken."""

    prometheus_openstack_exporter_timeout: Duration | None = None
    """How long one measurement may take."""

    docker_client_timeout: Count | None = None
    """Seconds that the container engine may take to answer."""

    docker_graceful_timeout: Count | None = None
    """Seconds that a container has to stop."""


MODELS = (Images, Choices, Forms)
