"""Keystone as clients see it, with the Doni of the test in its catalogue.

Everything goes to the lab's Keystone as it is; in replies its own address becomes this one's, and
the catalogue has just the given inventory endpoint. So the lab's catalogue stays as it is.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

PASSED = ("X-Auth-Token", "X-Subject-Token", "Content-Type", "Accept")
RETURNED = ("X-Subject-Token", "Content-Type", "Location", "WWW-Authenticate")


class KeystoneProxy(ThreadingHTTPServer):
    """Serves on a free port of the loopback interface until closed."""

    daemon_threads = True

    def __init__(self, keystone: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keystone = keystone
        self.inventory = ""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def altered(self, text: str) -> str:
        text = text.replace(self.keystone, self.url)
        try:
            found = json.loads(text)
        except ValueError:
            return text
        token = found.get("token") if isinstance(found, dict) else None
        if token and "catalog" in token:
            token["catalog"] = [
                service for service in token["catalog"] if service["type"] == "identity"
            ] + [self._doni()]
        return json.dumps(found)

    def _doni(self) -> dict[str, Any]:
        endpoints = [
            {
                "id": interface,
                "interface": interface,
                "region": "RegionOne",
                "region_id": "RegionOne",
                "url": self.inventory,
            }
            for interface in ("public", "internal", "admin")
        ]
        return {"id": "doni", "type": "inventory", "name": "doni", "endpoints": endpoints}


class _Handler(BaseHTTPRequestHandler):
    server: KeystoneProxy
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = requests.request(
            self.command,
            self.server.keystone + self.path,
            data=body,
            headers={name: self.headers[name] for name in PASSED if name in self.headers},
            allow_redirects=False,
            timeout=60,
        )
        text = self.server.altered(reply.text).encode()
        self.send_response(reply.status_code)
        for name in RETURNED:
            if name in reply.headers:
                value = reply.headers[name].replace(self.server.keystone, self.server.url)
                self.send_header(name, value)
        # A 204 has no body, and no length of it.
        if reply.status_code != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_POST = do_HEAD = do_PATCH = do_PUT = do_DELETE = _pass_on  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass
