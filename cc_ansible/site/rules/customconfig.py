"""Rules about node_custom_config: well formed, and read by somebody."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import customconfig, inifile, yamlfile, yamlsalvage
from cc_ansible.site.facts import facts
from cc_ansible.site.findings import Finding, Rule, error, from_error, warning
from cc_ansible.site.names import nearest
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import is_template

ORPHAN = error("option-without-section", "Options of a configuration are in a section")
UNREAD_CONFIG = warning("unread-config", "Somebody reads every configuration override")
MISSING_FILE = error("missing-file", "Files that a service cannot do without are there")
NO_AGENT = warning("no-agent-files", "Ironic has the agent that its own DHCP server gives out")

DIRECTORY = "node_custom_config"
DHCP_GROUP = "ironic-dnsmasq"
HOST = "inventory_hostname"
# Directories whose files are found by patterns, or named by other files.
OPEN = (
    "bifrost", "ceilometer", "fluentd", "grafana", "haproxy/services.d", "horizon/themes",
    "keystone/domains", "keystone/federation", "neutron/plugins", "nova/nova-libvirt", "octavia",
    "prometheus", "skyline/logos",
)  # fmt: skip
AGENT_FILES = ("ironic/ironic-agent.kernel", "ironic/ironic-agent.initramfs")
AMPHORA_FILES = (
    "octavia/client.cert-and-key.pem", "octavia/client_ca.cert.pem",
    "octavia/server_ca.cert.pem", "octavia/server_ca.key.pem",
)  # fmt: skip
CEPH_FILES = {"glance_backend_ceph": "glance/ceph.conf", "nova_backend_ceph": "nova/ceph.conf"}
# Paths that are Jinja altogether stand for a few files only.
VAGUE = ("{{ item }}", "{{ item }}.conf", "{{ item }}.yml", "{{ item.key }}.ini")
INSTEAD = ("grafana.ini", "manila-share.conf", "bifrost.yml", "dib.yml", "servers.yml")
_SECTION = re.compile(r"^\[[A-Za-z_][\w.-]*\][ \t]*$", re.MULTILINE)
_JINJA = re.compile(r"\{\{\s*(?P<name>.*?)\s*\}\}")
_NAMES = ("item", "item.key", "service_name")


def syntax(subject: Subject) -> Iterator[Finding]:
    """Overrides that cannot be merged or read."""
    for file in _files(subject):
        if yamlfile.is_encrypted(file):
            continue
        try:
            _conflict(file)
            customconfig.merged([file])
            _sections(file)
            _json(file)
        except SiteInvalid as problem:
            yield from_error(problem)


def orphans(subject: Subject) -> Iterator[Finding]:
    """Options before the first section: Kolla-Ansible writes them into the last one."""
    for file in _files(subject):
        if file.suffix not in (".conf", ".ini") or yamlfile.is_encrypted(file):
            continue
        text = yamlfile.legible(file) or ""
        try:
            items = inifile.parse(text, file).items if inifile.looks_like_ini(text) else ()
        except SiteInvalid:
            continue  # told by another rule
        line = 1
        for item in items:
            if item.header:
                break
            if item.key and (any(one.header for one in items) or _has_sections(subject, file)):
                yield ORPHAN.broken(
                    f"{item.key} in {file.name} is in no section.",
                    Origin(file, line),
                    detail="Kolla-Ansible would write it into the last section of its own file.",
                    fix="Write its section above it, such as [DEFAULT].",
                )
                break
            line += len(item.lines)


def unread(subject: Subject) -> Iterator[Finding]:
    """Overrides that no role of the release looks for."""
    root = subject.survey.path / DIRECTORY
    files = list(_files(subject))
    if not files:
        return
    paths = _Paths(subject)
    for file in files:
        name = file.relative_to(root).as_posix()
        if paths.reads(name) or _is_named(subject, name):
            continue
        fix = "Remove it, or name it as Kolla-Ansible does."
        if (host := paths.wrong_host(name)) is not None:
            what = f"There is no host {host}, so nothing reads {DIRECTORY}/{name}."
            close = nearest(host, subject.survey.inventory.hosts)
            fix = f"Did you mean `{close}`?" if close else f"Remove {host}/, or add the host."
        else:
            what = f"Nothing reads {DIRECTORY}/{name}."
            if close := paths.nearest(name):
                fix = f"Did you mean `{close}`?"
        yield UNREAD_CONFIG.broken(what, Origin(file), fix=fix)


def needed(subject: Subject) -> Iterator[Finding]:
    """Files without which a role fails."""
    asked = facts(subject)
    amphora = "amphora" in (asked.value("octavia_provider_drivers") or "")
    if asked.on("enable_octavia") and amphora:
        fix = "Make them with `cc-ansible octavia-certificates`."
        yield from _lacking(
            subject, MISSING_FILE, asked.place("enable_octavia"), AMPHORA_FILES, fix
        )
    if asked.on("enable_cinder") and asked.on("enable_cinder_backend_nfs"):
        yield from _without_shares(subject, asked.place("enable_cinder_backend_nfs"))
    for flag, file in CEPH_FILES.items():
        if asked.on(flag):
            fix = "Copy it from the Ceph cluster."
            yield from _lacking(subject, MISSING_FILE, asked.place(flag), (file,), fix)
    if asked.on("enable_ironic") and asked.hosts(DHCP_GROUP):
        place = subject.survey.places.group(DHCP_GROUP)
        fix = f"Add an empty group [{DHCP_GROUP}] to the inventory, or put the agent there."
        yield from _lacking(subject, NO_AGENT, place, AGENT_FILES, fix)


def _without_shares(subject: Subject, place: Origin) -> Iterator[Finding]:
    """Any of the places where the role looks for the list of NFS shares will do."""
    files = (subject.survey.path / DIRECTORY).rglob("nfs_shares*")
    if not any(files):
        yield MISSING_FILE.broken(
            f"{DIRECTORY} has no nfs_shares, the list of Cinder's NFS exports.",
            place,
            fix=f"Write {DIRECTORY}/cinder/nfs_shares, each line `SERVER:/PATH`.",
        )


def _lacking(
    subject: Subject, rule: Rule, place: Origin | None, names: tuple[str, ...], fix: str
) -> Iterator[Finding]:
    root = subject.survey.path / DIRECTORY
    lacking = [name for name in names if not (root / name).exists()]
    if lacking:
        yield rule.broken(f"{DIRECTORY} has no {' and no '.join(lacking)}.", place, fix=fix)


class _Paths:
    """What roles look for below node_custom_config."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        names = subject.known.services() | subject.known.groups()
        self.services = names | {name.replace("-", "_") for name in names}
        self.clusters = _clusters(subject)
        self.known = (subject.known.config_paths() - set(VAGUE)) | {*AGENT_FILES, *INSTEAD}

    def reads(self, name: str) -> bool:
        """Whether a role looks for a file of this name."""
        if any(name.startswith(f"{directory}/") for directory in OPEN):
            return True
        if not any(self._fits(name, path) for path in self.known):
            return False
        return self.wrong_host(name) is None

    def wrong_host(self, name: str) -> str | None:
        """The host that a file is for, when the inventory has no such host."""
        survey = self.subject.survey
        if not survey.inventory_whole:
            return None
        plain = [path for path in self.known if HOST not in path]
        if any(self._fits(name, path) for path in plain):
            return None
        for path in self.known:
            found = self._fits(name, path, hosts=True) if HOST in path else None
            if found and found["host"] not in survey.inventory.hosts:
                return found["host"]
        return None

    def _fits(self, name: str, path: str, *, hosts: bool = False) -> re.Match[str] | None:
        """Whether a file is one that a path means; few paths begin as it does."""
        if not name.startswith(path.partition("{{")[0].rstrip("/")):
            return None
        found = self._pattern(path, hosts=hosts).fullmatch(name)
        if found and all(
            word in self.services for key, word in found.groupdict().items() if key != "host"
        ):
            return found
        return None

    def nearest(self, name: str) -> str | None:
        """The file that was meant, as far as its name tells."""
        literal = {path for path in self.known if "{{" not in path and not path.endswith("/")}
        folders = {path.partition("/")[0] for path in self.known if not path.startswith("{{")}
        for service in self.services:
            literal |= {
                f"{folder}/{service}.conf" for folder in folders if service[:3] == folder[:3]
            }
        literal |= {f"{folder}/policy.yaml" for folder in folders}
        return nearest(name, literal)

    @functools.cache  # noqa: B019 - one of these lives as long as one check
    def _pattern(self, path: str, *, hosts: bool) -> re.Pattern[str]:
        """A path with Jinja in it as a regular expression."""
        if path.endswith("/"):
            return re.compile(rf"{re.escape(path)}policy\.(?:yaml|json)")
        parts: list[str] = []
        end = 0
        for found in _JINJA.finditer(path):
            part = self._part(found["name"], path, hosts).replace("SERVICE", f"service{end}")
            parts += [re.escape(path[end : found.start()]), part]
            end = found.end()
        below = "(?:/.+)?" if "." not in path.rpartition("/")[2] else ""
        return re.compile("".join([*parts, re.escape(path[end:]), below]))

    def _part(self, name: str, path: str, hosts: bool) -> str:
        if name == HOST:
            return "(?P<host>[^/]+)" if hosts else "[^/]+"
        if "keyring" in name:
            return r"[^/]+\.keyring"
        if name in _NAMES and path.endswith("}}"):
            return r"[^/]+\.(?:pem|key|crt)"
        if "cluster" in name:
            return f"(?:ceph[^/]*|{'|'.join(map(re.escape, self.clusters))})"
        if name in _NAMES:
            return r"(?P<SERVICE>[\w-]+)"
        return "[^/]+"


def _clusters(subject: Subject) -> list[str]:
    """Names of Ceph clusters, after which their configuration files are called."""
    found = [facts(subject).value("ceph_cluster")]
    for name, value in subject.survey.merged.items():
        if name.endswith("_ceph_backends") and isinstance(value.value, list):
            found += [item.get("cluster") for item in value.value if isinstance(item, dict)]
    return [name for name in found if isinstance(name, str) and name]


def _files(subject: Subject) -> Iterator[Path]:
    yield from customconfig.files_of(subject.survey.path / DIRECTORY)


def _is_named(subject: Subject, name: str) -> bool:
    """Whether a variable of the site names the file."""
    return any(
        name in str(value)
        for source in subject.survey.sources
        if source.of_site
        for value in source.document.value.values()
    )


def _conflict(file: Path) -> None:
    clash = yamlsalvage.conflict(yamlfile.legible(file) or "", file)
    if clash:
        raise clash


def _has_sections(subject: Subject, file: Path) -> bool:
    """Whether Kolla-Ansible's own file has sections: that of the name, or that of the service."""
    service = file.relative_to(subject.survey.path / DIRECTORY).parts[0]
    return bool({file.name, f"{service}.conf"} & subject.known.sectioned())


def _sections(file: Path) -> None:
    """Refuse a file with sections whose other lines are none of a configuration.

    :raises SiteInvalid: with the line.
    """
    text = yamlfile.legible(file) or ""
    first = next((line for line in text.splitlines() if line.strip()[:1] not in ("", "#")), "")
    if file.suffix == ".conf" and (first.startswith("[") or _SECTION.search(text)):
        inifile.parse(text, file)


def _json(file: Path) -> None:
    """Refuse a JSON file that is none, unless it is a template.

    :raises SiteInvalid: with the line.
    """
    if file.suffix != ".json":
        return
    text = yamlfile.read_text(file)
    if is_template(text):
        return
    try:
        json.loads(text)
    except ValueError as problem:
        line, column = getattr(problem, "lineno", None), getattr(problem, "colno", None)
        raise SiteInvalid(
            f"{file.name} is not valid JSON: {getattr(problem, 'msg', problem)}.",
            fix="Correct the syntax at this place; often a comma or quote before it is off.",
            origin=Origin(file, line, column),
        ) from problem
