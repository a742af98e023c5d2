"""The ready checks by their names, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cc_ansible.appliances.checks import contents, network, people, system
from cc_ansible.appliances.checks.subject import Look

Question = Callable[[Look], str]

READY: Mapping[str, Question] = {
    "boot": system.boot,
    "console": system.console,
    "network": network.network,
    "ssh": people.ssh,
    "cloud-init": network.cloud_init,
    "users": people.users,
    "growroot": system.growroot,
    "timesync": system.timesync,
    "manifest": contents.manifest,
    "units": system.units,
    "clean": people.clean,
    "docker": contents.docker,
    "firewall": people.firewall,
}
LAST: Mapping[str, Question] = {"reboot": system.reboot, "power": system.power}
"""These come after checks of the appliance's own: they end what runs."""
NAMES = (*READY, *LAST)
PAGE = "docs/appliances.md#check-"
"""Where each is explained, with its name at the end."""
