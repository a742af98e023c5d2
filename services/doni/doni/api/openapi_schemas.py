"""Schemas of what the API takes and gives, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from doni.api import patch
from doni.db.models import State
from doni.hardware import forms, schema
from doni.hardware.fields import Field
from doni.hardware.types import HardwareType

Json = dict[str, Any]

TIME = {
    "type": "string",
    "format": "date-time",
    "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\+00:00$",
}
OPTIONAL_TIME = {"anyOf": [TIME, {"type": "null"}]}
UUID = {"type": "string", "format": "uuid"}
TEXT = {"type": "string"}
OBJECT = {"type": "object"}

HEAD: Json = {
    "uuid": UUID,
    "created_at": OPTIONAL_TIME,
    "updated_at": OPTIONAL_TIME,
    "name": TEXT,
    "project_id": TEXT,
    "hardware_type": TEXT,
    "properties": OBJECT,
}

WINDOW: Json = {
    "uuid": UUID,
    "created_at": OPTIONAL_TIME,
    "updated_at": OPTIONAL_TIME,
    "start": OPTIONAL_TIME,
    "end": OPTIONAL_TIME,
}


def ref(name: str) -> Json:
    """A reference to one of the schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas(kinds: Mapping[str, HardwareType]) -> Json:
    """All schemas, by name."""
    bodies = {f"Create.{kind.name}": _described(kind) for kind in kinds.values()}
    return {
        "Create": {"oneOf": [ref(name) for name in bodies]},
        **bodies,
        "Patch": patch.SCHEMA,
        "Root": _object(
            {
                "name": TEXT,
                "description": TEXT,
                "default_version": TEXT,
                "versions": forms.listed(TEXT),
            }
        ),
        "Error": _object({"error": TEXT}),
        "Worker": _object(
            {
                "worker_type": TEXT,
                "state": forms.enum(*(state.value for state in State)),
                "state_details": OBJECT,
                "observed_state": OBJECT,
            }
        ),
        "Hardware": _object({**HEAD, "workers": forms.listed(ref("Worker"))}),
        "HardwareList": _object(
            {
                "hardware": forms.listed(ref("Hardware")),
                "links": forms.listed(_object({"rel": TEXT, "href": TEXT})),
            }
        ),
        "Export": _object({"hardware": forms.listed(_object(HEAD))}),
        "Window": _object(WINDOW),
        "Availability": _object({"availability": forms.listed(ref("Window"))}),
        "Windows": _object(
            {"availability": forms.listed(_object({**WINDOW, "hardware_uuid": UUID}))}
        ),
    }


def _object(properties: Json) -> Json:
    return forms.closed(properties, required=tuple(properties))


def _described(kind: HardwareType) -> Json:
    found = schema.body_schema(kind)
    properties = {field.name: _of_field(field) for field in kind.known}
    found["properties"]["properties"] = {
        **found["properties"]["properties"],
        "properties": properties,
    }
    return found


def _of_field(field: Field) -> Json:
    notes = [
        field.description,
        "Never shown." if field.sensitive else "",
        "Not in the export." if field.private else "",
        f"Must be {field.schema['description']}." if "description" in field.schema else "",
    ]
    found = {**field.schema, "description": " ".join(filter(None, notes))}
    return found if field.default is None else {**found, "default": field.default}
