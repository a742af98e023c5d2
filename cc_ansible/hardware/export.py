"""Declared items as doniclient imports them: ``openstack hardware import --file``."""

from __future__ import annotations

from typing import Any

from cc_ansible.hardware.declared import Declared
from cc_ansible.hardware.wire import SENSITIVE


def entry(item: Declared, *, with_secrets: bool = False) -> dict[str, Any]:
    """One item; secrets are left out unless they are asked for."""
    return {
        "name": item.name,
        "hardware_type": item.kind,
        "properties": {
            key: value
            for key, value in item.properties.items()
            if with_secrets or key not in SENSITIVE
        },
    }
