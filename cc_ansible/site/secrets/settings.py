"""``secrets`` in defaults.yml: where a site keeps its secrets and what opens them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site.layers import Value
from cc_ansible.site.leaves import leaves
from cc_ansible.site.names import nearest
from cc_ansible.site.values import is_template
from cc_ansible.site.yamlfile import Document, KeyPath

VARIABLE = "secrets"
Backend = Literal["ansible-vault", "hashicorp-vault", "openbao"]
FILE: Backend = "ansible-vault"
SERVERS: tuple[Backend, ...] = ("hashicorp-vault", "openbao")
LOOPBACK = ("localhost", "::1")
# Steps of pydantic's locations that are no keys: members of a union.
_UNION = ("str", "list[str]")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Keyring(_Strict):
    """An entry of the user's keyring."""

    service: str = "cc-ansible"
    username: str


class Source(_Strict):
    """Where one secret comes from; exactly one of these, and never the secret itself."""

    file: str | None = None
    command: str | list[str] | None = None
    keyring: Keyring | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_secret(cls, value: Any) -> Any:
        if not isinstance(value, Mapping | Source):
            raise ValueError("must say where the secret is (file, command or keyring), not what")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(place is not None for place in (self.file, self.command, self.keyring)) != 1:
            raise ValueError("needs one of file, command and keyring")
        return self


class Auth(_Strict):
    """How to log in to the server. ``mount`` is where its AppRole method is mounted."""

    method: Literal["token", "approle"] = "token"
    mount: str = "approle"
    role_id: str | None = None
    secret_id: Source | None = None
    token: Source | None = None

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        unused = {"token": ("role_id", "secret_id"), "approle": ("token",)}[self.method]
        for name in unused:
            if getattr(self, name) is not None:
                raise ValueError(f"method {self.method} does not use {name}")
        return self


class Secrets(_Strict):
    """The whole variable. ``mount`` and ``path`` name one secret of a KV version 2 engine."""

    backend: Backend = FILE
    url: str | None = None
    mount: str = "secret"
    path: str | None = None
    namespace: str | None = None
    ca_cert: str | None = None
    auth: Auth = Auth()
    vault_password: Source | None = None

    @property
    def on_server(self) -> bool:
        """Whether passwords are kept on a server, not in passwords.yml."""
        return self.backend in SERVERS

    @field_validator("url")
    @classmethod
    def _verified(cls, value: str | None) -> str | None:
        return value if value is None else checked_url(value)

    @field_validator("mount", "path")
    @classmethod
    def _inner(cls, value: str | None) -> str | None:
        if value is None:
            return None
        plain = value.strip("/")
        if any(part in ("", ".", "..") for part in plain.split("/")):
            raise ValueError("must be a path such as chi/mysite")
        return plain

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.on_server and self.path is None:
            raise ValueError(f"backend {self.backend} needs path, such as chi/mysite")
        return self


def checked_url(url: str) -> str:
    """The URL of a server, when it is safe to send secrets there.

    :raises ValueError: it is no URL, or not encrypted and not on this machine.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError("must be a URL such as https://vault.example.org:8200")
    if parts.username or parts.password:
        raise ValueError("must not hold a user or password")
    if parts.scheme == "http" and host not in LOOPBACK and not host.startswith("127."):
        raise ValueError("must begin with https:// (http only for this machine)")
    return url.rstrip("/")


def read(value: Value, documents: Iterable[Document] = ()) -> Secrets:
    """The merged variable as a model.

    :param documents: the layers it was merged from, to find the line of what is wrong.
    :raises SiteInvalid: when something in it is wrong.
    """
    for place, leaf in leaves(value.value):
        if is_template(leaf):
            said = "is a template, but is read before Ansible runs"
            raise _invalid(place, said, value, documents)
    try:
        return Secrets.model_validate({} if value.value is None else value.value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = tuple(step for step in first["loc"] if step not in _UNION)
    if first["type"] == "extra_forbidden":
        said = _unknown(place)
    else:
        said = first["msg"].removeprefix("Value error, ").replace("Input should", "must")
        said = "is missing" if first["type"] == "missing" else said
    raise _invalid(place, said, value, documents)


def _unknown(place: KeyPath) -> str:
    model: Any = Secrets
    for step in place[:-1]:
        model = {"auth": Auth, "keyring": Keyring}.get(str(step), Source)
    known = sorted(model.model_fields)
    close = nearest(str(place[-1]), known)
    hint = f"did you mean `{close}`?" if close else f"known here: {', '.join(known)}"
    return f"is not known; {hint}"


def _invalid(place: KeyPath, said: str, value: Value, documents: Iterable[Document]) -> SiteInvalid:
    path = (VARIABLE, *place)
    found: list[tuple[int, Origin]] = [(0, value.origin)]
    for document in documents:
        for length in range(1, len(path) + 1):
            if (origin := document.origins.get(path[:length])) and length >= found[-1][0]:
                found.append((length, origin))
    return SiteInvalid(
        f"{'.'.join(map(str, path))} {said}{'' if said.endswith('?') else '.'}",
        fix="Correct it; docs/secrets.md lists what can be set.",
        origin=found[-1][1],
    )
