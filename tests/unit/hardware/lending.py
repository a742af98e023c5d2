"""A site that lends hardware to the testbed double, and its command line."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import small_site
import yaml
from doni.db import listing
from doni.db import windows as of_doni
from testbed import Testbed

from cc_ansible.cli.main import main
from cc_ansible.errors import Exit
from cc_ansible.hardware import windows
from cc_ansible.kolla import validity
from cc_ansible.paths import site_state_dir
from cc_ansible.site.subject import Subject

NOW = datetime.datetime(2027, 3, 1, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
SETTINGS = {
    "enable_ironic": True,
    "ironic_dnsmasq_dhcp_ranges": [{"range": "10.40.0.10,10.40.0.90,255.255.255.0"}],
    "neutron_networks": [
        {"name": "physnet1", "bridge_name": "br-tenant", "external_interface": "eth1"}
    ],
    "switch_configs": [
        {
            "name": "tor1",
            "device_type": "netmiko_dell_os10",
            "address": "10.30.0.2",
            "auth": {"username": "ngs", "password": "{{ keystone_admin_password }}"},
            "ngs_config": {},
        }
    ],
}
BMC_PASSWORD = "calvin-and-hobbes"


def fake(name: str, **more: Any) -> dict[str, Any]:
    """The least that an item says."""
    return {"name": name, "type": "fake-hardware", **more}


def node(number: int, **more: Any) -> dict[str, Any]:
    """A node with a controller whose password is a secret of the site."""
    port = {
        "name": "eno1",
        "mac": f"02:00:00:00:01:{number:02x}",
        "switch": "tor1",
        "port": f"ethernet1/1/{number}",
        "physical_network": "physnet1",
    }
    bmc = {
        "protocol": "ipmi",
        "address": f"10.30.1.{number}",
        "username": "root",
        "password": "{{ bmc_password }}",
        "terminal_port": 40000 + number,
    }
    return {"name": f"c{number:02}", "type": "baremetal", "bmc": bmc, "ports": [port], **more}


def device(name: str, **more: Any) -> dict[str, Any]:
    """An edge device."""
    about = {"machine_name": "raspberrypi4-64", "contact_email": "someone@example.org"}
    return {"name": name, "type": "device", **about, **more}


def span(*windows_: str) -> dict[str, Any]:
    """A calendar of its own, in UTC, for an item."""
    return {"timezone": "UTC", "windows": list(windows_)}


_require, _valid = validity.require, set[str]()


def _require_once(path: Path, subject: Subject | None = None) -> None:
    """What was found valid, in whichever test, need not be looked at again."""
    digest = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        digest.update(f"{file.relative_to(path)} {file.stat().st_size} ".encode())
        digest.update(file.read_bytes())
    if digest.hexdigest() not in _valid:
        _require(path, subject)
        _valid.add(digest.hexdigest())


@dataclass
class Said:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Lending:
    """``bed`` is what the site ``path`` lends to; it is ``now``."""

    def __init__(
        self,
        path: Path,
        bed: Testbed,
        capture: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.path = path
        self.bed = bed
        self.state = site_state_dir(path)
        self.now = NOW
        self._capture = capture
        monkeypatch.setattr(windows, "this_minute", lambda: self.now)
        monkeypatch.setattr(validity, "require", _require_once)
        bed.login(self.state)

    def declare(self, *items: dict[str, Any], **sections: Any) -> None:
        """Have the site declare just these items."""
        file = self.path / "hardware" / "nodes.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump({**sections, "hardware": list(items)}))

    def run(self, *words: str) -> Said:
        """Type a command of ``hardware``; the requests of those before are forgotten."""
        self.bed.calls.clear()
        self._capture.readouterr()
        code = main(["-s", str(self.path), "hardware", *words])
        return Said(int(code), *self._capture.readouterr())

    def ok(self, *words: str) -> Said:
        """As :meth:`run`, and it must succeed."""
        said = self.run(*words)
        assert said.code == Exit.OK, said
        return said

    def json(self, *words: str) -> Any:
        """The answer of a command that must succeed."""
        return self.ok(*words, "--output", "json").json

    def apply(self, *words: str) -> Said:
        """Have it all written, and the workers be done."""
        said = self.ok("apply", "--yes", "--no-wait", *words)
        self.bed.tasks()
        return said

    def shown(self, name: str) -> Any:
        """What `show` says about an item."""
        return self.json("show", name)

    def uuid(self, name: str) -> str:
        """What Doni calls an item."""
        return next(item.uuid for item in listing.page(listing.Wanted()) if item.name == name)

    def blackouts(self, name: str) -> list[tuple[str, str]]:
        """When Doni keeps users from an item: days and times without the year."""
        uuid = self.uuid(name)
        ends = [(each.start, each.end) for each in of_doni.of_project(None)
                if each.hardware_uuid == uuid]  # fmt: skip
        return [(_short(start), _short(end)) for start, end in ends]


def _short(moment: datetime.datetime | None) -> str:
    assert moment
    return "forever" if moment.year == windows.FOREVER.year else f"{moment:%m-%d %H:%M}"


def site(path: Path) -> Path:
    """A valid site without hardware, whose passwords are plain text."""
    small_site.write(path, yaml.safe_dump(SETTINGS))
    small_site.complete(path)
    with (path / "passwords.yml").open("a") as file:
        file.write(f"bmc_password: {BMC_PASSWORD}\n")
    (path / "vault_password").write_text("what encrypts new passwords\n")
    (path / "vault_password").chmod(0o400)
    return path
