"""The container engine, and containers that do not belong to the site."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cc_ansible.kolla import prechecks
from cc_ansible.online.facts import Container, Host
from cc_ansible.online.rules import Check, HostFinding, error, warning
from cc_ansible.online.view import View

ABSENT = warning(Check.ENGINE, "engine-missing", "The container engine is installed")
STOPPED = error(Check.ENGINE, "engine-stopped", "An installed container engine runs")
SILENT = error(Check.ENGINE, "engine-silent", "The container engine answers")
OLD = error(Check.ENGINE, "engine-old", "The container engine is recent enough")
FOREIGN = warning(Check.ENGINE, "foreign-container", "Hosts run Kolla containers of this site only")

SHOWN = 8


def engine(view: View) -> Iterator[HostFinding]:
    """Docker or Podman on each host."""
    for host in view.seen:
        assert host.facts
        name, state = host.want("engine") or "docker", host.facts.get("engine", "state")
        if state == "missing":
            summary = f"{name} is not installed on {host.name}."
            fix = "Run `cc-ansible bootstrap-servers`, or install it there (docs/install.md)."
            yield ABSENT.broken(host.name, summary, fix=fix)
        elif state == "stopped":
            summary = f"{name} is installed on {host.name}, but does not run."
            fix = f"On the host: `systemctl enable --now {name}`; `journalctl -u {name}` says why."
            yield STOPPED.broken(host.name, summary, fix=fix)
        elif state == "silent":
            yield SILENT.broken(
                host.name,
                f"{name} on {host.name} runs, but does not answer.",
                detail=str(host.facts.get("engine", "problem") or ""),
                fix=f"On the host: `systemctl restart {name}`; `journalctl -u {name}` says why.",
            )
        elif state == "running" and name == "docker":
            yield from _version(host, str(host.facts.get("engine", "version") or ""))


def foreign(view: View) -> Iterator[HostFinding]:
    """Containers of Kolla that another install, or an earlier state of this one, left behind."""
    if not view.services:
        return
    spaces = {_space(service.image) for service in view.services}
    for host in view.seen:
        known = [
            each
            for each in (host.facts.containers if host.facts else ())
            if each.name in view.container_names
        ]
        left = [each for each in known if not view.runs(host, each.name)]
        rest = [each for each in known if each not in left]
        other = [each for each in rest if _space(each.image) not in {*spaces, ""}]
        if left:
            yield FOREIGN.broken(
                host.name,
                f"Kolla containers on {host.name} are none that this site runs there: "
                f"{_names(left)}.",
                detail=_images(left),
                fix=f"If nobody needs them: `docker rm -f NAME` on {host.name}.",
            )
        if other:
            yield FOREIGN.broken(
                host.name,
                f"Containers on {host.name} run images of another install: {_names(other)}.",
                detail=_images(other),
                fix="A deploy replaces them. If they are another site's, take the host out of the "
                "inventory.",
            )


def _version(host: Host, version: str) -> Iterator[HostFinding]:
    oldest = prechecks.oldest_docker()
    if version and _numbers(version) < _numbers(oldest):
        summary = f"Docker on {host.name} is {version}; {oldest} or newer is needed."
        fix = "Run `cc-ansible bootstrap-servers`, or upgrade Docker there."
        yield OLD.broken(host.name, summary, fix=fix)


def _names(found: list[Container]) -> str:
    names = sorted(each.name for each in found)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _images(found: list[Container]) -> str:
    spaces = sorted({_space(each.image) or each.image for each in found})
    return f"Their images are from {', '.join(spaces[:SHOWN])}."


def _space(image: str) -> str:
    """What is before the name of an image; empty where only its id is known."""
    return image.partition("@")[0].rpartition("/")[0]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)[:3]]
