"""`lab up`: the steps from an empty machine to a running site, each skipped when already true.

A killed run is continued by the next one: every step looks at what is there, not at what an
earlier run believed, and what it makes appears whole or not at all.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.engine import base_image, docker, packages
from cc_ansible.errors import CcError
from cc_ansible.kolla import push, run, site_images
from cc_ansible.kolla.build import NAMESPACE
from cc_ansible.lab import (
    applied,
    images,
    machines,
    metal,
    network,
    nodes,
    registry,
    site,
    spec,
    switch,
)
from cc_ansible.lab.spec import Lab
from cc_ansible.paths import state_dir
from cc_ansible.runs import journal, lock
from cc_ansible.site.load import Site, load

if TYPE_CHECKING:
    from docker import DockerClient

    from cc_ansible.hardware.work import Result

DISK_NEEDED = 25 * 2**30
TOOLS = {
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "git": "git",
    "ip": "iproute2",
    "iptables": "iptables",
}


@dataclass(frozen=True)
class Step:
    """``run(say)`` does the work; it returns what it did, or None when there was nothing to do."""

    name: str
    title: str
    run: Callable[[Callable[[str], None]], str | None]


@dataclass
class Up:
    """The steps of ``lab up`` for one lab. ``show`` is how Kolla-Ansible's runs are shown."""

    lab: Lab
    show: dict[str, Any]

    @cached_property
    def engine(self) -> DockerClient:
        return docker.client()

    @cached_property
    def site(self) -> Site:
        # The lab has a vault password of its own, whatever this shell is set up for.
        return load(self.lab.site, env={})

    @contextlib.contextmanager
    def alone(self, say: Callable[[str], None]) -> Iterator[None]:
        """Keep a second `lab up` out, and end what a killed one left running."""
        home = state_dir() / "lab-lock"
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with lock.hold(home, journal.new_id("lab-up"), "lab up", say):
            yield

    def steps(self) -> Iterator[Step]:
        yield Step("prerequisites", "Programs and Docker Engine", self._prerequisites)
        yield Step("base-image", "Base image", self._base_image)
        yield Step("lab-images", "Images of the lab itself", self._lab_images)
        yield Step("network", "Network", self._network)
        yield Step("registry", "Container registry", self._registry)
        yield Step("nodes", "Nodes", self._nodes)
        yield Step("init", "Site config", self._init)
        yield Step("machines", "Machines", self._machines)
        yield Step("switch", "Switch and cables", self._switch)
        yield Step("build", "Kolla images", self._build)
        yield Step("push", "Images to the registry", self._push)

    def _prerequisites(self, say: Callable[[str], None]) -> str | None:
        self._disk()
        installed = packages.ensure(TOOLS, "to connect and reach the lab's nodes", say)
        engine = docker.ensure(say)
        spec.save(self.lab)
        nodes.ensure_key(self.lab)
        if not installed and engine == "already running":
            return None
        return f"Docker {engine}"

    def _disk(self) -> None:
        """A lab that is already there needs no further room."""
        place = Path("/var/lib/docker")
        while not place.exists():
            place = place.parent
        free = shutil.disk_usage(place).free
        if free < DISK_NEEDED and not self.lab.site.exists():
            raise CcError(
                f"only {free / 2**30:.0f} GiB are free at {place}",
                detail=f"images and a node take about {DISK_NEEDED / 2**30:.0f} GiB",
                fix="free some space ('docker system df' shows what Docker holds) and run it again",
            )

    def _base_image(self, say: Callable[[str], None]) -> str | None:
        return "built" if base_image.ensure(self.engine, say) else None

    def _lab_images(self, say: Callable[[str], None]) -> str | None:
        built = [
            images.ensure_node(self.engine),
            images.ensure_registry(self.engine),
            images.ensure_switch(self.engine),
            *([images.ensure_machine(self.engine)] if self.lab.machines else []),
        ]
        return "built" if any(built) else None

    def _network(self, say: Callable[[str], None]) -> str | None:
        return self.lab.subnet if network.ensure(self.engine, self.lab) else None

    def _registry(self, say: Callable[[str], None]) -> str | None:
        return "started" if registry.ensure(self.engine, self.lab) else None

    def _nodes(self, say: Callable[[str], None]) -> str | None:
        started = []
        for node in self.lab.nodes:
            say(node.name)
            if nodes.ensure(self.engine, self.lab, node):
                started.append(node.name)
        nodes.write_known_hosts(self.engine, self.lab)
        return f"{', '.join(started)} started" if started else None

    def _init(self, say: Callable[[str], None]) -> str | None:
        from cc_ansible.site import init, passwords
        from cc_ansible.site.secrets import store

        if self.lab.site.exists():
            # A lab of an earlier version lacks the passwords of services that came since.
            added = passwords.complete(store.open_store(self.site), self.site.project)
            return f"generated {', '.join(added)}" if added else None
        init.create(
            self.lab.site,
            scenario="lab",
            inventory_text=site.inventory(self.lab),
            settings=site.settings(self.lab),
            files=site.files(self.lab),
        )
        return str(self.lab.site)

    def _machines(self, say: Callable[[str], None]) -> str | None:
        from cc_ansible.site.secrets import store

        if not self.lab.machines:
            return None
        password = metal.declare(self.lab, store.open_store(self.site))
        started = []
        for machine in self.lab.metal:
            say(machine.name)
            if machines.ensure(self.engine, self.lab, machine, password):
                started.append(machine.name)
        return f"{', '.join(started)} started" if started else None

    def _switch(self, say: Callable[[str], None]) -> str | None:
        from cc_ansible.site.secrets import use

        key = use.take(self.site).passwords["neutron_ssh_key"]["public_key"]
        return "connected" if switch.ensure(self.engine, self.lab, key) else None

    def _build(self, say: Callable[[str], None]) -> str | None:
        built = site_images.build(self.site, self.engine, say, only=self.image_names)[1]
        return f"{len(built)} built" if built else None

    def _push(self, say: Callable[[str], None]) -> str | None:
        target = registry.endpoint(self.engine, self.lab)
        memory = self.lab.home / "pushed.json"
        sent = push.push(self.engine, self.references(), target, memory, say)
        return f"{len(sent)} pushed" if sent else None

    def appliances(self) -> None:
        """What machines are deployed with, and what users get on them."""
        metal.publish(self.site)
        del self.site  # It says more now.

    def enrol(self, say: Callable[[str], None]) -> Result:
        """Have the testbed lend the machines, as their declaration says."""
        return metal.enrol(self.site, say)

    def deploy(self) -> bool:
        """The ordinary way of a deploy, then the credentials; False when all of it holds."""
        wanted = applied.fingerprint(self.engine, self.lab, self.references())
        if applied.holds(self.lab, wanted):
            return False
        applied.forget(self.lab)
        if nodes.stale_images(self.engine, self.lab, self.references()):
            run.action(self.site, "pull", **self.show)
        run.action(self.site, "deploy", **self.show)
        run.action(self.site, "post-deploy", **self.show)
        applied.record(self.lab, wanted)
        return True

    def references(self) -> list[str]:
        tag = str(self.site.settings()["openstack_tag"])
        return [f"{NAMESPACE}/{name}:{tag}" for name in self.image_names]

    @cached_property
    def image_names(self) -> list[str]:
        return site_images.needed(self.site)
