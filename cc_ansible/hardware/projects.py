"""The projects of a site, as the site config names them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cc_ansible.hardware.rest import Service

if TYPE_CHECKING:
    from cc_ansible.hardware.credentials import Cloud

DEFAULT_DOMAIN = "default"


def ids(cloud: Cloud) -> dict[str, str]:
    """The id of each project, by its name and by the id itself.

    Of several of one name it is that of the default domain; without one there, none.

    :raises CcError: Keystone cannot be asked.
    """
    keystone = Service(cloud, "identity", "Keystone", "enable_keystone")
    body = keystone.get(f"{cloud.url}/projects", "projects")
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for project in body["projects"]:
        owners[str(project["name"])][str(project.get("domain_id"))] = str(project["id"])
    found = {identity: identity for each in owners.values() for identity in each.values()}
    for name, by_domain in owners.items():
        only = next(iter(by_domain.values())) if len(by_domain) == 1 else None
        if identity := by_domain.get(DEFAULT_DOMAIN, only):
            found[name] = identity
    return found
