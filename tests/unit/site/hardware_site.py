"""A site with hardware, and what the rules about hardware and images find in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cc_ansible.kolla import known
from cc_ansible.site.findings import Finding
from cc_ansible.site.rules.of_hardware import RULES
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

DEFAULTS = {
    "kolla_internal_vip_address": "10.20.0.250",
    "neutron_networks": [{"name": "physnet1"}],
    "switch_configs": [{"name": "tor1", "device_type": "netmiko_dell_os10"}],
}


def subject(site: Path, files: dict[str, Any]) -> Subject:
    """A site with these files; what is no text is written as YAML."""
    for name, content in {"defaults.yml": DEFAULTS, "inventory": "node1\n", **files}.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        (site / name).write_text(text)
    return Subject(Survey(site, site / "no-project"), known)


def found(site: Path, files: dict[str, Any]) -> list[Finding]:
    """Everything these rules find."""
    about = subject(site, files)
    return [finding for rule in RULES for finding in rule(about)]


def rules(site: Path, files: dict[str, Any]) -> list[str]:
    """The names of the rules that are broken."""
    return sorted(finding.rule for finding in found(site, files))
