"""Inventories of sites whose control hosts do everything but compute."""

from __future__ import annotations

GROUPS = """\
[control]
{control}

[network:children]
control

[compute]

[storage:children]
control

[monitoring:children]
control
"""
DEPLOYED_FROM_HERE = """
[deployment]
localhost ansible_connection=local
"""


def inventory(*hosts: str) -> str:
    """The text of an inventory; hosts are lines of it, each a name and its variables."""
    return GROUPS.format(control="\n".join(hosts))
