"""The lab's site config: an ordinary one, whose hosts happen to be containers here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cc_ansible.lab.spec import REGISTRY_PORT, Lab

# Nobody runs these: hypervisors, agents that need a kernel data path, and Ironic's own DHCP
# server (machines get their addresses from Neutron).
EMPTY_GROUPS = (
    "compute",
    "ironic-dnsmasq",
    "neutron-dhcp-agent",
    "neutron-l3-agent",
    "neutron-metadata-agent",
    "openvswitch",
)

IRONIC_CONF = """\
# Ironic manages fake machines only: every power, deploy and boot step succeeds at once.
[DEFAULT]
enabled_hardware_types = fake-hardware
enabled_bios_interfaces = no-bios
enabled_boot_interfaces = fake
enabled_console_interfaces = no-console
enabled_deploy_interfaces = fake
enabled_firmware_interfaces = no-firmware
enabled_inspect_interfaces = no-inspect
enabled_management_interfaces = fake
enabled_network_interfaces = noop
default_network_interface = noop
enabled_power_interfaces = fake
enabled_raid_interfaces = no-raid
enabled_rescue_interfaces = no-rescue
enabled_storage_interfaces = noop
enabled_vendor_interfaces = no-vendor

[conductor]
automated_clean = false
sync_power_state_interval = 30
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
    return {
        "chi_scenario": "lab",
        "kolla_internal_vip_address": lab.vip,
        "network_interface": "eth0",
        "neutron_external_interface": "eth1",
        "docker_registry": f"{lab.registry_address}:{REGISTRY_PORT}",
        "docker_registry_insecure": True,
        # The nodes share this machine's kernel.
        "kernel_loads_modules": Path("/proc/modules").exists(),
    }


def files() -> dict[str, str]:
    """Further files of the lab's site config: path -> content."""
    return {"node_custom_config/ironic.conf": IRONIC_CONF}
