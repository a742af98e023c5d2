"""What services of a small cloud share: the things that they have, and how they answer."""

from __future__ import annotations

import itertools
import json
from typing import Any

from werkzeug.wrappers import Request, Response

Thing = dict[str, Any]
PLURALS = {
    "network": "networks",
    "subnet": "subnets",
    "router": "routers",
    "port": "ports",
    "floatingip": "floatingips",
    "security_group": "security_groups",
}
KINDS = (
    *("projects", "users", "servers", "keypairs", "nodes", "hosts", "leases", "items"),
    "aggregates",
)


class No(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Service:
    """``things`` are what services have, by kind and id; ``vlans`` what the switch has, by port.

    ``project`` is the one of the token with which is asked.
    """

    def __init__(self) -> None:
        self.url = ""
        self.project = ""
        self.things: dict[str, dict[str, Thing]] = {
            kind: {} for kind in (*KINDS, *PLURALS.values())
        }
        self.things["networks"]["n-public"] = {"id": "n-public", "name": "public"}
        self.vlans: dict[str, int] = {}
        self.ids = itertools.count(1)

    def new(self, kind: str, body: Thing) -> Thing:
        key = f"{kind}-{next(self.ids)}"
        thing: Thing = {"id": key, "looks": 0, **body}
        self.things[kind][key] = thing
        return thing

    def have(self, kind: str, key: str) -> Thing:
        """A thing, which is looked at once more by that; No where there is none."""
        found = self.things[kind].get(key)
        if found is None:
            raise No(404, f"there is no {key}")
        found["looks"] = found.get("looks", 0) + 1
        return found


def sent(request: Request) -> Any:
    return json.loads(request.get_data())


def named(things: dict[str, Thing], request: Request) -> list[Thing]:
    """Those that a query asks for."""
    wish = {key: value for key, value in request.args.items() if key not in ("limit", "marker")}
    return [
        thing
        for thing in list(things.values())
        if all(str(thing.get(key)) == value for key, value in wish.items())
    ]


def refusal(text: str, status: int) -> Response:
    """What every service calls an error in its own words."""
    return reply({"error": {"message": text}, "error_message": text}, status)


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers=headers, content_type="application/json")
