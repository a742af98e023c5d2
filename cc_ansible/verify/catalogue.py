"""What Keystone's catalogue should hold, by Kolla-Ansible's own ``<role>_ks_services``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """An endpoint of the catalogue; ``interface`` is ``internal``, ``public`` or ``admin``."""

    service: str
    type: str
    interface: str
    url: str


def expected(tree: Path, roles: Collection[str], said: Mapping[str, Any]) -> list[Entry]:
    """What the services of these roles register; what cannot be evaluated here is left out.

    ``tree`` holds the roles, ``said`` are the variables of a control host.
    """
    return [entry for role in sorted(roles) for entry in _of_role(tree / "roles" / role, said)]


def _of_role(role: Path, said: Mapping[str, Any]) -> Iterator[Entry]:
    from ansible.errors import AnsibleError
    from ansible.template import trust_as_template

    from cc_ansible.kolla import images

    name = f"{role.name.replace('-', '_')}_ks_services"
    templar = images.role_templar(role, said)
    if name not in templar.available_variables:
        return
    try:
        services = templar.template(trust_as_template(f"{{{{ {name} }}}}"))
    except AnsibleError:
        return
    for service in services:
        if service.get("enabled", True) is False or service.get("state") == "absent":
            continue
        for endpoint in service.get("endpoints") or ():
            interface, url = str(endpoint["interface"]), str(endpoint["url"])
            yield Entry(str(service["name"]), str(service["type"]), interface, url)


def of_cloud(catalog: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """What the catalogue of a token holds."""
    return [
        Entry(
            str(service.get("name", "")),
            str(service["type"]),
            str(endpoint["interface"]),
            str(endpoint["url"]),
        )
        for service in catalog
        for endpoint in service.get("endpoints", ())
    ]


def missing(wanted: Sequence[Entry], present: Sequence[Entry]) -> list[Entry]:
    """Endpoints that should be in the catalogue and are not, with their address."""
    return [entry for entry in wanted if not any(_is(other, entry) for other in present)]


def _is(present: Entry, wanted: Entry) -> bool:
    """Whether an entry is the one that is wanted; Keystone fills in ``%(tenant_id)s``."""
    if (present.type, present.interface) != (wanted.type, wanted.interface):
        return False
    begin, template, _ = wanted.url.replace("$(", "%(").partition("%(")
    return present.url.startswith(begin) if template else _plain(present.url) == _plain(wanted.url)


def _plain(url: str) -> str:
    return url.rstrip("/")
