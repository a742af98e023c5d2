"""A cloud of one web server: a real enough Keystone, and services that answer as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from openstack.connection import Connection

from cc_ansible.verify.cloud import connect

PASSWORD = "right"
VERSIONS = {"compute": "/v2.1", "orchestration": "/v1/p", "reservation": "/v1"}


class Cloud(BaseHTTPRequestHandler):
    """/v3/... is Keystone, /SERVICE-TYPE/... a service; /NUMBER answers with that status.

    ``answers`` are bodies (or status, body and headers) by method and path; ``extra`` are more
    endpoints.
    """

    services: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    answers: dict[str, Any]
    asked: list[str]

    def do_GET(self) -> None:
        self.serve("GET")

    def do_DELETE(self) -> None:
        self.serve("DELETE")

    def do_PUT(self) -> None:
        self.serve("PUT", self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.path.startswith("/v3/auth/tokens"):
            self.serve("POST", body)
            return
        user = json.loads(body)["auth"]["identity"]["password"]["user"]
        if user["password"] != PASSWORD:
            self.answer(401, {"error": {"message": "The request requires authentication."}})
        else:
            self.answer(201, {"token": self.token()}, {"X-Subject-Token": "t"})

    def serve(self, method: str, body: bytes = b"") -> None:
        path = self.path.partition("?")[0]
        self.asked.append(f"{method} {path}")
        found = self.answers.get(f"{method} {path}")
        if callable(found):
            found = found(body)
        if found is not None:
            self.answer(*(found if isinstance(found, tuple) else (200, found)))
        elif path.rstrip("/") == "/v3":
            self.answer(200, {"version": self.version()})
        elif path == "/":
            self.answer(300, {"versions": {"values": [self.version()]}})
        elif path.split("/")[1].isdigit():
            self.answer(int(path.split("/")[1]), {})
        else:
            self.answer(404, {"error": {"message": f"no {path}"}})

    def version(self) -> dict[str, Any]:
        link = {"rel": "self", "href": f"http://{self.headers['Host']}/v3/"}
        return {"id": "v3.14", "status": "stable", "links": [link]}

    def token(self) -> dict[str, Any]:
        base = f"http://{self.headers['Host']}"
        urls = {kind: f"{base}/{kind}{VERSIONS.get(kind, '')}" for kind in self.services}
        urls |= {f"type{number}": f"{base}{path}" for number, path in enumerate(self.extra)}
        catalogue = [
            {
                "name": f"name-of-{kind}",
                "type": kind,
                "endpoints": [
                    {
                        "interface": interface,
                        "region": "RegionOne",
                        "region_id": "RegionOne",
                        "url": url,
                    }
                    for interface in ("internal", "public")
                ],
            }
            for kind, url in urls.items()
        ]
        person = {"name": "admin", "id": "1", "domain": {"name": "Default", "id": "default"}}
        return {
            "methods": ["password"],
            "user": person,
            "project": person,
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2020-01-01T00:00:00.000000Z",
            "catalog": catalogue,
        }

    def answer(self, code: int, body: object, headers: dict[str, str] | None = None) -> None:
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(code)
        for name, value in {"Location": "/500", **(headers or {})}.items():
            self.send_header(name, value)
        if code != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if code != 204:
            self.wfile.write(content)


def clouds_yaml(file: Path, address: str, password: str = PASSWORD) -> Path:
    """Write the clouds.yaml of a cloud at this address; returns the file."""
    auth = {
        "auth_url": f"http://{address}",
        "username": "admin",
        "password": password,
        "user_domain_name": "Default",
        "project_name": "admin",
        "project_domain_name": "Default",
    }
    entry = {"auth": auth, "region_name": "RegionOne", "interface": "internal"}
    names = ("kolla-admin-internal", "kolla-admin-system-internal")
    file.write_text(json.dumps({"clouds": dict.fromkeys(names, entry)}))
    return file


class World:
    """A cloud that can be changed while it runs."""

    def __init__(self, serve: Callable[..., str], tmp_path: Path) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {}
        self._serve, self._file = serve, tmp_path / "clouds.yaml"
        self.address = ""

    def start(self, *services: str, extra: tuple[str, ...] = (), password: str = PASSWORD) -> Path:
        """Start it with these services; returns its clouds.yaml."""
        about = {
            "services": services, "extra": extra, "answers": self.answers, "asked": self.asked
        }  # fmt: skip
        self.address = self._serve(type("This", (Cloud,), about))
        return clouds_yaml(self._file, self.address, password)

    def connection(self, *services: str) -> Connection:
        """A connection to it, logged in."""
        made = connect(self.start(*services))
        made.authorize()
        return made
