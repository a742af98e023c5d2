"""A cloud that keeps what it is given: networks, images, flavors, servers, stacks, leases."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from small_cloud import Cloud

SINGULAR = re.compile(r"s$")
PLACE = re.compile(
    r"^/(network/v2\.0|image/v2|compute/v2\.1|orchestration/v1/p|reservation/v1)/"
    r"(?P<kind>[\w-]+)(?:/(?P<id>[^/]+))?(?:/(?P<rest>[\w-]+))?$"
)
ADDRESS = {"ip_address": "192.168.98.9"}


class Things(Cloud):
    """Kept by kind and id in ``kept``; ``broken`` are methods and paths that are answered 500."""

    kept: dict[str, dict[str, dict[str, Any]]]
    broken: set[str]

    def serve(self, method: str, body: bytes = b"") -> None:
        path = self.path.partition("?")[0]
        place = PLACE.match(path)
        if path in ("/image", "/image/"):
            link = {"rel": "self", "href": f"http://{self.headers['Host']}/image/v2/"}
            version = {"id": "v2.16", "status": "CURRENT", "links": [link]}
            return self.answer(200, {"versions": [version]})
        if not place or f"{method} {path}" in self.answers:
            return super().serve(method, body)
        self.asked.append(f"{method} {path}")
        if any(f"{method} {path}".startswith(each) for each in self.broken):
            return self.answer(500, {"error": {"message": "it broke"}})
        kind, name, rest = place["kind"], place["id"], place["rest"]
        if name == "detail":
            name = None
        found = self.kept.setdefault(kind, {})
        if rest or (name and method == "PUT"):
            return self.part(method, kind, found[str(name)], rest, body)
        if method == "POST":
            return self.make(kind, json.loads(body))
        if name is None:
            rows = list(found.values())
            return self.answer(200, rows if kind == "x" else {kind: rows})
        if name not in found:
            return self.answer(404, {"error": {"message": "gone"}})
        if method == "DELETE":
            del found[name]
            return self.answer(204, "")
        return self.answer(200, self.wrapped(kind, found[name]))

    def wrapped(self, kind: str, thing: dict[str, Any]) -> dict[str, Any]:
        return thing if kind == "images" else {SINGULAR.sub("", kind): thing}

    def make(self, kind: str, said: dict[str, Any]) -> None:
        inner = said if kind == "images" else said.get(SINGULAR.sub("", kind), said)
        number = f"{kind}-{sum(map(len, self.kept.values()))}"
        thing = {**inner, "id": number, "status": "active"}
        if kind == "stacks":
            thing |= {"stack_name": inner["stack_name"], "stack_status": "CREATE_COMPLETE"}
        if kind == "ports":
            subnets = self.kept["subnets"]
            thing["fixed_ips"] = [{"subnet_id": each, **ADDRESS} for each in subnets]
            thing["device_owner"] = ""
        if kind == "servers":
            thing |= {"status": "ERROR", "fault": {"message": "No valid host was found. "}}
        self.kept.setdefault(kind, {})[number] = thing
        self.answer(201, self.wrapped(kind, thing))

    def part(
        self, method: str, kind: str, thing: dict[str, Any], rest: str | None, body: bytes
    ) -> None:
        if rest == "file" and method == "PUT":
            thing["content"] = body.hex()
            thing |= {"os_hash_algo": "sha512", "os_hash_value": hashlib.sha512(body).hexdigest()}
            self.answer(204, "")
        elif rest == "file":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(bytes.fromhex(thing["content"]))
        else:
            self.answer(200, {"extra_specs": {}, "id": thing["id"]})
