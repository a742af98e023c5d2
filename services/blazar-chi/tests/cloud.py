"""What Blazar talks to, on one loopback port: Keystone, Nova, Placement and Neutron, as doubles.

A token's text says whose it is: ``admin``, or the name of a project. Trusts are ``trust-PROJECT``.
"""

from __future__ import annotations

from typing import Any

import eventlet
import eventlet.wsgi
import flask
from compute_double import Compute
from network_double import Network

SERVICE_PROJECT = "service"
ADMINS = ("admin", SERVICE_PROJECT)


class Cloud:
    """The doubles, and the server in front of them."""

    def __init__(self) -> None:
        app = flask.Flask("cloud")
        self.compute = Compute(app)
        self.network = Network(app)
        self.down = False
        app.before_request(self._refuse)
        app.get("/identity/v3")(self._version)
        app.post("/identity/v3/auth/tokens")(self._issue)
        app.get("/identity/v3/auth/tokens")(self._validate)
        app.post("/identity/v3/OS-TRUST/trusts")(self._trust)
        listener = eventlet.listen(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.blazar = self.url
        self._server = eventlet.spawn(eventlet.wsgi.server, listener, app, log_output=False)

    def close(self) -> None:
        """Stop answering."""
        self._server.kill()

    def _refuse(self) -> Any:
        return ("unwell", 503) if self.down else None

    def _version(self) -> Any:
        links = [{"rel": "self", "href": f"{self.url}/identity/v3/"}]
        return {"version": {"id": "v3.14", "status": "stable", "links": links, "media-types": []}}

    def _issue(self) -> Any:
        auth = flask.request.json["auth"]
        trust = auth["scope"].get("OS-TRUST:trust")
        project = trust["id"] if trust else auth["scope"]["project"]["name"]
        return self._token(project), 201, {"X-Subject-Token": project}

    def _validate(self) -> Any:
        token = flask.request.headers["X-Subject-Token"]
        return self._token(token), 200, {"X-Subject-Token": token}

    def _token(self, text: str) -> Any:
        project = text.removeprefix("trust-")
        roles = ["member", "reader", *(["admin"] if project in ADMINS else [])]
        domain = {"id": "default", "name": "Default"}
        return {
            "token": {
                "methods": ["password"],
                "user": {"id": f"user-of-{project}", "name": project, "domain": domain},
                "project": {"id": project, "name": project, "domain": domain},
                "roles": [{"id": role, "name": role} for role in roles],
                "catalog": self._catalog(),
                "issued_at": "2020-01-01T00:00:00.000000Z",
                "expires_at": "2100-01-01T00:00:00.000000Z",
            }
        }

    def _catalog(self) -> list[dict[str, Any]]:
        urls = {
            "identity": f"{self.url}/identity/v3",
            "compute": f"{self.url}/compute/v2.1",
            "placement": f"{self.url}/placement",
            "network": f"{self.url}/network",
            "reservation": f"{self.blazar}/v1",
        }
        return [
            {
                "type": kind,
                "name": kind,
                "id": kind,
                "endpoints": [
                    {"id": f"{kind}-{interface}", "interface": interface, "url": url}
                    | {"region": "RegionOne", "region_id": "RegionOne"}
                    for interface in ("public", "internal", "admin")
                ],
            }
            for kind, url in urls.items()
        ]

    def _trust(self) -> Any:
        trust = flask.request.json["trust"]
        return {"trust": {**trust, "id": f"trust-{trust['project_id']}", "links": {}}}, 201
