"""A directory with appliances and elements, to be changed as a user would."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from cc_ansible.appliances import catalogue, plan
from cc_ansible.appliances.catalogue import Catalogue
from cc_ansible.appliances.definition import Definition
from cc_ansible.appliances.plan import Plan
from cc_ansible.appliances.records import RECORD
from cc_ansible.appliances.stages import Stage
from cc_ansible.appliances.store import DISK, Store
from cc_ansible.runs.files import write_json

BASE = {
    "name": "base",
    "base": {"distro": "debian", "release": "13"},
    "arch": ["x86_64", "aarch64"],
    "elements": ["small"],
    "packages": ["git"],
    "properties": {"os_distro": "debian"},
    "tests": ["boot", "ssh"],
}
SENSOR = {"name": "sensor", "extends": "base", "arch": ["x86_64"], "elements": ["sensing"]}


class ApplianceSite:
    """``path`` is the directory, ``store`` where things are built."""

    def __init__(self, path: Path) -> None:
        self.path = path / "definitions"
        self.store = Store(path / "store")
        self.element("small")
        self.element("sensing")
        self.define(BASE, SENSOR)

    def define(self, *appliances: dict[str, Any]) -> None:
        """Have just these appliances."""
        (self.path / "images").mkdir(parents=True, exist_ok=True)
        file = self.path / "images" / "appliances.yml"
        file.write_text(yaml.safe_dump({"appliances": list(appliances)}))

    def element(self, name: str, text: str = "true", deps: Sequence[str] = ()) -> None:
        """Have an element with one hook."""
        top = self.path / "images" / "elements" / name
        hook = top / "install.d" / f"50-{name}"
        hook.parent.mkdir(parents=True, exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{text}\n")
        hook.chmod(0o755)
        (top / "element-deps").write_text("".join(f"{dep}\n" for dep in deps))

    @property
    def catalogue(self) -> Catalogue:
        """What the files say now."""
        return catalogue.load(self.path)

    def definition(self, name: str, arch: str = "x86_64") -> Definition:
        """One of its images."""
        return next(
            each for each in self.catalogue.definitions if (each.name, each.arch) == (name, arch)
        )

    def plan(self, name: str, **options: Any) -> Plan:
        """What would be built of one of its images."""
        return plan.compute(self.definition(name), self.catalogue.elements, self.store, **options)

    def keep(self, name: str) -> Plan:
        """Have an image as if it had been built just now."""
        wanted = self.plan(name)
        with self.store.new() as made:
            (made / DISK).write_text("a disk")
            about = {
                "version": wanted.stages[-1].version,
                "made": 1.0,
                "seconds": {},
                "sha256": {DISK: hashlib.sha256(b"a disk").hexdigest()},
                "stages": [_recorded(stage) for stage in wanted.stages],
            }
            write_json(made / RECORD, about)
            self.store.keep_image(wanted.definition.title, wanted.key, made)
        return wanted


def _recorded(stage: Stage) -> dict[str, Any]:
    inputs = dict(stage.inputs)
    return {"appliance": stage.appliance, "kind": stage.kind, "key": stage.key, "inputs": inputs}
