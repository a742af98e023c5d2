"""All services of a small cloud behind one address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import served
from openstack.config import OpenStackConfig
from openstack.connection import Connection
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from . import compute, identity, lending, machines, network
from .service import No, refusal, reply

Hook = Callable[[str, str], "Response | None"]
IDLE = 1
PARTS = (identity, compute, network, machines, lending)


class SmallCloud(identity.Identity, compute.Compute, network.Network, lending.Lending):
    """``calls`` are the requests: project of the token, method and path, without logins.

    ``before`` may answer in place of a service, ``after`` once it has done what was asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str, str]] = []
        self.before: Hook = lambda method, path: None
        self.after: Hook = lambda method, path: None
        routes = [route for part in PARTS for route in part.ROUTES]
        self._map = Map([Rule(path, methods=[verb], endpoint=to) for verb, path, to in routes],
                        strict_slashes=False)  # fmt: skip

    def admin(self) -> Connection:
        auth = {
            "auth_url": f"{self.url}/identity/v3",
            "username": "admin",
            "password": "secret",
            "project_name": "admin",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        }
        config = OpenStackConfig(load_yaml_config=False, load_envvars=False)
        region = config.get_one(auth=auth, region_name="RegionOne", interface="internal")
        return Connection(config=region)

    def left(self) -> dict[str, list[str]]:
        """What there is besides what the cloud began with."""
        found = {kind: [str(key) for key in have] for kind, have in self.things.items() if have}
        found["networks"] = [key for key in found.get("networks", []) if key != "n-public"]
        return {kind: keys for kind, keys in found.items() if keys}

    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for _, method, path in self.calls if method != "GET"]

    def who(self, method: str, ending: str) -> list[str]:
        """The projects whose users sent such a request."""
        return [
            project
            for project, verb, path in self.calls
            if verb == method and path.endswith(ending)
        ]

    def vlan(self, switch: str, port: str) -> int | None:
        """What the switch says."""
        assert switch == "tor"
        return self.vlans.get(port, IDLE)

    def app(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        request = Request(environ)
        token = request.headers.get("X-Auth-Token", "")
        self.project = token.removeprefix("token-")
        if not request.path.endswith("/auth/tokens"):
            self.calls.append((self.project, request.method, request.path))
        answer = self._answer(request)
        return (self.after(request.method, request.path) or answer)(environ, start)

    def _answer(self, request: Request) -> Response:
        if (answer := self.before(request.method, request.path)) is not None:
            return answer
        try:
            endpoint, words = self._map.bind_to_environ(request.environ).match()
            # Neutron writes security-groups in paths, security_groups in bodies.
            words = {key: value.replace("-", "_") if key == "kind" else value
                     for key, value in words.items()}  # fmt: skip
            found = getattr(self, f"_do_{endpoint}")(request, **words)
        except No as no:
            return refusal(str(no), no.status)
        except HTTPException:
            return self._version(request.path)
        return found if isinstance(found, Response) else reply(found)

    def _version(self, path: str) -> Response:
        """Version discovery, or that there is no such page."""
        here = f"{self.url}{path}"
        links = [{"rel": "self", "href": here}]
        place = path.rstrip("/")
        if place == "/identity/v3":
            return reply({"version": {"id": "v3.14", "status": "stable", "links": links}})
        if place == "/compute/v2.1":
            more = {"version": "2.96", "min_version": "2.1", "status": "CURRENT", "links": links}
            return reply({"version": {"id": "v2.1", **more}})
        if place == "/baremetal":
            to = [{"rel": "self", "href": f"{here.rstrip('/')}/v1/"}]
            more = {"version": "1.95", "min_version": "1.1", "status": "CURRENT", "links": to}
            return reply({"versions": [{"id": "v1", **more}]})
        if place in ("/network", "/image/v2", "/placement"):
            version = {"/network": "v2.0", "/image/v2": "v2.17", "/placement": "v1.0"}[place]
            to = f"{self.url}{place}/v2.0/" if place == "/network" else here
            entry = {"id": version, "status": "CURRENT", "links": [{"rel": "self", "href": to}]}
            return reply({"versions": [entry]})
        return refusal(f"no such page: {path}", 404)


@contextmanager
def running() -> Iterator[SmallCloud]:
    """A cloud that answers on a free port of this machine."""
    cloud = SmallCloud()
    with served.wsgi(cloud.app) as address:
        cloud.url = f"http://{address}"
        yield cloud
