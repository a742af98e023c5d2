"""Keystone of a small cloud."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from werkzeug.wrappers import Request, Response

from .service import Service, Thing, named, refusal, reply, sent

ADMIN_PROJECT = "p-admin"
SERVICES = {
    "identity": "/identity/v3",
    "compute": "/compute/v2.1",
    "network": "/network",
    "image": "/image/v2",
    "baremetal": "/baremetal",
    "placement": "/placement",
    "reservation": "/reservation/v1",
    "inventory": "/inventory",
}
ROUTES = [
    ("POST", "/identity/v3/auth/tokens", "login"),
    ("GET", "/identity/v3/<any(roles,projects,users):kind>", "people"),
    ("POST", "/identity/v3/<any(projects,users):kind>", "make_people"),
    ("DELETE", "/identity/v3/<any(projects,users):kind>/<key>", "forget_people"),
    ("PUT", "/identity/v3/projects/<project>/users/<user>/roles/<role>", "assign"),
]


class Identity(Service):
    """``without`` are types of services that the catalogue lacks."""

    without: AbstractSet[str] = frozenset()

    def _do_login(self, request: Request) -> Response:
        body = sent(request)["auth"]
        scope = body["scope"]
        given = body["identity"]["password"]["user"]
        project = scope.get("project", {})
        key = str(project.get("id") or ADMIN_PROJECT)
        user = self.things["users"].get(given.get("id", ""))
        if user is not None and (given["password"] != user["password"] or not user.get("role")):
            return refusal("wrong password", 401)
        token: Thing = {
            "methods": ["password"],
            "user": {"id": given.get("id", "u-admin"), "name": "x", "domain": {"id": "default"}},
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "catalog": self._catalogue(),
        }
        if "system" in scope:
            token["system"], key = {"all": True}, "system"
        else:
            token["project"] = {"id": key, "name": key, "domain": {"id": "default"}}
        return reply({"token": token}, 201, {"X-Subject-Token": f"token-{key}"})

    def _catalogue(self) -> list[Thing]:
        place = {"interface": "internal", "region": "RegionOne", "region_id": "RegionOne"}
        return [
            {
                "type": kind,
                "name": kind,
                "id": kind,
                "endpoints": [{**place, "url": self.url + path, "id": kind}],
            }
            for kind, path in SERVICES.items()
            if kind not in self.without
        ]

    def _do_people(self, request: Request, kind: str) -> Thing:
        if kind == "roles":
            return {"roles": [{"id": "r-member", "name": "member"}]}
        return {kind: named(self.things[kind], request)}

    def _do_make_people(self, request: Request, kind: str) -> Response:
        noun = kind.removesuffix("s")
        made = self.new(kind, sent(request)[noun])
        return reply({noun: {**made, "password": None}}, 201)

    def _do_forget_people(self, request: Request, kind: str, key: str) -> Response:
        self.have(kind, key)
        del self.things[kind][key]
        return Response(status=204)

    def _do_assign(self, request: Request, project: str, user: str, role: str) -> Response:
        self.have("projects", project)
        self.have("users", user)["role"] = role
        return Response(status=204)
