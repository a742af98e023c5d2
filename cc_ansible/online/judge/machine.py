"""The machine itself: operating system, Python, disks and memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cc_ansible.kolla import prechecks
from cc_ansible.online.facts import Facts, Host
from cc_ansible.online.rules import Check, HostFinding, error, warning
from cc_ansible.online.view import View

HOST_OS = error(Check.SYSTEM, "host-os", "Kolla-Ansible supports the hosts' operating system")
NO_SYSTEMD = error(Check.SYSTEM, "host-systemd", "Hosts are run by systemd")
NO_LOCALTIME = error(Check.SYSTEM, "localtime-missing", "Hosts have a time zone")
NSCD = error(Check.SYSTEM, "nscd-running", "Hosts run no name service cache")
NO_OWNER = error(Check.SYSTEM, "config-owner-missing", "The owner of the configuration exists")
NO_INTERPRETER = error(Check.SYSTEM, "interpreter-missing", "The Python named for Ansible exists")
NO_MODULES = warning(Check.SYSTEM, "python-modules", "Hosts have the Python modules Kolla needs")
DISK_FULL = error(Check.DISK, "disk-full", "File systems that services use have room")
DISK_SMALL = warning(Check.DISK, "disk-small", "File systems that services use have ample room")
MEMORY_SMALL = warning(Check.MEMORY, "memory-small", "Control hosts have memory for the services")

GIB = 1024**3
FULL, SMALL = 2 * GIB, 10 * GIB
"""Free bytes below which a deploy fails, or is likely to before long."""
MEMORY = 7 * GIB
"""A machine sold with 8 GiB has a bit less; the services of a control host take half of it."""
PACKAGES = {"docker": "python3-docker", "dbus": "python3-dbus"}


def system(view: View) -> Iterator[HostFinding]:
    """Operating system, and what Kolla-Ansible's prechecks want of it."""
    for host in view.seen:
        facts = host.facts
        assert facts
        if host.wanted.get("check_system") is not False:
            yield from _release(host, facts.get("os") or {})
        if facts.get("systemd") is False:
            summary = f"{host.name} is not run by systemd."
            fix = "Use a host whose process 1 is systemd; services are its units."
            yield NO_SYSTEMD.broken(host.name, summary, view.listed(host), fix=fix)
        if facts.get("localtime") is False:
            summary = f"{host.name} has no /etc/localtime, which every container gets."
            fix = "On the host: `timedatectl set-timezone Etc/UTC`."
            yield NO_LOCALTIME.broken(host.name, summary, fix=fix)
        if "nscd" in (facts.get("daemons") or ()):
            summary = f"nscd runs on {host.name} and disturbs name resolution in containers."
            fix = "On the host: `systemctl disable --now nscd`."
            yield NSCD.broken(host.name, summary, fix=fix)
        yield from _owner(view, host, facts)


def python(view: View) -> Iterator[HostFinding]:
    """The Python that Kolla-Ansible's modules will run in."""
    for host in view.seen:
        assert host.facts
        used, there = host.facts.get("python", "used"), host.facts.get("python", "there")
        at = view.origin("ansible_python_interpreter", host)
        if there is False and at:
            summary = f"{host.name} has no {used}, which ansible_python_interpreter names."
            fix = "Correct it, or remove it: Ansible finds /usr/bin/python3 by itself."
            yield NO_INTERPRETER.broken(host.name, summary, at, fix=fix)
        missing = ["docker", "dbus"] if there is False else host.facts.get("python", "missing")
        if missing:
            packages = " ".join(PACKAGES.get(name, name) for name in missing)
            summary = f"Python on {host.name} lacks {' and '.join(missing)}."
            fix = f"Run `cc-ansible bootstrap-servers`, or `apt-get install {packages}` there."
            yield NO_MODULES.broken(host.name, summary, detail=f"Looked at {used}.", fix=fix)


def disks(view: View) -> Iterator[HostFinding]:
    """Room for images, databases and logs."""
    for host in view.seen:
        assert host.facts
        done = set()
        for path, disk in (host.facts.get("disks") or {}).items():
            mount, free = disk.get("mount"), disk.get("free")
            if mount not in done and free is not None:
                done.add(mount)
                yield from _disk(host, path, disk)


def memory(view: View) -> Iterator[HostFinding]:
    """Memory of control hosts."""
    for host in view.seen_in("control"):
        assert host.facts
        total = host.facts.get("memory", "total") or 0
        if 0 < total < MEMORY:
            summary = f"{host.name} has {_gib(total)} of memory."
            detail = "The services of a control host take about 4 GiB, and grow with use."
            fix = "Give it 8 GiB or more; set openstack_service_workers to 1 where it has to do."
            yield MEMORY_SMALL.broken(host.name, summary, detail=detail, fix=fix)


def _release(host: Host, said: Mapping[str, Any]) -> Iterator[HostFinding]:
    known = prechecks.systems()
    releases = known.get(said.get("id", ""), ())
    version = str(said.get("version", ""))
    if {said.get("codename"), version, version.partition(".")[0]} & {*releases}:
        return
    supported = "; ".join(f"{name} {', '.join(them)}" for name, them in known.items())
    yield HOST_OS.broken(
        host.name,
        f"{host.name} runs {said.get('pretty') or 'an unknown system'}, which is not supported.",
        detail=f"Supported: {supported}.",
        fix="Install Debian 13 (trixie) on it.",
    )


def _owner(view: View, host: Host, facts: Facts) -> Iterator[HostFinding]:
    kinds = {"missing_users": "config_owner_user", "missing_groups": "config_owner_group"}
    for key, variable in kinds.items():
        for name in facts.get(key) or ():
            summary = f"{host.name} does not know {name}, which {variable} names."
            fix = f"Create it there, or correct {variable}."
            yield NO_OWNER.broken(host.name, summary, view.origin(variable, host), fix=fix)


def _disk(host: Host, path: str, disk: Mapping[str, Any]) -> Iterator[HostFinding]:
    free, mount = disk["free"], disk["mount"]
    inodes, left = disk.get("inodes") or 0, disk.get("inodes_free") or 0
    if free < FULL or (inodes and left < inodes // 100):
        what = f"{_gib(free)} free" if free < FULL else "no inodes left"
        summary = f"{mount} on {host.name} has {what}."
        fix = "Free some: `docker system df` and `journalctl --disk-usage` show where it went."
        yield DISK_FULL.broken(host.name, summary, detail=f"It holds {path}.", fix=fix)
    elif free < SMALL:
        summary = f"{mount} on {host.name} has {_gib(free)} free."
        detail = f"It holds {path}; images of a control host alone take about 10 GiB."
        yield DISK_SMALL.broken(host.name, summary, detail=detail, fix="Make it larger.")


def _gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"
