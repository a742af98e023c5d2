"""A Keystone that knows who may do what, and services that remember what they are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import served

DOMAIN = {"id": "default", "name": "Default"}
VERSIONS = {"network": "v2.0", "compute": "v2.1"}


class Cloud:
    """What it has; ``lends`` are the collections that it knows.

    ``people`` maps names of users, which are also their ids, to passwords and roles; others log in
    with any password. ``answers`` maps paths to what is answered beside that. Its first
    ``starting`` answers to questions of Blazar are that there is no server yet.
    """

    def __init__(self, lends: tuple[str, ...], registered: bool = True) -> None:
        self.kept: dict[str, list[dict[str, Any]]] = {kind: [] for kind in lends}
        self.people: dict[str, tuple[str, list[str]]] = {}
        self.answers: dict[str, Any] = {}
        self.registered = registered
        self.refuses = ""
        self.starting = 0
        self.writes: list[str] = []
        self.url = ""

    def catalog(self) -> list[dict[str, Any]]:
        """Services of the token."""
        services = {"identity": f"{self.url}/v3"}
        services |= {kind: f"{self.url}/{kind}" for kind in VERSIONS}
        if self.registered:
            services["reservation"] = f"{self.url}/v1"
        return [
            {
                "type": kind, "name": kind, "id": kind,
                "endpoints": [
                    {
                        "interface": "internal", "url": url, "region": "R", "region_id": "R",
                        "id": kind,
                    }
                ],
            }
            for kind, url in services.items()
        ]  # fmt: skip

    def token(self, said: Any) -> dict[str, Any] | None:
        """The token that somebody gets, if Keystone lets them in."""
        identity, scope = said["auth"]["identity"], said["auth"].get("scope")
        if "application_credential" in identity:
            given = identity["application_credential"]
            same = [
                one for one in self.kept["application_credentials"]
                if (one["id"], one["secret"]) == (given["id"], given["secret"])
            ]  # fmt: skip
            return {} if same else None
        user = identity["password"]["user"]
        password, roles = self.people.get(user["name"], (user["password"], []))
        if password != user["password"]:
            return None
        id_ = user["name"] if user["name"] in self.people else "u"
        token: dict[str, Any] = {
            "methods": ["password"], "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "user": {"id": id_, "name": user["name"], "domain": DOMAIN},
        }  # fmt: skip
        if scope and "project" in scope:
            token |= {
                "project": {"id": "p", "name": "admin", "domain": DOMAIN},
                "roles": [{"id": role, "name": role} for role in roles],
                "catalog": self.catalog(),
            }
        return token


def versions(base: str, kind: str) -> dict[str, Any]:
    """What a service says at its root."""
    link = {"rel": "self", "href": f"{base}/{kind}/{VERSIONS[kind]}/"}
    return {"versions": [{"id": VERSIONS[kind], "status": "CURRENT", "links": [link]}]}


def handler(cloud: Cloud) -> type[BaseHTTPRequestHandler]:
    """Answers requests for a cloud."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def answer(self, status: int, body: Any = None, **headers: str) -> None:
            data = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(data)

        def body(self) -> Any:
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            path, _, kind = asked.path.rpartition("/")
            of = path.rpartition("/")[2]
            one = next((one for one in cloud.kept.get(of, []) if one["id"] == kind), None)
            if cloud.starting and asked.path.startswith("/v1/"):
                cloud.starting -= 1
                self.answer(503)
            elif asked.path in cloud.answers:
                self.answer(200, cloud.answers[asked.path])
            elif asked.path.strip("/") in VERSIONS:
                self.answer(200, versions(cloud.url, asked.path.strip("/")))
            elif kind in cloud.kept:
                query = dict(parse_qsl(asked.query))
                every = cloud.kept[kind]
                same = [
                    one for one in every
                    if all(one.get(key, value) == value for key, value in query.items())
                ]  # fmt: skip
                self.answer(200, {kind: same})
            elif one:
                self.answer(200, {of[:-1]: one})
            elif self.path.rstrip("/") == "/v3":
                version = {
                    "id": "v3.14",
                    "status": "stable",
                    "links": [{"rel": "self", "href": f"{cloud.url}/v3"}],
                }
                self.answer(200, {"version": version})
            else:
                self.answer(404, {"error_message": "no such route"})

        def do_POST(self) -> None:
            said = self.body()
            if self.path == "/v3/auth/tokens":
                token = cloud.token(said)
                if token is None:
                    self.answer(401, {"error": {"message": "wrong password", "code": 401}})
                else:
                    self.answer(201, {"token": token}, X_Subject_Token="t")
                return
            if cloud.refuses:
                self.answer(400, {"error_code": 400, "error_message": cloud.refuses})
                return
            kind = self.path.rpartition("/")[2]
            cloud.writes.append(f"POST {self.path}")
            made = said.get(kind[:-1], said)
            cloud.kept[kind].append({**made, "id": str(len(cloud.writes)), "project_id": "p"})
            self.answer(201, {kind[:-1]: said})

        def do_DELETE(self) -> None:
            path, _, id_ = self.path.rpartition("/")
            if cloud.refuses:
                self.answer(409, {"error_code": 409, "error_message": cloud.refuses})
                return
            cloud.writes.append(f"DELETE {self.path}")
            kept = cloud.kept[path.rpartition("/")[2]]
            kept[:] = [one for one in kept if one["id"] != id_]
            self.answer(204)

    return Handler


@contextmanager
def running(*lends: str, registered: bool = True) -> Iterator[Cloud]:
    """A cloud that answers on a free port of this machine."""
    cloud = Cloud(lends, registered)
    with served.http(handler(cloud)) as address:
        cloud.url = f"http://{address}"
        yield cloud
