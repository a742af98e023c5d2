"""Settings of the services that make a site a testbed: reservations, edge devices, backups."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from cc_ansible.site.model.forms import Host, Strict
from cc_ansible.site.model.setting_types import (
    Amount,
    Count,
    Flag,
    Limit,
    Names,
    OptionalText,
    OptionalUrl,
    Regex,
    ResourceProperties,
    Seconds,
    Text,
    Trait,
    Url,
    Whole,
)


class Reservations(Strict):
    """Blazar: how long and of what leases may be."""

    enable_blazar_allocation_enforcement: Flag | None = None
    """Whether leases are checked against the budgets of projects."""

    blazar_default_max_lease_duration: Limit | None = None
    """Seconds that a lease may last; -1 for no limit."""

    blazar_max_lease_duration_exempt_project_ids: Names | None = None
    """Ids of projects whose leases may be longer."""

    blazar_default_reservation_extension_window: Seconds | None = None
    """Seconds before its end in which a lease may be extended."""

    blazar_minutes_before_end_lease: Whole | None = None
    """Minutes before its end at which Blazar announces the end of a lease; 0 for never."""

    blazar_email_relay: Host | None = None
    """The mail server for these mails."""

    blazar_project_enforcement_id: OptionalText = None
    """The field of a project by which its budget is found."""

    blazar_external_service_endpoint: Url | None = None
    """The service that is asked about budgets."""

    blazar_usage_default_allocated: Amount | None = None
    """Service units of a project that has no budget."""

    blazar_usage_db_host: Host | None = None
    """Where usage is counted."""

    blazar_usage_project_exemptions: Names | None = None
    """Projects that no budget limits."""

    blazar_floatingip_billrate: Amount | None = None
    """Service units for an hour of a floating address."""

    blazar_floatingip_reservation_network: OptionalText = None
    """The network whose floating addresses are reserved."""

    blazar_floatingip_reservation_network_id: OptionalText = None
    """The id of that network."""

    blazar_floatingip_reservation_network_regex: Regex | None = None
    """Names of networks whose floating addresses are reserved."""

    blazar_host_default_resource_properties: ResourceProperties | None = None
    """What is reserved when a request for a host names nothing."""

    blazar_host_retry_without_default_resources: Flag | None = None
    """Whether any host will do when none of these is free."""

    blazar_network_default_resource_properties: ResourceProperties | None = None
    """What is reserved when a request for a network names nothing."""

    blazar_network_retry_without_default_resources: Flag | None = None
    """Whether any network will do when none of these is free."""

    blazar_enable_plugin_network: Flag | None = None
    """Whether networks can be reserved."""

    blazar_enable_device_plugin_k8s: Flag | None = None
    """Whether edge devices can be reserved."""

    blazar_host_url_format: OptionalText = None
    """The page that describes a host, with a place for its id."""

    blazar_api_allocation_extras: Text | list[Text] | None = None
    """Further fields that the list of allocations shows."""

    blazar_enable_flavor_reservation: Flag | None = None
    """Whether virtual machines of a flavor can be reserved."""

    blazar_flavor_reservation_trait: Trait | None = None
    """The trait of hosts for such machines."""

    blazar_randomize_hosts: Flag | None = None
    """Whether free hosts are picked at random."""

    blazar_cleaning_time_minutes: Whole | None = None
    """Minutes between two leases of a host or network."""

    blazar_filter_vm_hosts: Flag | None = None
    """Whether hypervisors are left out of reservations of hosts."""

    blazar_filter_ironic_hosts: Flag | None = None
    """Whether bare metal is left out of reservations of virtual machines."""

    use_blazar_prefilter: Flag | None = None
    """Whether Nova asks Placement for reserved hosts only."""


class Lending(Strict):
    """When hardware is lent."""

    hardware_horizon_days: Count | None = Field(default=None, le=1000)
    """Days from now for which windows are computed; what comes later cannot be reserved yet."""


class Taint(Strict):
    """What keeps other work off the devices of users."""

    key: Text
    """Its key."""

    value: Text
    """Its value."""

    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
    """What it does."""


class Edge(Strict):
    """Devices of users, reached through tunnels."""

    enable_doni: Flag | None = None
    """Whether hardware is enrolled by users."""

    enable_k3s: Flag | None = None
    """Whether devices run containers."""

    enable_zun_compute_k8s: Flag | None = None
    """Whether containers of users are scheduled by Kubernetes."""

    enable_tunelo: Flag | None = None
    """Whether tunnels to devices are made on demand."""

    enable_neutron_wireguard: Flag | None = None
    """Whether Neutron has ports at the ends of tunnels."""

    neutron_wireguard_create_hub_in_root_netns: Flag | None = None
    """Whether the hub of the tunnels is an interface of the host itself."""

    doni_enable_worker_taint: Flag | None = None
    """Whether devices are tainted when they are enrolled."""

    zun_tolerate_worker_taint: Flag | None = None
    """Whether containers of users tolerate that taint."""

    worker_taint: Taint | None = None
    """The taint."""

    k8s_worker_taint: Taint | None = None
    """The taint, as it was called before."""

    k3s_version: OptionalText = None
    """The release of k3s."""

    k3s_port: Count | None = None
    """The port of the Kubernetes API."""

    k3s_server_port: Count | None = None
    """The port of the Kubernetes API, as it was called before."""

    k3s_server_ip: Host | None = None
    """The address of the Kubernetes API."""

    k3s_cluster_cidr: OptionalText = None
    """Addresses of containers."""

    k3s_cluster_node_blocksize: Whole | None = Field(default=None, le=32)
    """The prefix length of one device's part of these addresses."""

    k3s_extra_server_args: Text | Literal[""] | None = None
    """Further arguments of the k3s server."""

    k3s_dry_run: Flag | None = None
    """Whether nothing is changed in Kubernetes."""

    k3s_enable_calico: Flag | None = None
    """Whether Calico connects the containers."""

    k3s_calico_version: OptionalText = None
    """The release of Calico."""

    k3s_enable_registry_proxy: Flag | None = None
    """Whether images of devices come through a proxy."""

    k3s_nvidia_device_plugin_version: OptionalText = None
    """The release of the plugin for GPUs."""

    k3s_smarter_device_plugin_version: OptionalText = None
    """The release of the plugin for other devices."""


class Care(Strict):
    """What keeps a site healthy."""

    hammers_openstack_user: OptionalText = None
    """The user by which hammers repair."""

    hammers_openstack_password: OptionalText = None
    """Its password; it belongs into passwords.yml."""

    hammers_openstack_project_name: OptionalText = None
    """Its project."""

    hammers_docker_image: OptionalText = None
    """The image of the hammers."""

    hammers_mysql_user: OptionalText = None
    """The database user of the hammers."""

    hammers_mysql_host: Host | None = None
    """The database of the hammers."""

    hammers: dict[str, Any] | None = None
    """Hammers and when they run."""

    redfish_monitor_openstack_user: OptionalText = None
    """The user that may read addresses of BMCs."""

    redfish_monitor_openstack_password: OptionalText = None
    """Its password; it belongs into passwords.yml."""

    redfish_monitor_openstack_project_name: OptionalText = None
    """Its project."""

    redfish_monitor_minute_interval: Count | None = None
    """Minutes between two measurements."""

    backup_dir: OptionalText = None
    """Where backups are, as it was called before."""

    backup_location: OptionalText = None
    """Where backups are: a volume or a directory."""

    backup_database_user: OptionalText = None
    """The database user that makes backups."""

    mysqldump_location: OptionalText = None
    """Where dumps of an external database are."""

    mariadb_backup_file_age: Count | None = None
    """Days for which backups are kept."""

    mariadb_backup_retention: OptionalText = None
    """Days for which remote backups are kept."""

    mariadb_backup_s3_key_id: OptionalText = None
    """The key id of the object store for backups."""

    mariadb_backup_s3_endpoint: OptionalUrl = None
    """The object store for backups."""

    mariadb_backup_container_name: OptionalText = None
    """The container of that object store."""

    audit_blazar_computehosts: Flag | None = None
    """Whether changes of reservable hosts are recorded."""

    audit_blazar_computehost_extra_capabilities: Flag | None = None
    """Whether changes of their properties are recorded."""

    audit_blazar_resource_properties: Flag | None = None
    """Whether changes of known properties are recorded."""

    audit_nova_compute_nodes: Flag | None = None
    """Whether changes of compute nodes are recorded."""

    audit_nova_services: Flag | None = None
    """Whether changes of Nova's services are recorded."""

    audit_nova_instances: Flag | None = None
    """Whether changes of instances are recorded."""

    audit_ironic_nodes: Flag | None = None
    """Whether changes of bare metal are recorded."""


class Storage(Strict):
    """Images, objects and shares."""

    glance_allow_anonymous_access: Flag | None = None
    """Whether public images can be read without signing in."""

    enable_swift_rgw: Flag | None = None
    """Whether objects are stored in an external Ceph."""

    default_share_type: OptionalText = None
    """The type of shares that name none."""

    ironic_image_cache_size: Count | None = None
    """Megabytes of images that Ironic keeps."""

    ironic_cleaning_network: OptionalText = None
    """The network in which machines are cleaned."""

    ironic_pxe_append_params: OptionalText = None
    """Kernel parameters of machines that are deployed."""

    ironic_deploy_kernel: OptionalText = None
    """The image of the kernel that deploys machines."""

    ironic_deploy_ramdisk: OptionalText = None
    """The image of the ramdisk that deploys machines."""

    ironic_erase_devices_metadata_during_deploy: Flag | None = None
    """Whether disks lose their partitions before each deployment."""


MODELS = (Reservations, Lending, Edge, Care, Storage)
