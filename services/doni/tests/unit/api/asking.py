"""People who ask the API, and what they send."""

from __future__ import annotations

from typing import Any

FAKE: dict[str, Any] = {"default_required_field": "x"}
BAREMETAL: dict[str, Any] = {
    "management_address": "10.30.1.1",
    "interfaces": [{"name": "eno1", "mac_address": "02:00:00:00:00:01"}],
    "cpu_arch": "x86_64",
}
DEVICE: dict[str, Any] = {
    "machine_name": "raspberrypi4-64",
    "contact_email": "me@example.com",
    "application_credential_id": "b1f4",
    "application_credential_secret": "s3cret-of-credential",
}
PROPERTIES = {"baremetal": BAREMETAL, "device.balena": DEVICE, "fake-hardware": FAKE}
NOBODYS = "00000000-0000-4000-8000-000000000000"
MASK = "*" * 12


class Person:
    """Somebody with a token: asks with its project and roles."""

    def __init__(self, app: Any, project: str | None, *roles: str) -> None:
        self.client = app.test_client()
        self.headers = {"X-Identity-Status": "Confirmed", "X-Roles": ",".join(roles)}
        if project:
            self.headers["X-Project-Id"] = project

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        if body is not None:
            options["json"] = body
        headers = {**self.headers, **options.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, code: int = 200) -> Any:
        reply = self("GET", path)
        assert reply.status_code == code, reply.text
        return reply.json

    def create(
        self, name: str = "a", kind: str = "fake-hardware", code: int = 201, **more: Any
    ) -> Any:
        properties = {**PROPERTIES[kind], **more}
        body = {"name": name, "hardware_type": kind, "properties": properties}
        reply = self("POST", "/v1/hardware", body)
        assert reply.status_code == code, reply.text
        return reply.json

    def show(self, uuid: str, code: int = 200) -> Any:
        return self.get(f"/v1/hardware/{uuid}", code)

    def patch(self, uuid: str, *operations: Any, code: int = 200) -> Any:
        reply = self("PATCH", f"/v1/hardware/{uuid}", list(operations))
        assert reply.status_code == code, reply.text
        return reply.json

    def windows(self, uuid: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/v1/hardware/{uuid}/availability")["availability"]
        return found


def add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}
