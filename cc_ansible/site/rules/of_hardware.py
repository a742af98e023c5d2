"""Every rule about hardware, calendars and images, in the order in which they are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cc_ansible.site.findings import Finding
from cc_ansible.site.rules import bmc, cables, calendars, hardware, images, stray
from cc_ansible.site.subject import Subject

RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    hardware.items,
    hardware.names,
    hardware.deploy_images,
    bmc.controllers,
    bmc.addresses,
    bmc.terminal_ports,
    cables.interfaces,
    cables.unique,
    calendars.calendars,
    calendars.references,
    images.appliances,
    stray.files,
)
