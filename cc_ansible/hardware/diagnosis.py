"""Why a machine is out of order, from what Ironic says of it, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

IRONIC = "Look at the log of ironic-conductor: /var/log/kolla/ironic"


@dataclass(frozen=True)
class Diagnosis:
    """Why it seems so, and what to do."""

    cause: str
    fix: str


@dataclass(frozen=True)
class _Known:
    """What Ironic's text looks like."""

    pattern: re.Pattern[str]
    diagnosis: Diagnosis


def _known(pattern: str, cause: str, fix: str) -> _Known:
    return _Known(re.compile(pattern, re.IGNORECASE), Diagnosis(cause, fix))


CATALOGUE = (
    _known(
        r"(HTTP|code) 40[13]|AccessError|incorrect username|invalid credentials|unauthori[sz]ed",
        "Its controller refuses the user or the password.",
        "Correct its `bmc` in hardware/, or the password that it names, then: cc-ansible hardware "
        "apply NAME --secrets. Ironic takes it back by itself.",
    ),
    _known(
        r"sync_power_state|power failure|BMC|HTTPSConnectionPool|Unable to connect to http",
        "Its controller does not answer: it has no power or no network, or another address.",
        "Mend that, or `bmc` of it in hardware/. Ironic takes it back by itself, once it answers.",
    ),
    _known(
        r"timeout reached while (waiting for callback|cleaning|inspecting)|heartbeat",
        "The deploy ramdisk did not report in time: the machine did not boot it, lost its power, "
        "or does not reach Ironic.",
        "See its console. No address: the DHCP agent, or the VLAN of its port of the switch. No "
        "kernel: container ironic_http. Neither: whether it is on, and reaches Ironic's API.",
    ),
    _known(
        r"checksum",
        "The image is not what Glance says of it: it was damaged where it is kept, or on its way.",
        "Replace it: remove it from Glance (openstack image delete), then cc-ansible post-deploy.",
    ),
    _known(
        r"enough disk space|no space left",
        "A disk is full: that on which Ironic keeps copies of images, or the machine's.",
        "See /var/lib/docker on the hosts of Ironic, and the size of the image.",
    ),
    _known(
        r"no suitable device|larger than|too small|does not fit",
        "No disk of the machine is large enough for the image.",
        "Use another machine or a smaller image, or see `root_device` of the node in Ironic.",
    ),
    _known(
        r"provisioning network|cleaning network|tenant network|binding failed|VIF|neutron",
        "Neutron could not connect it: it does not reach the switch, or the switch refuses.",
        "Look for genericswitch in the log of neutron_server: /var/log/kolla/neutron",
    ),
)
"""The first that fits counts."""


def of(text: str) -> Diagnosis:
    """The diagnosis for a text of Ironic; one that nobody foresaw is its own cause."""
    for known in CATALOGUE:
        if known.pattern.search(text):
            return known.diagnosis
    return Diagnosis("", IRONIC)
