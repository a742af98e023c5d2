"""Which container images a site needs: asked of Kolla-Ansible's own role variables.

Every Kolla role describes its containers in ``<role>_services``: image, group, and whether
it is enabled. The same expressions that decide what is deployed decide what is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import release

# Roles whose containers do not hang on an enable flag of their own.
ALWAYS = {"kolla_toolbox": "kolla_toolbox", "cron": "cron"}
# Roles that Kolla's site.yml switches on by another role's flag.
FLAGS = {
    "iscsi": "enable_iscsid",
    "nova-cell": "enable_nova",
    "ovn-controller": "enable_ovn",
    "ovn-db": "enable_ovn",
    "prometheus-node-exporters": "enable_prometheus",
}
# Variables that Kolla's plays, not its roles, set.
PLAY_VARIABLES = {"role_rabbitmq_groups": "rabbitmq"}


@dataclass(frozen=True)
class Service:
    """One container of a Kolla role: its role, name, inventory group and image reference.

    ``hosts`` are those that run it, as far as they are known before Kolla runs.
    """

    role: str
    name: str
    group: str
    image: str
    container: str = ""
    hosts: tuple[str, ...] = ()


def enabled_services(
    variables: Mapping[str, Any],
    groups: Mapping[str, Iterable[str]],
    tree: Path = release.ANSIBLE_TREE,
) -> list[Service]:
    """Containers that Kolla-Ansible would run for these variables and inventory groups.

    Raises:
        SiteInvalid: a variable that decides about a service cannot be evaluated.
    """
    found: list[Service] = []
    for role in sorted(path.parent.parent for path in tree.glob("roles/*/defaults/main.yml")):
        found += _role_services(role, variables, groups)
    return found


def image_names(services: Iterable[Service]) -> list[str]:
    """Names kolla-build knows the images by: the last path component without the tag."""
    return sorted({service.image.rsplit("/", 1)[-1].rsplit(":", 1)[0] for service in services})


def _role_services(
    role: Path, variables: Mapping[str, Any], groups: Mapping[str, Iterable[str]]
) -> list[Service]:
    from ansible.template import trust_as_template

    defaults = _loaded(role, "defaults")
    prefix = role.name.replace("-", "_")
    services = defaults.get(f"{prefix}_services")
    if not services:
        return []
    templar = role_templar(role, variables)

    def value(expression: object, what: str) -> Any:
        try:
            return templar.template(trust_as_template(expression))
        except Exception as error:
            raise SiteInvalid(
                f"cannot tell whether {what} is wanted: {error}",
                detail=f"the expression is {expression!r}, from Kolla-Ansible's role {role.name}",
                fix="define the variable it names in defaults.yml",
            ) from error

    if role.name not in ALWAYS:
        flag = FLAGS.get(role.name, f"enable_{prefix}")
        known = flag in variables or flag in defaults
        if not known or not value(f"{{{{ {flag} | bool }}}}", role.name):
            return []

    def hosts_of(service: Mapping[str, Any], group: str) -> tuple[str, ...]:
        if condition := service.get("host_in_groups"):
            return tuple(host for host in groups.get("all", ()) if on_host(host, condition))
        return tuple(groups.get(group, groups.get(role.name, ())))

    def on_host(host: str, expression: object) -> bool:
        templar.available_variables["inventory_hostname"] = host
        return bool(value(f"{{{{ ({_inner(expression)}) | bool }}}}", f"a service on {host}"))

    result = []
    for name, service in services.items():
        group = str(value(service.get("group", name), f"the group of {name}"))
        hosts = hosts_of(service, group)
        # A group that the inventory lacks is made while Kolla runs (mariadb_shard_0).
        nobody = not hosts and (group in groups or "host_in_groups" in service)
        if "image" not in service or nobody:
            continue
        if value(f"{{{{ ({_inner(service['enabled'])}) | bool }}}}", name):
            image = str(value(service["image"], f"the image of {name}"))
            container = str(value(service.get("container_name", name), f"the name of {name}"))
            result.append(Service(role.name, name, group, image, container, hosts))
    return result


def _inner(expression: object) -> str:
    """A template's expression without its braces, or a literal."""
    text = str(expression).strip()
    if text.startswith("{{") and text.endswith("}}"):
        return text[2:-2]
    return repr(expression)


def role_templar(role: Path, variables: Mapping[str, Any]) -> Any:
    """What evaluates templates as they would be in a role, given by its directory."""
    from ansible.template import Templar

    said = {**_loaded(role, "defaults"), **PLAY_VARIABLES, **variables, **_loaded(role, "vars")}
    return Templar(loader=_loader(), variables=said)


def _loaded(role: Path, kind: str) -> dict[str, Any]:
    file = role / kind / "main.yml"
    if not file.exists():
        return {}
    return dict(_loader().load_from_file(str(file), trusted_as_template=True) or {})


def _loader() -> Any:
    from ansible.parsing.dataloader import DataLoader

    return DataLoader()
