"""What checks need to know about Kolla-Ansible and our roles; :mod:`cc_ansible.kolla.known` does.

The site's room does not import the room of Kolla, so the caller passes that knowledge in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from cc_ansible.errors import Origin


class Definition(Protocol):
    """Where a variable gets its default; ``role`` is None for Kolla's group_vars/all."""

    @property
    def origin(self) -> Origin: ...

    @property
    def role(self) -> str | None: ...

    def value(self) -> Any:
        """The default as written, templates not evaluated."""


class Removed(Protocol):
    """A name that older releases knew; ``successor`` is None when nothing takes its place."""

    @property
    def since(self) -> str: ...

    @property
    def successor(self) -> str | None: ...

    @property
    def reason(self) -> str: ...


class Knowledge(Protocol):
    """The names that a site config may use."""

    def variables(self) -> Mapping[str, Sequence[Definition]]:
        """Every variable with a default and its definitions, weakest first."""

    def mentioned(self, names: Iterable[str]) -> set[str]:
        """Those of ``names`` that templates and tasks use without giving them a default."""

    def roles_using(self, name: str) -> list[str]:
        """The roles whose files use a variable, directly or through others."""

    def groups(self) -> frozenset[str]:
        """Inventory groups."""

    def passwords(self) -> Mapping[str, Any]:
        """Keys of passwords.yml and what the sample says about each."""

    def undefaulted(self) -> frozenset[str]:
        """Variables whose default is not here: Ansible's, and of the collection for hosts."""

    def config_paths(self) -> frozenset[str]:
        """Paths below node_custom_config that roles read, with Jinja in them as written."""

    def sectioned(self) -> frozenset[str]:
        """Names of configuration files, such as nova.conf, that start with a section."""

    def elements(self) -> frozenset[str]:
        """Elements that disk images may be made of, but for those of a site."""

    def services(self) -> frozenset[str]:
        """Names of containers, such as nova-api."""

    def removed(self, kind: str) -> Mapping[str, Removed]:
        """Names of a kind (variables, groups, passwords) that older releases knew."""
