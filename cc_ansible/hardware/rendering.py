"""Values of hardware files with the site's secrets filled in. They are for Doni only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site.leaves import leaves
from cc_ansible.site.secrets import content
from cc_ansible.site.values import Effective, Unknown, Values, references
from cc_ansible.site.yamlfile import Tagged

if TYPE_CHECKING:
    from cc_ansible.site.load import Site
    from cc_ansible.site.machines import Machine
    from cc_ansible.site.subject import Subject


class WithSecrets(Values):
    """As :class:`Values`, but the passwords are variables too."""

    def __init__(self, subject: Subject, site: Site, passwords: Mapping[str, Any]) -> None:
        super().__init__(subject.survey, subject.known)
        self._site = site
        self._passwords = passwords
        self._place = Origin(Path(content.NAME))

    def raw(self, name: str, host: str | None = None) -> Effective | None:
        if name in self._passwords:
            return Effective(self._passwords[name], self._place)
        return super().raw(name, host)

    def item(self, machine: Machine) -> dict[str, Any]:
        """Everything an item says, with its templates evaluated and secrets decrypted.

        :raises SiteInvalid: a template in it cannot be evaluated, or a secret not decrypted.
        """
        if not any(_is_open(leaf) for _, leaf in leaves(machine.value)):
            return dict(machine.value)
        decrypted = content.plain(self._site, machine.merged, machine.at().file)
        found: dict[str, Any] = {}
        for key, value in decrypted.items():
            found[key] = self._part(machine, (key,), value)
        return found

    def _part(self, machine: Machine, path: tuple[str | int, ...], value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._part(machine, (*path, key), item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._part(machine, (*path, i), item) for i, item in enumerate(value)]
        try:
            return self.render(value)
        except Unknown:
            # The value itself may be a secret; its name is none.
            missing = [name for name in sorted(references(value)) if self.raw(name) is None]
            what = f"{', '.join(missing)} is not set" if missing else "only a run knows it"
            raise SiteInvalid(
                f"hardware {machine.name}: `{'.'.join(map(str, path))}` cannot be told: {what}.",
                fix="Put it into the passwords: cc-ansible passwords edit",
                origin=machine.at(*path),
            ) from None


def _is_open(leaf: Any) -> bool:
    """Whether a rendered value still has something that the site's secrets may answer."""
    return isinstance(leaf, Tagged) or (isinstance(leaf, str) and ("{{" in leaf or "{%" in leaf))
