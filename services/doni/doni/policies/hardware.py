"""Rules of the routes."""

from __future__ import annotations

from oslo_policy import policy

GET = "hardware:get"
GET_ALL = "hardware:get_all"
GET_CREDENTIALS = "hardware:get_credentials"
CREATE = "hardware:create"
UPDATE = "hardware:update"
DELETE = "hardware:delete"
EXPORT = "hardware:export"
EXPORT_RESTRICTIONS = "hardware:export_restrictions"

_LIST = "/v1/hardware"
_ITEM = "/v1/hardware/{uuid}"
_WINDOWS = "/v1/availability"


def _rule(name: str, check: str, description: str, *operations: str) -> policy.RuleDefault:
    routes = [operation.split(" ", 1) for operation in operations]
    return policy.DocumentedRuleDefault(
        name=name,
        check_str=check,
        description=description,
        operations=[{"method": method, "path": path} for method, path in routes],
        scope_types=["project"],
    )


RULES = [
    _rule(
        GET,
        "rule:admin or rule:project_reader",
        "See hardware of the project and its windows.",
        f"GET {_LIST}",
        f"GET {_ITEM}",
        f"GET {_ITEM}/availability",
        f"GET {_WINDOWS}",
    ),
    _rule(
        GET_ALL,
        "rule:admin",
        "List the hardware of all projects.",
        f"GET {_LIST}?all_projects=true",
        f"GET {_WINDOWS}?all_projects=true",
    ),
    _rule(
        GET_CREDENTIALS,
        "rule:admin or rule:project_member",
        "See by what devices log in: k8s_bootstrap_token, device_api_key.",
        f"GET {_LIST}",
        f"GET {_ITEM}",
    ),
    _rule(CREATE, "rule:admin or rule:enroller", "Enrol hardware.", f"POST {_LIST}"),
    _rule(
        UPDATE,
        "rule:admin or rule:project_member",
        "Change hardware and its windows, and have the workers look at it again.",
        f"PATCH {_ITEM}",
        f"POST {_ITEM}/sync",
    ),
    _rule(DELETE, "rule:admin or rule:project_member", "Retire hardware.", f"DELETE {_ITEM}"),
    _rule(
        EXPORT,
        "rule:project_scoped",
        "List the public properties of all hardware. With @ also without a token.",
        f"GET {_LIST}/export",
    ),
    _rule(
        EXPORT_RESTRICTIONS,
        "rule:admin or rule:project_reader",
        "See in that list to which projects hardware is restricted, and why.",
        f"GET {_LIST}/export",
    ),
]
