"""Rules about hosts of the inventory: their names, addresses and groups."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from pydantic_core import PydanticCustomError

from cc_ansible.errors import Origin
from cc_ansible.site import inventory, yamlfile
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.model import forms
from cc_ansible.site.model.read import UNKNOWN_KEY
from cc_ansible.site.names import nearest
from cc_ansible.site.net import addresses as net
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.rules.groups import BUILTIN, is_idle
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer
from cc_ansible.site.values import is_template

HOST_NAME = error("host-name", "Names of hosts are DNS names")
ODD_NAME = warning("odd-host-name", "Names of hosts have no underscores")
GROUP_AS_HOST = error("group-as-host", "No host is called like a group")
HOST_ADDRESS = error("host-address", "A host has one address, which is its own")
IDLE_HOST = warning("idle-host", "Hosts are in groups that plays know")
REPEATED_HOST = warning("repeated-host", "A group lists a host once")
COMMENT_IN_VALUE = error(
    "comment-in-value", "Values of [group:vars] have no comment behind them", explains=True
)
LOCALHOST_NODE = warning("localhost-node", "Hosts of a cluster are not called localhost")

ADDRESS = "ansible_host"
LOOPBACKS = ("localhost", "127.0.0.1", "::1")
YAML_KEYS = ("hosts", "children", "vars")


def names(subject: Subject) -> Iterator[Finding]:
    """Names that DNS, and so Kolla-Ansible, has no use for."""
    groups = {*subject.survey.own_groups, *subject.known.groups()}
    seen: dict[str, str] = {}
    for host in subject.survey.inventory.hosts:
        first = seen.setdefault(host.lower(), host)
        origin = subject.survey.places.host(host)
        if host in groups:
            above = _listing(subject, host)
            yield GROUP_AS_HOST.broken(
                f"{host} is a group, but is listed as a host.",
                origin,
                fix=f"Write [{above}:children] above it." if above else "Rename the host.",
            )
            continue
        if "\ufffd" in host:
            continue  # its file is no text
        if "<" in host or ">" in host:
            text = f"{host} stands for the name of a host."
            yield HOST_NAME.broken(text, origin, fix="Write the name of the host.")
            continue
        try:
            forms.dns_name(host.replace("_", "-"))
        except PydanticCustomError as problem:
            context = problem.context or {}
            yield HOST_NAME.broken(
                f"The host {host} {context.get('message', 'is no DNS name')}.",
                origin,
                fix=str(context.get("fix", "")),
            )
            continue
        if first != host:
            yield HOST_NAME.broken(
                f"The hosts {first} and {host} have one name: case does not count.",
                origin,
                fix="Rename one of the two.",
            )
        if "_" in host:
            yield ODD_NAME.broken(
                f"The host {host} has an underscore, which DNS does not take.",
                origin,
                fix=f"Call it {host.replace('_', '-')}.",
            )


def groups(subject: Subject) -> Iterator[Finding]:
    """Hosts no play runs on, hosts listed twice, and nodes called localhost."""
    survey = subject.survey
    own = survey.own_groups - subject.known.groups()
    for host in survey.inventory.hosts if survey.inventory_whole else ():
        inside = set(survey.inventory.groups_of.get(host, ())) - BUILTIN
        if host != "localhost" and is_idle(subject, host) and not inside & own:
            yield IDLE_HOST.broken(
                f"No play runs on {host}: it is in no group.",
                survey.places.host(host),
                fix="List it below [control], [network], [compute], [storage] or [monitoring].",
            )
    for group, host, origin, first in survey.places.repeats:
        yield REPEATED_HOST.broken(
            f"[{group}] lists {host} twice.",
            origin,
            detail=f"First on line {first.line}.",
            fix="Keep one of the two lines.",
        )
    cluster = survey.inventory.hosts_of.get("control", [])
    if "localhost" in cluster and len(cluster) > 1:
        yield LOCALHOST_NODE.broken(
            f"localhost is one of {len(cluster)} control hosts; the others cannot find it.",
            survey.places.host("localhost"),
            fix="List it by its name, with ansible_connection=local.",
        )


def addresses(subject: Subject) -> Iterator[Finding]:
    """Addresses that differ from line to line, or that are the machine itself."""
    for host, places in _given(subject).items():
        seen: dict[str, Origin] = {}
        for value, origin in places:
            elsewhere = _is_local(subject, host) or subject.values.raw("ansible_port", host)
            if not value:
                text = f"{ADDRESS} of {host} is empty."
                fix = "Write its address, or leave it out where DNS knows the name."
                yield HOST_ADDRESS.broken(text, origin, fix=fix)
            elif value in LOOPBACKS and host != "localhost" and not elsewhere:
                yield HOST_ADDRESS.broken(
                    f"The address of {host} is the machine that runs cc-ansible.",
                    origin,
                    detail=f"It says {value!r}.",
                    fix="Write its own address, or ansible_connection=local.",
                )
            elif wrong := _refused(value):
                yield wrong.rule.broken(
                    f"The address of {host} {wrong}.",
                    origin,
                    detail=f"It says {value!r}.",
                    fix=wrong.fix,
                )
            elif seen and value not in seen and _is_address(value):
                other, before = next(iter(seen.items()))
                yield HOST_ADDRESS.broken(
                    f"{host} has two addresses: {other} and {value}.",
                    origin,
                    detail=f"The other is at {before.file.name}:{before.line}.",
                    fix="Keep one of the two.",
                )
            seen.setdefault(value, origin)


def lines(subject: Subject) -> Iterator[Finding]:
    """Lines that Ansible takes for something else than they look like."""
    for given in subject.survey.places.given:
        if given.in_section and re.search(r"\s[#;]", given.value) and not _literal(given.value):
            yield COMMENT_IN_VALUE.broken(
                f"The value of {given.key} takes the comment behind it along.",
                given.origin,
                detail="In [group:vars] everything up to the end of the line is the value.",
                fix="Put the comment on a line of its own.",
            )
    for file in inventory.plain_files(subject.survey.inventory_files):
        text = yamlfile.legible(file)
        if text and inventory.is_yaml(file, text):
            yield from _yaml_keys(yamlfile.examine(text, file)[0])


def _yaml_keys(document: yamlfile.Document) -> Iterator[Finding]:
    """Ansible skips keys of a group that it does not know."""
    if not isinstance(document.value, dict) or "plugin" in document.value:
        return
    for path, origin in document.origins.items():
        of_group = len(path) == 2 or (len(path) > 3 and path[-3] == "children")
        depth = all(step == "children" for step in path[1:-1:2])
        if of_group and len(path) % 2 == 0 and depth and path[-1] not in YAML_KEYS:
            close = nearest(str(path[-1]), YAML_KEYS)
            yield UNKNOWN_KEY.broken(
                f"The group {path[-2]} has an unknown key `{path[-1]}`.",
                origin,
                detail=f"Known: {', '.join(YAML_KEYS)}.",
                fix=f"Did you mean `{close}`?" if close else "List groups below `children:`.",
            )


def _listing(subject: Subject, host: str) -> str:
    """The first group that lists a host."""
    return next((group for group, name in subject.survey.places.hosts if name == host), "")


def _given(subject: Subject) -> dict[str, list[tuple[str, Origin]]]:
    """Every address that a host is given, weakest first; templates are left out."""
    found: dict[str, list[tuple[str, Origin]]] = defaultdict(list)
    hosts = set(subject.survey.inventory.hosts)
    for given in subject.survey.places.given:
        plain = given.key == ADDRESS and not given.in_section and not is_template(given.value)
        if plain and given.scope in hosts:
            found[given.scope].append((given.value, given.origin))
    files = set(subject.survey.places.files)
    for source in subject.survey.sources:
        value = source.document.value.get(ADDRESS)
        plain = isinstance(value, str) and not is_template(value)
        if source.layer is Layer.HOST and plain and source.document.file not in files:
            found[source.scope].append((str(value), source.document.origin(ADDRESS)))
    return found


def _refused(value: str) -> Refused | None:
    """Why a text that is meant as an address is none; names may be those of an SSH config."""
    if not net.is_meant(value):
        return None
    try:
        net.address(value)
    except Refused as refused:
        return refused
    return None


def _is_address(value: str) -> bool:
    try:
        forms.host(value)
    except ValueError:
        return False
    return True


def _is_local(subject: Subject, host: str) -> bool:
    return bool(subject.values.known_or("", "ansible_connection", host) == "local")


def _literal(value: str) -> bool:
    """Whether Ansible reads a Python literal there, after which comments may follow."""
    try:
        ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return False
    return True
