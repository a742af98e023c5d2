"""Who may do what with network segments: by default admins, as with hosts."""

from __future__ import annotations

import itertools
from typing import Any

from blazar import policies, policy
from blazar.policies import base
from oslo_policy import policy as oslo_policy

_ROUTES = {
    "get": ("List and show networks.", [("GET", ""), ("GET", "/{network_id}")]),
    "post": ("Make a network reservable.", [("POST", "")]),
    "put": ("Change a network.", [("PUT", "/{network_id}")]),
    "delete": ("Forget a network.", [("DELETE", "/{network_id}")]),
    "get_allocations": (
        "List reservations of networks.",
        [("GET", "/allocations"), ("GET", "/{network_id}/allocation")],
    ),
    "get_resource_properties": ("List properties of networks.", [("GET", "/properties")]),
    "update_resource_properties": (
        "Change a property of networks.",
        [("PATCH", "/properties/{property_name}")],
    ),
}


def list_rules() -> list[Any]:
    """The rules, with their defaults."""
    return [
        oslo_policy.DocumentedRuleDefault(
            name=f"blazar:networks:{action}",
            check_str=base.RULE_ADMIN,
            description=description,
            operations=[
                {"method": method, "path": f"/{{api_version}}/networks{path}"}
                for method, path in routes
            ],
            scope_types=["project"],
        )
        for action, (description, routes) in _ROUTES.items()
    ]


_blazars_own = policies.list_rules


def register() -> None:
    """Let Blazar enforce the rules: it registers those of its own list when it first enforces."""
    policies.list_rules = lambda: itertools.chain(_blazars_own(), list_rules())
    policy.reset()
