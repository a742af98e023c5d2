"""Looks at everything real that a site config speaks of: hosts, registry, BMCs, switches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import images, prechecks, variables, workspace
from cc_ansible.online import devices as reaching
from cc_ansible.online import probe, registry, report
from cc_ansible.online.judge.images import endpoint
from cc_ansible.online.judging import judge
from cc_ansible.online.registry import HUB, Login
from cc_ansible.online.report import Report
from cc_ansible.online.rules import HostFinding
from cc_ansible.online.view import View
from cc_ansible.runs.redact import Redactor
from cc_ansible.site.groupvars import DEPLOY_GROUPS, LOCALHOST
from cc_ansible.site.values import truth

if TYPE_CHECKING:
    from cc_ansible.kolla.images import Service
    from cc_ansible.online.devices import Device
    from cc_ansible.runs.steps import Steps
    from cc_ansible.site.load import Site
    from cc_ansible.site.subject import Subject


def look(site: Site, subject: Subject, steps: Steps) -> Report:
    """Look at all hosts and at what they need, side by side; nothing is changed anywhere.

    Raises:
        SiteInvalid: the site cannot be assembled, or has no hosts.
        RunFailed: Ansible could not be started.
        Interrupted: stopped by the user.
    """
    from cc_ansible.site.secrets import use

    names = hosts_of(subject)
    if not names:
        raise SiteInvalid(
            "The inventory has no hosts to look at.",
            fix=f"Name at least one host in group control in {site.inventory_dir}.",
        )
    in_use = use.take(site)
    with workspace.assemble(site, {}, in_use) as space:
        with steps.step("What the site runs"):
            said, groups = variables.effective(space)
            services = images.enabled_services(said, groups, space.tree)
            listeners = prechecks.listeners(services, said, space.tree)
            devices = reaching.of_site(subject)
        with steps.step(f"Hosts ({len(names)})") as step:
            questions = _questions(names, services, devices)
            hosts = probe.look(space, questions, groups, step.update)
        with steps.step("Registry") as step:
            wanted = _to_ask(services, hosts)
            if not wanted:
                step.skip("no image to be pulled")
            answers = registry.ask(wanted, _login(said))
        view = View(
            subject,
            hosts,
            services,
            listeners,
            prechecks.container_names(space.tree),
            answers,
            devices,
        )
        hidden = Redactor(in_use.hidden)
        return report.make(view, [_without(found, hidden) for found in judge(view)])


def hosts_of(subject: Subject) -> list[str]:
    """The hosts of the inventory, without the machine that only runs cc-ansible."""
    found = []
    for name in subject.survey.inventory.hosts:
        groups = set(subject.survey.inventory.groups_of.get(name, ()))
        deploys = name == LOCALHOST or bool(groups & (DEPLOY_GROUPS - {"all", "ungrouped"}))
        if not (deploys and groups <= DEPLOY_GROUPS):
            found.append(name)
    return found


def _questions(
    names: Sequence[str], services: Sequence[Service], devices: Sequence[Device]
) -> probe.Questions:
    """What each host is to reach: the registries of its images, and the devices it talks to."""
    asked: dict[str, dict[str, list[str]]] = {"tcp": {}, "redfish": {}, "ipmi": {}}
    for service in services:
        name = registry.parse(service.image).registry
        if name != HUB:
            for host in service.hosts:
                asked["tcp"].setdefault(host, []).append(endpoint(name))
    running = {service.container: service.hosts for service in services}
    for device in devices:
        for host in running.get(device.container, ()):
            asked[device.kind].setdefault(host, []).append(device.asked)
    unique = {
        kind: {host: list(dict.fromkeys(them)) for host, them in by_host.items()}
        for kind, by_host in asked.items()
    }
    return probe.Questions(list(names), **unique)


def _to_ask(services: Sequence[Service], hosts: Mapping[str, Any]) -> list[str]:
    """Images to look up: all of a registry; of Docker Hub only what some host lacks.

    A site without a registry builds its images where they run.
    """
    wanted = []
    for service in services:
        seen = [hosts[name].facts for name in service.hosts if name in hosts]
        held = bool(seen) and all(facts and service.image in facts.images for facts in seen)
        if registry.parse(service.image).registry != HUB or not held:
            wanted.append(service.image)
    return list(dict.fromkeys(wanted))


def _login(said: Mapping[str, Any]) -> Login:
    def text(name: str) -> str:
        return str(variables.evaluated(said, name) or "")

    return Login(
        registry=registry.parse(f"{text('docker_registry') or HUB}/image").registry,
        username=text("docker_registry_username"),
        password=text("docker_registry_password"),
        insecure=truth(text("docker_registry_insecure")) is True,
    )


def _without(found: HostFinding, hidden: Redactor) -> HostFinding:
    """A finding without secrets: what hosts and registries say may hold some."""
    finding = found.finding
    clean = replace(
        finding,
        summary=hidden.text(finding.summary),
        detail=hidden.text(finding.detail),
        fix=hidden.text(finding.fix),
    )
    return replace(found, finding=clean)
