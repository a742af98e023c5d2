"""Keystone and Blazar on a loopback port, for what a real Blazar does not do when it is told to."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CATALOG_INTERFACES = ("internal", "public")


class Blazar:
    """Answers with ``nodes`` and ``reservations``, or with ``status`` and ``body``."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.reservations: dict[str, dict[str, Any]] = {}
        self.status = 200
        self.body: str | None = None
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, path: str) -> tuple[int, str]:
        if not path.startswith("/v1/"):
            return 404, "{}"  # Keystone's document of versions; who asks does without.
        self.asked.append(path)
        wanted = parse_qs(urlsplit(path).query).get("reservation_id", [""])[0].split(",")
        found = {key: self.reservations[key] for key in wanted if key in self.reservations}
        body = json.dumps({"reservable": {"nodes": self.nodes, "reservations": found}})
        return self.status, body if self.body is None else self.body

    def _token(self) -> str:
        endpoints = [
            {
                "interface": interface,
                "url": f"{self.url}/v1",
                "region": "RegionOne",
                "id": interface,
            }
            for interface in CATALOG_INTERFACES
        ]
        catalog = [{"type": "reservation", "name": "blazar", "id": "1", "endpoints": endpoints}]
        domain = {"id": "default", "name": "Default"}
        token = {
            "methods": ["password"],
            "user": {"id": "nova", "name": "nova", "domain": domain},
            "project": {"id": "service", "name": "service", "domain": domain},
            "roles": [{"id": "admin", "name": "admin"}],
            "catalog": catalog,
            "issued_at": "2020-01-01T00:00:00.000000Z",
            "expires_at": "2100-01-01T00:00:00.000000Z",
        }
        return json.dumps({"token": token})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        blazar = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(*blazar._answer(self.path))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self._send(201, blazar._token())

            def _send(self, status: int, body: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("X-Subject-Token", "token")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args: object) -> None:
                pass

        return Handler
