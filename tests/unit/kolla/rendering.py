"""Files of services as a run writes them: Kolla-Ansible's own templates, a site's variables."""

from __future__ import annotations

import configparser
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import small_site
import yaml

from cc_ansible.kolla import release, variables, workspace
from cc_ansible.kolla.workspace import Workspace
from cc_ansible.site.load import load

ADDRESS = "192.0.2.11"
FACTS = {"eth0": {"ipv4": {"address": ADDRESS}}, "hostname": "node1"}


class Rendered:
    """A workspace, and what Ansible makes of templates for its first control host."""

    def __init__(self, space: Workspace, role: str) -> None:
        from ansible.parsing.dataloader import DataLoader

        self.space = space
        loader = DataLoader()
        defaults = release.ANSIBLE_TREE / "roles" / role / "defaults" / "main.yml"
        roles_own = loader.load_from_file(str(defaults), trusted_as_template=True)
        said, groups = variables.effective(space)
        host = {**roles_own, **said, "ansible_facts": FACTS, "groups": groups}
        host |= {"ansible_play_batch": ["node1"]}
        self.variables = {**host, "hostvars": {"node1": self._addresses(host)}}

    def _addresses(self, host: dict[str, Any]) -> dict[str, Any]:
        return {
            "api_interface": "eth0",
            "api_address_family": "ipv4",
            "ansible_facts": host["ansible_facts"],
        }

    def value(self, name: str) -> Any:
        """A variable with its templates evaluated."""
        return self.text("{{ " + name + " }}")

    def text(self, template: str, **more: Any) -> Any:
        """What Ansible makes of a template."""
        from ansible.parsing.dataloader import DataLoader
        from ansible.template import Templar, trust_as_template

        templar = Templar(loader=DataLoader(), variables={**self.variables, **more})
        return templar.template(trust_as_template(template), escape_backslashes=False)

    def file(self, path: Path) -> str:
        """What Ansible makes of a file."""
        return str(self.text(path.read_text()))

    def config(self, name: str) -> str:
        """The merged override of this name, as Kolla-Ansible finds it."""
        return (self.space.config / "config" / name).read_text()

    def ini(self, name: str) -> configparser.ConfigParser:
        """The same, rendered and read."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(str(self.text(self.config(name))))
        return parser

    def template(self, name: str) -> str:
        """What Ansible makes of a template of Kolla-Ansible, as the run sees it."""
        return self.file(self.space.tree / "roles" / name)


def make(path: Path, settings: str = "", passwords: str = "") -> None:
    """A small site with further settings and passwords."""
    small_site.write(path, settings=settings)
    small_site.complete(path)
    values = yaml.safe_load((path / "passwords.yml").read_text())
    values |= yaml.safe_load(passwords) or {}
    (path / "passwords.yml").write_text(yaml.safe_dump(values))


@contextlib.contextmanager
def of_site(path: Path, role: str, settings: str = "", passwords: str = "") -> Iterator[Rendered]:
    """Files of one role at such a site, which is made unless it is there already."""
    if not path.exists():
        make(path, settings, passwords)
    with workspace.assemble(load(path, env={}), {}) as space:
        yield Rendered(space, role)
