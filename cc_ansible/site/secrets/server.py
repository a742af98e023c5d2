"""Passwords in one secret of a KV version 2 engine, on HashiCorp Vault or OpenBao.

All passwords are one secret: one request reads them, and check-and-set makes a change of
several of them whole or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cc_ansible.errors import SiteInvalid
from cc_ansible.site.load import SECRETS_VARIABLE, Site
from cc_ansible.site.secrets import content
from cc_ansible.site.secrets.login import Login
from cc_ansible.site.secrets.store import Snapshot, conflict

if TYPE_CHECKING:
    import hvac

NEVER_WRITTEN = 0


class Server:
    """The secret ``path`` in the engine mounted at ``mount``."""

    def __init__(self, site: Site, backend: str) -> None:
        self.site = site
        self.backend = backend
        self.login = Login(site, backend)
        settings = self.login.settings
        self.mount = settings.mount
        if settings.path is None:
            raise SiteInvalid(
                "secrets.path is not set; it names the secret on the server.",
                fix=f"Set secrets.path in {site.path / 'defaults.yml'}, such as chi/{site.name}.",
                origin=site.variables[SECRETS_VARIABLE].origin if site.secrets else None,
            )
        self.path = settings.path

    @property
    def place(self) -> str:
        """The secret's name as the servers' own command lines write it."""
        return f"{self.mount}/{self.path} on {self.login.url}"

    def read(self) -> Snapshot:
        """See Store."""
        from hvac import exceptions

        with self.login.client() as client:
            try:
                answer = client.secrets.kv.v2.read_secret_version(
                    self.path, mount_point=self.mount, raise_on_deleted_version=True
                )
            except exceptions.InvalidPath as error:
                if error.errors:
                    raise self._no_engine(", ".join(error.errors)) from None
                return Snapshot("", _deleted_version(error.json), self._parse, empty=True)
        found = answer["data"]
        if "metadata" not in found:
            raise self._no_engine("It holds something else.")
        text = content.from_json(found["data"])
        return Snapshot(text, found["metadata"]["version"], self._parse)

    def write(self, text: str, seen: Snapshot) -> None:
        """See Store."""
        from hvac import exceptions

        data = content.to_json(self.site, text)
        with self.login.client() as client:
            if seen.version == NEVER_WRITTEN:
                self._require_version_2(client)
            try:
                client.secrets.kv.v2.create_or_update_secret(
                    self.path, data, cas=seen.version, mount_point=self.mount
                )
            except exceptions.InvalidRequest as error:
                if "check-and-set" in ", ".join(error.errors or []):
                    raise conflict(self.place) from None
                raise

    def remove(self) -> None:
        """See Store; all versions go."""
        with self.login.client() as client:
            client.secrets.kv.v2.delete_metadata_and_all_versions(self.path, mount_point=self.mount)

    def credentials(self) -> list[str]:
        """See Store."""
        return list(self.login.used)

    def _parse(self, text: str) -> dict[str, Any]:
        found: dict[str, Any] = content.plain(self.site, content.document(text).value)
        return found

    def _require_version_2(self, client: hvac.Client) -> None:
        """An engine of version 1 would take the request and store it in its own way."""
        from hvac import exceptions

        try:
            mount = client.adapter.get(f"/v1/sys/internal/ui/mounts/{self.mount}")["data"]
        except exceptions.VaultError:
            return  # the write itself will tell
        if mount.get("type") != "kv" or (mount.get("options") or {}).get("version") != "2":
            raise self._no_engine("It is of another type or version.")

    def _no_engine(self, said: str) -> SiteInvalid:
        return SiteInvalid(
            f"{self.mount} is no KV engine of version 2 on {self.login.url}.",
            detail=said,
            fix="Correct secrets.mount, or enable the engine: `secrets enable -version=2 "
            f"-path={self.mount} kv` with the server's command line.",
            origin=self.site.variables[SECRETS_VARIABLE].origin if self.site.secrets else None,
        )


def _deleted_version(answer: Any) -> int:
    """The version to name when writing over a secret whose last version was deleted."""
    try:
        return int(answer["data"]["metadata"]["version"])
    except (KeyError, TypeError):
        return NEVER_WRITTEN
