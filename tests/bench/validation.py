"""How long validate takes, for a small site and for one with many machines; needs no lab.

python -m tests.bench.validation
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from cc_ansible.paths import PROJECT, VENV_BIN
from cc_ansible.site import init
from cc_ansible.site.discover import Proposal

CC_ANSIBLE = str(PROJECT / "cc-ansible")
NODES = 1000
SETTINGS = {
    "neutron_networks": [{"name": "physnet1", "bridge_name": "br-tenant"}],
    "switch_configs": [
        {
            "name": f"tor{rack}",
            "device_type": "netmiko_dell_os10",
            "address": f"10.30.0.{rack + 2}",
            "auth": {"username": "ngs", "password": "{{ keystone_admin_password }}"},
            "ngs_config": {},
        }
        for rack in range(NODES // 40)
    ],
}
HEAD = """\
calendars:
  weekends:
    timezone: America/Chicago
    windows:
      - Fri 18:00 to Mon 06:00
    exceptions:
      - 2026-12-24 to 2026-12-26
hardware:
"""
NODE = """\
  - name: node-{i:04}
    type: baremetal
    node_type: compute_skylake
    calendar: weekends
    placement: {{rack: r{rack}, node: "{i}"}}
    bmc:
      protocol: redfish
      address: 10.31.{high}.{low}
      username: root
      password: "{{{{ keystone_admin_password }}}}"
      terminal_port: {console}
    ports:
      - {{name: eno1, mac: "02:00:00:00:{high:02x}:{low:02x}", switch: tor{rack}, port: "ethernet1/1/{slot}", physical_network: physnet1}}
      - {{name: eno2, mac: "02:00:00:01:{high:02x}:{low:02x}", switch: tor{rack}, port: "ethernet1/2/{slot}", physical_network: physnet1, pxe: false}}
"""  # noqa: E501


def hardware(nodes: int) -> str:
    """A file with so many machines, every key of them written out."""
    items = [
        NODE.format(
            i=i, rack=i // 40, slot=i % 40 + 1, high=i // 250, low=i % 250 + 1, console=10000 + i
        )
        for i in range(nodes)
    ]
    return HEAD + "".join(items)


def site(home: Path, nodes: int) -> Path:
    """A new site with so many machines."""
    target = home / f"site-{nodes}"
    proposal = Proposal(
        host="control1",
        address="10.20.0.11",
        vip="10.20.0.250",
        network_interface="eno1",
        neutron_external_interface="eno2",
    )
    files = {"hardware/nodes.yml": hardware(nodes)} if nodes else {}
    init.create(target, "independent", proposal=proposal, settings=SETTINGS, files=files)
    return target


def seconds(*words: str) -> float:
    start = time.monotonic()
    subprocess.run(words, check=False, capture_output=True)
    return time.monotonic() - start


def best(*words: str, of: int = 5) -> float:
    return min(seconds(*words) for _ in range(of))


def main() -> None:
    yaml = "import sys, yaml; yaml.load(open(sys.argv[1]), yaml.CSafeLoader)"
    with tempfile.TemporaryDirectory() as scratch:
        for nodes in (0, NODES):
            place = site(Path(scratch), nodes)
            ours = best(CC_ANSIBLE, "-s", str(place), "validate")
            start = best(CC_ANSIBLE, "--version")
            text = f"validate, {nodes} machines" if nodes else "validate, no machines"
            print(f"{text:<28} {ours:8.2f} s  {ours / start:5.1f} x --version ({start:.2f} s)")
        words = [str(VENV_BIN / "python"), "-c", yaml, str(place / "hardware/nodes.yml")]
        print(f"{'only reading that YAML':<28} {best(*words):8.2f} s")


if __name__ == "__main__":
    main()
