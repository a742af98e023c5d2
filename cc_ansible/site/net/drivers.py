"""What networking-generic-switch 9.1 knows, the version that is in the image."""

from __future__ import annotations

DEVICE_TYPES = frozenset(
    f"netmiko_{name}"
    for name in (
        "arista_eos",
        "aruba_aoscx",
        "brocade_fastiron",
        "cisco_ios",
        "cisco_nxos",
        "cisco_s300",
        "cumulus",
        "cumulus_nvue",
        "dell_enterprise_sonic",
        "dell_force10",
        "dell_os10",
        "dell_powerconnect",
        "fake",
        "hp_comware",
        "hpe_comware",
        "huawei",
        "huawei_vrpv8",
        "juniper",
        "mellanox_mlnxos",
        "nokia_srl",
        "ovs_linux",
        "pluribus",
        "ruijie",
        "sonic",
        "supermicro_smis",
    )
)
"""The drivers, by their ``device_type``."""

OTHER_FAMILIES = ("netmiko_", "netconf_", "restconf_", "corsa")
"""What names of further drivers start with, which an image of the site's own may have."""

ON_THIS_HOST = ("netmiko_ovs_linux", "netmiko_fake")
"""Drivers of switches that are programs, and may be on the control host itself."""

OPTIONS = frozenset(
    f"ngs_{name}"
    for name in (
        "allowed_ports",
        "allowed_vlans",
        "batch_requests",
        "disable_inactive_ports",
        "fake_failure_prob",
        "fake_sleep_max_s",
        "fake_sleep_min_s",
        "mac_address",
        "manage_vlans",
        "max_connections",
        "network_name_format",
        "physical_networks",
        "port_default_vlan",
        "save_configuration",
        "security_groups_enabled",
        "ssh_connect_interval",
        "ssh_connect_timeout",
        "ssh_disabled_algorithms",
        "ssh_reuse_connection",
        "switchport_mode",
        "trunk_ports",
    )
)
"""The options of its own; any other key goes to the driver's library."""
