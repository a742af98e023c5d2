"""What Kolla-Ansible's own prechecks want of hosts, read from its files: systems, ports, names."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cc_ansible.kolla import images, release
from cc_ansible.kolla.images import Service
from cc_ansible.site import yamlfile

_CONTAINER = re.compile(r"container_facts\.containers\[['\"](\w+)['\"]\] is not defined")
# Conditions about a host in the midst of a run; who runs a service is known without them.
_OF_A_RUN = re.compile(
    r"container_facts|haproxy_stat|_vip_prechecks|inventory_hostname|service_enabled_and_mapped"
)
_NAME = re.compile(r"^\s+container_name:\s*[\"']?([A-Za-z0-9_]+)[\"']?\s*$", re.MULTILINE)
_INTERNAL_VIP, _EXTERNAL_VIP = "kolla_internal_vip_address", "kolla_external_vip_address"
_ADDRESSES = {
    _INTERNAL_VIP: _INTERNAL_VIP,
    _EXTERNAL_VIP: _EXTERNAL_VIP,
    "api_interface_address": "api_interface",
    "'api' |": "api_interface",
    "migration_interface_address": "migration_interface",
    "'dns' |": "dns_interface",
}


@dataclass(frozen=True)
class Listener:
    """A TCP port that a container listens on.

    ``address`` is the variable that says where: that of an interface, or of a VIP.
    """

    container: str
    hosts: tuple[str, ...]
    address: str
    port: int


@functools.cache
def systems() -> Mapping[str, tuple[str, ...]]:
    """Operating systems that hosts may run, in lower case, and their releases."""
    found = _requirements()["host_os_distributions"]
    return {name.lower(): tuple(map(str, releases)) for name, releases in found.items()}


def oldest_docker() -> str:
    """The oldest version of Docker that will do."""
    return str(_requirements()["docker_version_min"])


def container_names(tree: Path = release.ANSIBLE_TREE) -> frozenset[str]:
    """Names that containers of Kolla's services have, whether or not the site uses them."""
    files = tree.glob("roles/*/defaults/main.yml")
    return frozenset(name for file in files for name in _NAME.findall(file.read_text()))


def listeners(
    services: Iterable[Service], variables: Mapping[str, Any], tree: Path = release.ANSIBLE_TREE
) -> list[Listener]:
    """The ports that the site's containers need, as the prechecks of their roles name them.

    :param services: the containers that the site runs.
    :param variables: those of a control host, not evaluated.
    """
    running = {service.container: service for service in services}
    found: dict[tuple[str, str, int], Listener] = {}
    for file in sorted(tree.glob("roles/*/tasks/precheck.yml")):
        role = file.parents[1]
        if any(service.role == role.name for service in running.values()):
            for listener in _of_role(role, file, running, variables):
                key = (listener.container, listener.address, listener.port)
                found.setdefault(key, listener)
    return list(found.values())


def _of_role(
    role: Path, file: Path, running: Mapping[str, Service], variables: Mapping[str, Any]
) -> Iterator[Listener]:
    templar = images.role_templar(role, variables)
    for task in _tasks(yamlfile.parse(file.read_text(encoding="utf-8"), file).value):
        wanted = task.get("ansible.builtin.wait_for") or {}
        conditions = _as_list(task.get("when"))
        container = _container(wanted, conditions)
        address = next((to for of, to in _ADDRESSES.items() if of in str(wanted.get("host"))), None)
        if wanted.get("state") != "stopped" or address is None or container not in running:
            continue
        own = [one for one in conditions if not _OF_A_RUN.search(one)]
        if all(_value(templar, f"{{{{ {one} }}}}", task) is True for one in own):
            for expression in _as_list(task.get("with_items") or wanted["port"]):
                port = _value(templar, expression, task)
                if str(port).isdigit():
                    yield Listener(container, running[container].hosts, address, int(port))


def _container(wanted: Mapping[str, Any], conditions: list[str]) -> str:
    found = next((match[1] for one in conditions if (match := _CONTAINER.search(one))), None)
    # On the VIPs it is HAProxy that listens for everybody, as far as it is not another's own port.
    at_vip = any(vip in str(wanted.get("host")) for vip in (_INTERNAL_VIP, _EXTERNAL_VIP))
    own = any("proxysql" in one for one in conditions)
    return found or ("haproxy" if at_vip and not own else "")


def _tasks(tasks: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for task in tasks or ():
        yield from _tasks(task.get("block", ()))
        yield task


def _as_list(value: Any) -> list[str]:
    return [] if value is None else [str(one) for one in value] if isinstance(value, list) else [
        str(value)
    ]  # fmt: skip


def _value(templar: Any, expression: str, task: Mapping[str, Any]) -> Any:
    """What an expression of a task comes to; None when it cannot be told."""
    from ansible.template import trust_as_template

    templar.available_variables = {**templar.available_variables, **_trusted(task.get("vars"))}
    try:
        return templar.template(trust_as_template(str(expression)))
    except Exception:
        return None


def _trusted(values: Mapping[str, Any] | None) -> dict[str, Any]:
    from ansible.template import trust_as_template

    return {
        name: trust_as_template(value) if isinstance(value, str) else value
        for name, value in (values or {}).items()
    }


@functools.cache
def _requirements() -> Mapping[str, Any]:
    file = release.ANSIBLE_TREE / "roles" / "prechecks" / "vars" / "main.yml"
    found: Mapping[str, Any] = yamlfile.load_mapping(file).value
    return found
