"""The lab's site config: an ordinary one, whose hosts happen to be containers here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cc_ansible.lab import metal
from cc_ansible.lab.spec import (
    DEFAULT_VLAN,
    PROVISIONING_VLAN,
    PUBLIC_INTERFACE,
    REGISTRY_PORT,
    SWITCH,
    TENANT_INTERFACE,
    TENANT_NETWORK,
    Lab,
)

# Nobody runs these: hypervisors, and Ironic's own DHCP server (machines get their addresses
# from Neutron).
EMPTY_GROUPS = ("compute", "ironic-dnsmasq")

IMAGE = "cc-lab"
"""The image of nodes without hardware: nothing of it ever runs."""

BOOT_FILES = {"kernel": "aki", "ramdisk": "ari"}
"""What it boots with, and Glance's names of the formats."""

IRONIC_CONF = """\
# Machines are switched on by their controllers. Nodes without hardware are made in tests: their
# power and boot device are only remembered; all else is done as for any machine.
[DEFAULT]
enabled_hardware_types = redfish,fake-hardware
enabled_bios_interfaces = no-bios
enabled_boot_interfaces = ipxe,fake
default_boot_interface = ipxe
enabled_console_interfaces = no-console
enabled_deploy_interfaces = direct,ramdisk,fake
default_deploy_interface = ramdisk
enabled_firmware_interfaces = no-firmware
enabled_inspect_interfaces = agent,no-inspect
default_inspect_interface = no-inspect
enabled_management_interfaces = redfish,fake
enabled_power_interfaces = redfish,fake
enabled_raid_interfaces = no-raid
enabled_rescue_interfaces = no-rescue
enabled_storage_interfaces = noop
enabled_vendor_interfaces = no-vendor

[conductor]
automated_clean = false
# Whoever breaks a machine here wants to see what comes of it in minutes.
sync_power_state_interval = 30
power_state_sync_max_retries = 1
power_failure_recovery_interval = 60
deploy_callback_timeout = 360
clean_callback_timeout = 360
inspect_wait_timeout = 360

[deploy]
# What was on the disk is forgotten, not overwritten. A ramdisk that runs is used again.
erase_devices_priority = 0
erase_devices_metadata_priority = 10
fast_track = true

[agent]
image_download_source = http
"""

NOVA_CONF = """\
# A node that is new, or free again, can be used after Nova's next look at it. There are few here.
[DEFAULT]
update_resources_interval = 20
"""


def inventory(lab: Lab) -> str:
    """The lab's inventory/hosts, in INI form like any site's."""
    hosts = "\n".join(f"{node.name} ansible_host={node.address}" for node in lab.nodes)
    roles = "\n\n".join(
        f"[{group}:children]\ncontrol" for group in ("network", "storage", "monitoring")
    )
    empty = "\n\n".join(f"[{group}]" for group in EMPTY_GROUPS)
    ssh = f"-o UserKnownHostsFile={lab.known_hosts} -o IdentitiesOnly=yes"
    return (
        f"[control]\n{hosts}\n\n{roles}\n\n"
        "[deployment]\nlocalhost ansible_connection=local\n\n"
        f"# Nobody runs these in the lab.\n{empty}\n\n"
        "[control:vars]\n"
        "ansible_user=root\n"
        "ansible_python_interpreter=/usr/bin/python3\n"
        f"ansible_ssh_private_key_file={lab.ssh_key}\n"
        f"ansible_ssh_common_args='{ssh}'\n"
    )


def settings(lab: Lab) -> dict[str, Any]:
    """What the lab's defaults.yml says."""
    public = lab.routed["public"]
    return {
        "chi_scenario": "lab",
        "kolla_internal_vip_address": lab.vip,
        "network_interface": "eth0",
        # Each network names its own.
        "neutron_external_interface": None,
        "neutron_networks": _networks(lab),
        "blazar_floating_ips": [f"{public.address(200)}-{public.address(209)}"],
        "switch_configs": [_switch(lab)],
        "ironic_provisioning_network_vlan": PROVISIONING_VLAN,
        "ironic_provisioning_network_cidr": lab.routed["provisioning"].cidr,
        "ironic_provisioning_network_gateway": lab.routed["provisioning"].gateway,
        "cloud_images": _images(),
        "docker_registry": f"{lab.registry_address}:{REGISTRY_PORT}",
        "docker_registry_insecure": True,
        # The nodes share this machine's kernel.
        "kernel_loads_modules": Path("/proc/modules").exists(),
    }


def _networks(lab: Lab) -> list[dict[str, Any]]:
    """The outside, and the network of the machines."""
    public = lab.routed["public"]
    return [
        {
            "name": "public",
            "bridge_name": "br-ex",
            "external_interface": PUBLIC_INTERFACE,
            "network_type": "flat",
            "cidr": public.cidr,
            "gateway_ip": public.gateway,
            "allocation_pools": [{"start": public.address(100), "end": public.address(199)}],
        },
        {
            "name": TENANT_NETWORK,
            "bridge_name": "br-tenant",
            "external_interface": TENANT_INTERFACE,
            "on_demand_vlan_ranges": ["200:249"],
            "reservable_vlan_ranges": ["300:309"],
            "sharednet": {"cidr": "10.140.80.0/24", "vlan": 150},
        },
    ]


def _images() -> list[dict[str, Any]]:
    """What Ironic deploys on a machine without hardware: a kernel and a ramdisk, in name only."""
    boot = [
        {
            "name": f"{IMAGE}-{kind}",
            "file": f"lab/{kind}",
            "disk_format": form,
            "container_format": form,
        }
        for kind, form in BOOT_FILES.items()
    ]
    named = {kind: f"{IMAGE}-{kind}" for kind in BOOT_FILES}
    return [*boot, {"name": IMAGE, "file": "lab/disk", "disk_format": "raw", **named}]


def _switch(lab: Lab) -> dict[str, Any]:
    return {
        "name": SWITCH,
        "device_type": "netmiko_ovs_linux",
        "address": lab.switch_address,
        "auth": {"username": "ngs", "use_ssh_key": True},
        "ngs_config": {"ngs_port_default_vlan": DEFAULT_VLAN},
    }


def files(lab: Lab) -> dict[str, str]:
    """Further files of the lab's site config: path -> content."""
    contents = {f"lab/{kind}": f"{kind} of the lab\n" for kind in (*BOOT_FILES, "disk")}
    contents |= metal.files(lab)
    configs = {"ironic.conf": IRONIC_CONF, "nova.conf": NOVA_CONF}
    return contents | {f"node_custom_config/{name}": text for name, text in configs.items()}
