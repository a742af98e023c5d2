"""The site's own credentials, as ``post-deploy`` leaves them, and sessions made with them.

What only looks, and what a timer runs, logs in with an application credential that Keystone lets do
no more than that. What an admin asks to be changed is done as the site's admin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import Origin, RunFailed
from cc_ansible.site import yamlfile

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter
    from keystoneauth1.session import Session

ADMINS = ("clouds.yaml", "kolla-admin-internal")
WHOLE_SYSTEM = ("clouds.yaml", "kolla-admin-system-internal")
LOOKING = ("cc-ansible-clouds.yaml", "cc-ansible-looking")
ROLLING = ("cc-ansible-clouds.yaml", "cc-ansible-rolling")
"""Files beside each other, and a cloud in each; roles/cloud_identity says what the last two may.
Only an admin of the whole system sees nodes of Ironic, whoever owns them."""
TIMEOUT = 60
"""Seconds that one request may take."""
CONNECTIONS = 16
_PROJECT_KEYS = (
    "project_name", "project_id", "project_domain_name", "project_domain_id", "system_scope"
)  # fmt: skip


@dataclass(frozen=True)
class Cloud:
    """One entry of a clouds.yaml."""

    file: Path
    entry: Mapping[str, Any] = field(repr=False)
    _sessions: dict[str | None, Session] = field(default_factory=dict, repr=False)

    def adapter(
        self, service: str, project_id: str | None = None, version: str | None = None
    ) -> Adapter:
        """What speaks to a service of the catalogue, in a project (the site's own).

        ``version`` is the microversion of its API, for services that have such.
        """
        from keystoneauth1.adapter import Adapter

        from cc_ansible import __version__

        return Adapter(
            self.session(project_id),
            service_type=service,
            interface=self.entry.get("interface", "public"),
            region_name=self.entry.get("region_name"),
            client_name="cc-ansible",
            client_version=__version__,
            default_microversion=version,
            raise_exc=False,
            connect_retries=2,
        )

    def session(self, project_id: str | None = None) -> Session:
        """A session with a token for one project; it may be used by several threads.

        Only the admin can have one for another project than the site's own.
        """
        if project_id not in self._sessions:
            self._sessions[project_id] = self._session(project_id)
        return self._sessions[project_id]

    @property
    def url(self) -> str:
        """Keystone's address, with its version."""
        url = str(self.entry.get("auth", {}).get("auth_url", "")).rstrip("/")
        return url if url.endswith("/v3") else f"{url}/v3"

    @property
    def user(self) -> str:
        """Who it logs in as."""
        return str(self.entry.get("auth", {}).get("username", ""))

    @cached_property
    def project_id(self) -> str:
        """The id of the site's admin project.

        :raises RunFailed: Keystone refuses the credentials, or does not answer.
        """
        from keystoneauth1.exceptions import ClientException

        try:
            return str(self.session().get_project_id() or "")
        except ClientException as problem:
            raise self.refused(problem) from None

    def refused(self, problem: Exception) -> RunFailed:
        """The error for a login that Keystone refuses, or for one it does not answer."""
        from keystoneauth1.exceptions import Unauthorized

        if isinstance(problem, Unauthorized):
            return RunFailed(
                f"Keystone refuses the credentials in {self.file}.",
                detail=self.url,
                fix="Make them again: cc-ansible post-deploy",
            )
        return RunFailed(
            "Keystone does not answer.",
            detail=f"{self.url}: {str(problem).splitlines()[0] if str(problem) else problem!r}",
            fix="See that the site is up, and that this machine reaches its internal address.",
        )

    def _session(self, project_id: str | None) -> Session:
        import requests
        from keystoneauth1.loading import get_plugin_loader
        from keystoneauth1.session import Session

        auth = {**self.entry.get("auth", {}), "auth_url": self.url}
        if project_id is not None:
            auth = {key: value for key, value in auth.items() if key not in _PROJECT_KEYS}
            auth["project_id"] = project_id
        kind = str(self.entry.get("auth_type", "v3password"))
        http = requests.Session()
        pool = requests.adapters.HTTPAdapter(pool_maxsize=CONNECTIONS)
        http.mount("http://", pool)
        http.mount("https://", pool)
        verify = self.entry.get("verify", True)
        return Session(
            auth=get_plugin_loader(kind).load_from_options(**auth),
            session=http,
            verify=self.entry.get("cacert") or verify,
            timeout=TIMEOUT,
        )


def admins(state_dir: Path) -> Cloud:
    """The site's admin, by the files in the site's state directory.

    :raises RunFailed: there are none, or they cannot be used.
    """
    return _read(state_dir, *ADMINS)


def whole_system(state_dir: Path) -> Cloud:
    """The site's admin, for the whole system.

    :raises RunFailed: as :func:`admins`.
    """
    return _read(state_dir, *WHOLE_SYSTEM)


def looking(state_dir: Path) -> Cloud:
    """One who can look at hardware, leases and projects.

    :raises RunFailed: as :func:`admins`.
    """
    return _read(state_dir, *LOOKING)


def rolling(state_dir: Path) -> Cloud:
    """One who can also change the windows of enrolled hardware.

    :raises RunFailed: as :func:`admins`.
    """
    return _read(state_dir, *ROLLING)


def _read(state_dir: Path, name: str, entry_name: str) -> Cloud:
    file = state_dir / "credentials" / name
    if not file.is_file():
        raise RunFailed(
            "This machine has no credentials of the site.",
            detail=f"There is no {file}.",
            fix="Make them: cc-ansible post-deploy (the site must be deployed)",
        )
    entry = yamlfile.load_mapping(file).value.get("clouds", {}).get(entry_name)
    if not isinstance(entry, Mapping):
        raise RunFailed(
            f"{file} has no cloud {entry_name}.",
            fix="Make it again: cc-ansible post-deploy",
            origin=Origin(file),
        )
    return Cloud(file, entry)
