"""Asks registries whether they have the images a site needs, by the HTTP API V2 of registries."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any, Literal

ACCEPT = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
HUB, HUB_API = "docker.io", "registry-1.docker.io"
SECONDS = 6
PARALLEL = 8
CERTIFICATES = Path("/etc/docker/certs.d")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')

State = Literal["present", "missing", "refused", "unreachable"]


@dataclass(frozen=True)
class Answer:
    """What a registry says of one image; ``plain`` when it speaks HTTP without TLS."""

    registry: str
    state: State
    why: str = ""
    plain: bool = False


@dataclass(frozen=True)
class Login:
    """Who we are to one registry."""

    registry: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    insecure: bool = False


@dataclass(frozen=True)
class Reference:
    """An image's full name, taken apart."""

    registry: str
    repository: str
    tag: str


def parse(image: str) -> Reference:
    """Take an image reference apart as Docker does: without a registry it is Docker Hub's."""
    head, slash, rest = image.partition("/")
    named = slash and ("." in head or ":" in head or head == "localhost")
    registry, path = (head, rest) if named else (HUB, image)
    path, at, digest = path.partition("@")
    repository, colon, tag = path.rpartition(":")
    if not colon:
        repository, tag = path, "latest"
    if registry == HUB and "/" not in repository:
        repository = f"library/{repository}"
    return Reference(registry, repository, digest if at else tag)


def ask(images: Iterable[str], login: Login) -> dict[str, Answer]:
    """Ask for every image, several at a time; image reference -> answer.

    A registry that does not answer is asked once, not once for each image.
    """
    parsed = {image: parse(image) for image in dict.fromkeys(images)}
    pool = ThreadPoolExecutor(PARALLEL)
    try:
        names = sorted({reference.registry for reference in parsed.values()})
        doors = dict(zip(names, pool.map(lambda name: _open(name, login), names), strict=True))
        found = pool.map(lambda image: _image(parsed[image], doors), parsed)
        return dict(zip(parsed, found, strict=True))
    finally:
        # Ctrl-C must not wait for what was only queued.
        pool.shutdown(wait=False, cancel_futures=True)


class _Unreachable(Exception):
    """A registry cannot be talked to; its text says why."""


class _Refused(Exception):
    """A registry, or who hands out its tokens, does not let us in."""


@dataclass
class _Door:
    """A registry that answered, and how to talk to it."""

    registry: str
    base: str
    opener: urllib.request.OpenerDirector
    login: Login | None

    @property
    def plain(self) -> bool:
        return self.base.startswith("http:")

    def has(self, reference: Reference) -> bool:
        """Whether the registry has an image."""
        url = f"{self.base}/v2/{reference.repository}/manifests/{reference.tag}"
        headers = {"Accept": ", ".join(ACCEPT)}
        status, said = _head(self.opener, url, headers)
        if status == 401:
            headers["Authorization"] = self._authorization(said, reference.repository)
            status, said = _head(self.opener, url, headers)
        if status in (401, 403):
            raise _Refused(f"HTTP {status}")
        if status not in (200, 404):
            raise _Unreachable(f"it answers HTTP {status}")
        return status == 200

    def _authorization(self, said: Message, repository: str) -> str:
        """What the registry's challenge asks for: our name and password, or a token for them."""
        challenge = said.get("WWW-Authenticate", "")
        kind, _, rest = challenge.partition(" ")
        basic = _basic(self.login)
        if kind.lower() == "basic":
            if basic is None:
                raise _Refused("it wants a user and a password")
            return basic
        fields = dict(_CHALLENGE.findall(rest))
        realm = fields.get("realm", "")
        if kind.lower() != "bearer" or not realm.startswith(("http://", "https://")):
            raise _Refused(f"it wants {kind or 'an unknown kind of'} authentication")
        query = {"scope": fields.get("scope") or f"repository:{repository}:pull"}
        if service := fields.get("service"):
            query["service"] = service
        # A password never leaves without TLS, unless the registry itself is asked without it.
        safe = realm.startswith("https:") or self.plain
        headers = {"Authorization": basic} if basic and safe else {}
        return f"Bearer {self._token(f'{realm}?{urllib.parse.urlencode(query)}', headers)}"

    def _token(self, url: str, headers: Mapping[str, str]) -> str:
        try:
            with self.opener.open(_request(url, headers), timeout=SECONDS) as answer:
                said: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as problem:
            raise _Refused(f"its token service answers HTTP {problem.code}") from problem
        except (OSError, ValueError) as problem:
            raise _Unreachable(f"its token service: {_reason(problem)}") from problem
        return str(said.get("token") or said.get("access_token") or "")


def _image(reference: Reference, doors: Mapping[str, _Door | Answer]) -> Answer:
    door = doors[reference.registry]
    if isinstance(door, Answer):
        return door
    try:
        state: State = "present" if door.has(reference) else "missing"
        return Answer(reference.registry, state, plain=door.plain)
    except _Refused as problem:
        return Answer(reference.registry, "refused", str(problem), door.plain)
    except (_Unreachable, OSError) as problem:
        return Answer(reference.registry, "unreachable", _reason(problem), door.plain)


def _open(registry: str, login: Login) -> _Door | Answer:
    """Find out how a registry is talked to: with TLS, or without where that is allowed."""
    host = HUB_API if registry == HUB else registry
    mine = login if login.registry == registry else None
    insecure = _is_loopback(registry) or bool(mine and mine.insecure)
    why = ""
    for scheme in ("https", "http") if insecure else ("https",):
        opener = _opener(registry, insecure)
        try:
            status, _ = _head(opener, f"{scheme}://{host}/v2/", {})
        except (OSError, ValueError) as problem:
            why = why or _reason(problem)
            continue
        if status < 500:
            return _Door(registry, f"{scheme}://{host}", opener, mine)
        why = f"it answers HTTP {status}"
    return Answer(registry, "unreachable", why)


def _head(
    opener: urllib.request.OpenerDirector, url: str, headers: Mapping[str, str]
) -> tuple[int, Message]:
    try:
        with opener.open(_request(url, headers, "HEAD"), timeout=SECONDS) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as problem:
        return problem.code, problem.headers


def _request(url: str, headers: Mapping[str, str], method: str = "GET") -> urllib.request.Request:
    return urllib.request.Request(url, method=method, headers=dict(headers))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Storage behind a registry is another server: it must not see who we are."""

    def redirect_request(self, req: urllib.request.Request, *rest: Any) -> Any:
        request = super().redirect_request(req, *rest)
        if request is not None:
            request.remove_header("Authorization")
            request.method = req.get_method()
        return request


def _opener(registry: str, insecure: bool) -> urllib.request.OpenerDirector:
    context = ssl.create_default_context()
    for file in sorted((CERTIFICATES / registry).glob("*.crt")):
        context.load_verify_locations(file)
    if insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # A private address is never behind the proxy to the outside.
    proxies: dict[str, str] | None = {} if _is_private(registry) else None
    return urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies),
        urllib.request.HTTPSHandler(context=context),
        _Redirects(),
    )


def _basic(login: Login | None) -> str | None:
    if login is None or not login.username:
        return None
    pair = f"{login.username}:{login.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _address(registry: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    host = urllib.parse.urlsplit(f"//{registry}").hostname or ""
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return None


def _is_loopback(registry: str) -> bool:
    found = _address(registry)
    return found is not None and found.is_loopback


def _is_private(registry: str) -> bool:
    found = _address(registry)
    return found is not None and found.is_private


def _reason(problem: BaseException) -> str:
    inner = getattr(problem, "reason", None)
    said = inner if inner is not None else problem
    return getattr(said, "strerror", None) or str(said) or type(said).__name__
