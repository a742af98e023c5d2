"""Bare-metal nodes that do not go on by themselves: Ironic says which, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cc_ansible.hardware import diagnosis, nodes
from cc_ansible.hardware.nodes import Node
from cc_ansible.verify import cloud
from cc_ansible.verify.check import Check, Failed, Trouble
from cc_ansible.verify.experiment import logins
from cc_ansible.verify.result import Result

if TYPE_CHECKING:
    from openstack.connection import Connection

NAME = "bare-metal nodes"
PAGE = "bare-metal-nodes"
SHOWN = 6
"""So many are named; on a site where all of them fail, they fail for the same reason."""


def check(system: Connection) -> list[Result]:
    """One result, or none where the site has no Ironic; ``system`` is the whole system's admin."""
    if not any(entry["type"] == nodes.SERVICE for entry in system.service_catalog):
        return []
    asked = Check(NAME, PAGE)
    return [asked.ask(lambda: judge(nodes.read(logins.cloud(system))), cloud.explain)]


def judge(found: list[Node]) -> str:
    """What is seen when all is well.

    Raises:
        Failed: some of them are in trouble that nobody has declared to be a maintenance.
    """
    bad = [node for node in found if node.trouble and not node.declared]
    if bad:
        more = [Trouble(f"and {len(bad) - SHOWN} more", "", "")] if bad[SHOWN:] else []
        raise Failed(*(_trouble(node) for node in bad[:SHOWN]), *more)
    resting = sum(node.maintenance for node in found)
    return f"{len(found)} nodes" + (f", {resting} of them in maintenance" if resting else "")


def _trouble(node: Node) -> Trouble:
    said = diagnosis.of(f"{node.trouble} {node.reason}")
    cause = said.cause and f"{node.name}: {said.cause}"
    log = (f"{node.name}: {node.reason}",) if node.reason else ()
    return Trouble(f"{node.name}: {node.shown}", cause, said.fix, log)
