"""What the lab's site config says of its machines, as that of any site says it of its own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cc_ansible.lab.machines import PASSWORD, USER
from cc_ansible.lab.spec import SWITCH, SWITCH_ID, TENANT_NETWORK, Lab, Machine
from cc_ansible.site import vault, yamlfile

if TYPE_CHECKING:
    from cc_ansible.hardware.work import Result
    from cc_ansible.site.load import Site
    from cc_ansible.site.secrets.store import Store

NODE_TYPE = "compute_lab"
RAMDISK, IMAGE = "lab-agent-ramdisk", "debian-13"
"""Appliances: what deploys the machines, and what users get on them."""
USER_OF_IMAGE = "cc"
PORT = "eno1"
HARDWARE, IMAGES = "hardware/lab.yml", "images/lab.yml"
HEAD = "# Written by `cc-ansible lab up`.\n"
ENROL_SECONDS = 1200.0
"""For inspecting and cleaning a machine that is emulated; it boots twice for that."""


def files(lab: Lab) -> dict[str, str]:
    """Path -> content; a lab without machines needs none."""
    if not lab.machines:
        return {}
    return {
        HARDWARE: HEAD + yamlfile.dump(_hardware(lab)),
        IMAGES: HEAD + yamlfile.dump(_images()),
    }


def declare(lab: Lab, store: Store) -> str:
    """See that the site config has these files as the lab is now; the password of controllers.

    Raises:
        SiteInvalid: the site's passwords cannot be read or written.
    """
    from cc_ansible.site.secrets import changes

    for name, text in files(lab).items():
        file = lab.site / name
        if not file.exists() or file.read_text() != text:
            vault.replace(file, text, mode=0o644)
    seen = store.read()
    if PASSWORD not in seen.values:
        new = secrets.token_urlsafe(24)
        store.write(changes.apply(seen.text, changes.Changes({PASSWORD: new})), seen)
        return new
    return str(seen.values[PASSWORD])


def publish(site: Site) -> None:
    """Build what machines are deployed with, and write down that the site has it.

    That they work is seen when they are used: no tests are asked for.

    Raises:
        CcError: it cannot be built.
    """
    from cc_ansible.appliances import building, catalogue, publishing
    from cc_ansible.appliances.store import Store as Images

    found = catalogue.load(site.path)
    names, arches = (RAMDISK, IMAGE), ("x86_64",)
    asked = building.Asked(names, arches, jobs=min(len(names), os.cpu_count() or 1))
    building.require_success(building.build(found, building.plans(found, asked), asked))
    before = publishing.published(site)
    added = publishing.chosen(site, found, Images(), names, arches, untested=True)
    after = publishing.together(before, added)
    if after != before:
        publishing.write(site, after)


def enrol(site: Site, say: Callable[[str], None]) -> Result:
    """Have the testbed lend the machines; returns when they are inspected, clean and available.

    Raises:
        CcError: the site cannot be asked.
    """
    from cc_ansible.hardware import flow, sight

    # A killed one may have left them on their way.
    options = flow.Options(yes=True, wait=ENROL_SECONDS, again=True)
    return flow.apply(sight.of(site, None), options, say, lambda question: True)


def _hardware(lab: Lab) -> dict[str, Any]:
    profile = {
        "type": "baremetal",
        "node_type": NODE_TYPE,
        "boot_mode": "bios",
        "deploy_image": RAMDISK,
        "hardware_interfaces": {"boot": "ipxe", "deploy": "direct", "inspect": "agent"},
        "automated_clean": True,
        "inspect": True,
        "bmc": {
            "protocol": "redfish",
            "username": USER,
            "password": f"{{{{ {PASSWORD} }}}}",
            "verify_ca": False,
            "auth_type": "basic",
        },
        "ports": [
            {
                "name": PORT,
                "switch": SWITCH,
                "switch_id": SWITCH_ID,
                "physical_network": TENANT_NETWORK,
            }
        ],
    }
    return {"profiles": {"machine": profile}, "hardware": [_item(each) for each in lab.metal]}


def _item(machine: Machine) -> dict[str, Any]:
    return {
        "name": machine.name,
        "profile": "machine",
        "bmc": {"address": machine.bmc, "system_id": f"/redfish/v1/Systems/{machine.uuid}"},
        "ports": [{"name": PORT, "mac": machine.mac, "port": machine.name}],
    }


def _images() -> dict[str, Any]:
    ramdisk = {
        "name": RAMDISK,
        "description": "The Ironic Python Agent for machines that are virtual.",
        "kind": "ramdisk",
        "extends": "chi-agent-ramdisk",
        "environment": {"CHI_AGENT_TRIM": "virtual"},
    }
    return {"appliances": [ramdisk]}
