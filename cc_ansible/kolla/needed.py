"""Which passwords a site lacks, and whether a service that is switched on needs them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import images, known, tags
from cc_ansible.site import passwords
from cc_ansible.site.load import Site

# Actions that put passwords into the configuration of services, or check for them.
ACTIONS = (
    "deploy",
    "deploy-containers",
    "genconfig",
    "prechecks",
    "reconfigure",
    "upgrade",
)


def require(site: Site, action: str, arguments: Sequence[str], present: Mapping[str, Any]) -> None:
    """Refuse an action that would fail deep inside of Kolla-Ansible for want of a password.

    Passwords that only switched-off services use may be missing. A playbook of the user's own
    needs what it needs.

    Raises:
        SiteInvalid: the names that are missing, and the command that adds them.
    """
    own = any(word.split("=")[0] in ("-p", "--playbook") for word in arguments)
    if action not in ACTIONS or own:
        return
    lacking = passwords.missing(present, passwords.known(site.project))
    wanted = needed(site, lacking)
    if wanted:
        raise SiteInvalid(
            f"{_count(wanted)} of services that are switched on {_are(wanted)} missing.",
            detail=", ".join(sorted(wanted)),
            fix=f"Add them: `cc-ansible -s {site.path} passwords generate`.",
        )


def needed(site: Site, names: Collection[str]) -> list[str]:
    """Those of ``names`` that a role uses whose service is not switched off."""
    if not names:
        return []
    on = switched_on(site)
    return [name for name in names if any(map(on, known.roles_using(name)))]


def switched_on(site: Site) -> Callable[[str], bool]:
    """Tells whether a deploy may apply a role; one whose flag cannot be told it may."""
    from cc_ansible.site.survey import Survey
    from cc_ansible.site.values import Values

    values = Values(Survey(site.path, site.project), known)
    flags: dict[str, bool] = {}

    def on(role: str) -> bool:
        if role not in flags:
            name = images.FLAGS.get(role, f"enable_{role.replace('-', '_')}")
            flags[role] = role in tags.known() and values.enabled(name) is not False
        return flags[role]

    return on


def _count(names: Collection[str]) -> str:
    return "1 password" if len(names) == 1 else f"{len(names)} passwords"


def _are(names: Collection[str]) -> str:
    return "is" if len(names) == 1 else "are"
