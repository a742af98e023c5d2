"""The OpenAPI document, made from the schemas that requests are checked with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from doni import __version__
from doni.api.openapi_schemas import ref, schemas
from doni.db.listing import SORT_KEYS
from doni.hardware.types import HardwareType

Json = dict[str, Any]

UUID_PATH = {
    "name": "uuid",
    "in": "path",
    "required": True,
    "description": "The item, in lower case and with dashes.",
    "schema": {"type": "string", "format": "uuid"},
}

ERRORS = {
    "400": "The request does not make sense.",
    "401": "There is no token, or it is not valid.",
    "403": "The policy does not allow it.",
    "404": "There is no such item.",
    "409": "Another item has the name.",
    "413": "The body is too large.",
    "503": "The database or the identity service does not answer.",
}


def document(kinds: Mapping[str, HardwareType], max_limit: int) -> Json:
    """The document for the kinds of hardware that are enabled."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OpenStack Doni API",
            "version": __version__,
            "description": "Enrolment of hardware, and the times at which it is not lent. "
            "All paths are also accepted with a slash at the end.",
        },
        "security": [{"token": []}],
        "paths": _paths(max_limit),
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Auth-Token",
                    "description": "A Keystone token, scoped to a project.",
                }
            },
            "schemas": schemas(kinds),
        },
    }


def _paths(max_limit: int) -> Json:
    item = {"parameters": [UUID_PATH]}
    return {
        "/": {
            "get": {
                **_operation("root", "What this is", _json("Root")),
                "security": [],
            }
        },
        "/v1/hardware": {
            "get": {
                **_operation("list", "The items of the project", _json("HardwareList"), 400, 404),
                "parameters": _query(max_limit),
            },
            "post": _operation(
                "create", "Enrol an item", _json("Hardware"), 400, 409, 413, code=201, body="Create"
            ),
        },
        "/v1/hardware/export": {
            "get": _operation("export", "The public properties of all items", _json("Export"))
        },
        "/v1/hardware/{uuid}": {
            **item,
            "get": _operation("show", "One item", _json("Hardware"), 400, 404),
            "patch": _operation(
                "update",
                "Change an item and its windows",
                _json("Hardware"),
                *(400, 404, 409, 413),
                body="Patch",
            ),
            "delete": _operation("delete", "Retire an item", {}, 400, 404),
        },
        "/v1/hardware/{uuid}/sync": {
            **item,
            "post": _operation("sync", "Have the workers look at it again", {}, 400, 404),
        },
        "/v1/hardware/{uuid}/availability": {
            **item,
            "get": _operation("availability", "The windows of an item", _json("Availability"), 404),
        },
        "/v1/availability": {
            "get": {
                **_operation(
                    "list_windows", "The windows of all items of the project", _json("Windows")
                ),
                "parameters": [ALL_PROJECTS],
            }
        },
    }


def _operation(
    name: str, summary: str, content: Json, *errors: int, code: int = 200, body: str = ""
) -> Json:
    codes = sorted({401, 403, 503, *errors})
    success = {"description": summary, **({"content": content} if content else {})}
    failures = {
        str(error): {"description": ERRORS[str(error)], "content": _json("Error")}
        for error in codes
    }
    found: Json = {
        "operationId": name,
        "summary": summary,
        "responses": {str(code): success, **failures},
    }
    if body:
        found["requestBody"] = {"required": True, "content": _json(body)}
    return found


def _json(schema: str) -> Json:
    return {"application/json": {"schema": ref(schema)}}


def _parameter(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


ALL_PROJECTS = _parameter("all_projects", "Anything: those of all projects.", {"type": "string"})


def _query(max_limit: int) -> list[Json]:
    return [
        ALL_PROJECTS,
        _parameter(
            "limit",
            f"Most items of a page, cut to {max_limit}; all items where not given.",
            {"type": "integer", "minimum": 1},
        ),
        _parameter(
            "marker",
            "The last item of the page before.",
            {"type": "string", "format": "uuid"},
        ),
        _parameter(
            "sort_key", "By what it is sorted.", {"type": "string", "enum": sorted(SORT_KEYS)}
        ),
        _parameter("sort_dir", "Which way.", {"type": "string", "enum": ["asc", "desc"]}),
    ]
