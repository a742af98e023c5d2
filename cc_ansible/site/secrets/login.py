"""An open connection to HashiCorp Vault or OpenBao."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site.load import SECRETS_VARIABLE, Site
from cc_ansible.site.secrets import refusals, source
from cc_ansible.site.secrets.settings import Secrets, Source, checked_url

if TYPE_CHECKING:
    import hvac

TIMEOUT = 30
TOKEN_FILE = "~/.vault-token"  # noqa: S105 - a name, no token
# Each server's own variables first.
PREFIXES = {"hashicorp-vault": ("VAULT_", "BAO_"), "openbao": ("BAO_", "VAULT_")}


class Login:
    """How to get in; ``used`` collects the secrets that it took, to be hidden in output."""

    def __init__(self, site: Site, backend: str) -> None:
        self.site = site
        self.settings = site.secrets or Secrets()
        self.prefixes = PREFIXES[backend]
        self.used: list[str] = []

    @property
    def origin(self) -> Origin | None:
        """Where the site says how to log in."""
        value = self.site.variables.get(SECRETS_VARIABLE)
        return value.origin if value else None

    @property
    def url(self) -> str:
        """The server.

        :raises SiteInvalid: none is named, or secrets cannot be sent there safely.
        """
        if self.settings.url:
            return self.settings.url
        named = self._environment("ADDR")
        try:
            return checked_url(named or "")
        except ValueError as error:
            what = f"{self.prefixes[0]}ADDR {error}." if named else "No secrets server is named."
            raise SiteInvalid(
                what, fix=f"Set secrets.url in {self._file}.", origin=self.origin
            ) from None

    @contextlib.contextmanager
    def client(self) -> Iterator[hvac.Client]:
        """A client that is logged in; a token made for it is revoked afterwards.

        :raises SiteInvalid: the server refuses, or the settings do not suffice.
        :raises CcError: the server cannot be reached or used.
        """
        import hvac

        client = hvac.Client(
            url=self.url,
            token="",
            verify=self._certificates(),
            timeout=TIMEOUT,
            namespace=self.settings.namespace or self._environment("NAMESPACE"),
        )
        with contextlib.closing(client.adapter), refusals.explained(self, client):
            if self.settings.auth.method == "token":
                client.token = self._token()
                yield client
                return
            self._approle(client)
            try:
                yield client
            finally:
                with contextlib.suppress(Exception):
                    client.auth.token.revoke_self()

    def _approle(self, client: hvac.Client) -> None:
        auth = self.settings.auth
        role = auth.role_id or self._environment("ROLE_ID")
        if not role:
            raise self._lacks("role_id", "ROLE_ID")
        secret = self._read(auth.secret_id, "secret id") or self._environment("SECRET_ID")
        self._remember(secret)
        answer = client.auth.approle.login(role, secret, mount_point=auth.mount)
        self._remember(answer["auth"]["client_token"])

    def _token(self) -> str:
        token = self._read(self.settings.auth.token, "token") or self._environment("TOKEN")
        file = Path(TOKEN_FILE).expanduser()
        if not token and file.is_file():
            token = file.read_text().strip()
        if not token:
            raise self._lacks("token", "TOKEN")
        self._remember(token)
        return token

    def _read(self, place: Source | None, purpose: str) -> str | None:
        if place is None:
            return None
        return source.read(place, self.site.path, self.site.environment, purpose)

    def _remember(self, secret: str | None) -> None:
        if secret and secret not in self.used:
            self.used.append(secret)

    def _environment(self, name: str) -> str | None:
        """A variable of the servers' own command lines: of the process, else of .env."""
        for place in (os.environ, self.site.environment):
            for prefix in self.prefixes:
                if value := place.get(prefix + name):
                    return value
        return None

    def _certificates(self) -> str | bool:
        named = self.settings.ca_cert or self._environment("CACERT") or self._environment("CAPATH")
        if not named:
            return True
        path = self.site.path / Path(named).expanduser()
        if not path.exists():
            raise SiteInvalid(
                f"The certificate file {path} does not exist.",
                fix="Correct secrets.ca_cert; it is relative to the site config.",
                origin=self.origin,
            )
        return str(path)

    def _lacks(self, key: str, variable: str) -> SiteInvalid:
        return SiteInvalid(
            f"There is no {key} to log in to {self.url} with.",
            fix=f"Set secrets.auth.{key} in {self._file}, or {self.prefixes[0]}{variable} in the "
            "environment.",
            origin=self.origin,
        )

    @property
    def _file(self) -> Path:
        return self.site.path / "defaults.yml"
