"""JSON Schemas of the files of a site, for editors; drafts of 2020-12.

Editors need not know more than validate does: where a template may stand in place of a value, the
schema takes any template; what depends on other files is left to validate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cc_ansible.site.knowledge import Knowledge
from cc_ansible.site.model import kolla
from cc_ansible.site.model.calendars import Calendar
from cc_ansible.site.model.declared import DECLARED, SETTINGS
from cc_ansible.site.model.hardware import TYPES
from cc_ansible.site.model.images import Appliance
from cc_ansible.site.model.networks import Network
from cc_ansible.site.model.switches import Switch
from cc_ansible.site.rules import variables
from cc_ansible.site.values import is_template

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEMPLATE: Schema = {"type": "string", "pattern": r"\{[{%]"}
WORDS_OF_FLAGS = ["yes", "no", "on", "off", "true", "false", "True", "False", "Yes", "No"]
FLAG: Schema = {"anyOf": [{"type": "boolean"}, {"enum": WORDS_OF_FLAGS}, TEMPLATE]}
LISTED: dict[str, type] = {"neutron_networks": Network, "switch_configs": Switch}
"""Variables that are lists of entries, and the model of an entry."""

# Definitions of the types that defaults of variables show.
_KINDS = {
    variables.FLAG: "flag",
    variables.NUMBER: "number",
    variables.LIST: "list",
    variables.MAP: "map",
    variables.TEXT: "text",
    variables.WORD: "word",
}
_OF_KINDS: dict[str, Schema] = {
    "flag": {"anyOf": [*FLAG["anyOf"], {"type": "null"}]},
    "number": {
        "anyOf": [
            {"type": ["number", "null"]},
            {"type": "string", "pattern": r"^[+-]?\d+(\.\d+)?$"},
            TEMPLATE,
        ]
    },
    "list": {"anyOf": [{"type": ["array", "null"]}, TEMPLATE]},
    "map": {"anyOf": [{"type": ["object", "null"]}, TEMPLATE]},
    "text": {"type": ["string", "number", "boolean", "null"]},
    "word": {"type": ["string", "number", "null"]},
}

# What may be said at an item's profile need not be said at the item.
PARTIAL = {
    "Bmc": [],
    "Port": ["name"],
    "Channels": [],
    "Channel": [],
    "ApplicationCredential": [],
}
_NOTE = re.compile(r"``([^`]*)``")


def defaults(known: Knowledge) -> Schema:
    """The schema of defaults.yml and every other file of variables.

    Further keys are allowed: roles read variables that have no default, and a site may have its
    own. Validate tells which nobody reads.
    """
    properties: dict[str, Schema] = {}
    for name in sorted(known.variables()):
        properties[name] = _of_kolla(name, known)
    definitions = dict(_OF_KINDS)
    for model in (*kolla.MODELS, *SETTINGS):
        _take(model.model_json_schema(), properties, definitions)
    for name, entry in LISTED.items():
        below = entry.model_json_schema(ref_template="#/$defs/{model}")  # type: ignore[attr-defined]
        definitions |= below.pop("$defs", {})
        definitions[entry.__name__] = below
        properties[name] = {"type": "array", "items": {"$ref": f"#/$defs/{entry.__name__}"}}
    for name, about in DECLARED.items():
        properties.setdefault(name, {}).setdefault("description", about)
    properties["site_variables"] |= {"type": "array", "items": {"type": "string"}}
    return _finished("Variables of a site", properties, definitions, additional=True)


def hardware() -> Schema:
    """The schema of hardware/*.yml."""
    definitions: dict[str, Schema] = {}
    calendar = Calendar.model_json_schema()
    definitions |= calendar.pop("$defs", {}) | {"Calendar": calendar}
    item, profile = _item(definitions), _item(definitions)
    item["required"] = ["name"]
    definitions |= {"Item": item, "Profile": profile}
    for name, required in PARTIAL.items():
        definitions[name]["required"] = required
    named = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Profile"}}
    properties: dict[str, Schema] = {
        "calendars": {
            "description": "Times at which hardware is lent, by name.",
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/Calendar"},
        },
        "profiles": {"description": "What several items have in common, by name.", **named},
        "defaults": {
            "description": "What every item of this file has.",
            "$ref": "#/$defs/Profile",
        },
        "hardware": {
            "description": "The items.",
            "type": "array",
            "items": {"$ref": "#/$defs/Item"},
        },
    }
    return _finished("Hardware of a site", properties, definitions)


def images() -> Schema:
    """The schema of images/*.yml."""
    appliance = Appliance.model_json_schema()
    definitions = appliance.pop("$defs", {}) | {"Appliance": appliance}
    properties: dict[str, Schema] = {
        "appliances": {
            "description": "Disk images that the site builds.",
            "type": "array",
            "items": {"$ref": "#/$defs/Appliance"},
        }
    }
    return _finished("Appliances of a site", properties, definitions)


SCHEMAS: dict[str, tuple[str, Callable[[Knowledge], Schema]]] = {
    "defaults": ("defaults.yml, globals.d/, group_vars/, host_vars/", defaults),
    "hardware": ("hardware/*.yml", lambda _: hardware()),
    "images": ("images/*.yml", lambda _: images()),
}
"""Every schema: for which files it is, and what makes it."""


def _item(definitions: dict[str, Schema]) -> Schema:
    """An item of any type; once its type is said, only the keys of that type remain."""
    properties: dict[str, Schema] = {}
    for model in TYPES.values():
        schema = model.model_json_schema()
        definitions |= schema.pop("$defs", {})
        for key, value in schema["properties"].items():
            properties[key] = _either(properties.get(key, value), value)
    properties["type"] = {
        "description": "Kind of hardware.",
        "oneOf": [
            {"const": name, "description": _plain((model.__doc__ or "").split("\n")[0])}
            for name, model in TYPES.items()
        ],
    }
    properties["profile"] = {
        "description": "Name of a profile that the item is laid over.",
        "type": "string",
    }
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "allOf": [_only(name, model.model_fields, properties) for name, model in TYPES.items()],
    }


def _either(before: Schema, value: Schema) -> Schema:
    """A key that types describe differently."""
    choices = before.get("anyOf", [before])
    if before == value or value in choices:
        return before
    return {"description": before.get("description", ""), "anyOf": [*choices, value]}


def _only(name: str, fields: Iterable[str], properties: Mapping[str, Schema]) -> Schema:
    foreign = sorted(properties.keys() - {*fields, "profile"})
    return {
        "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
        "then": {"properties": dict.fromkeys(foreign, False)},
    }


def _of_kolla(name: str, known: Knowledge) -> Schema:
    roles = sorted({one.role for one in known.variables()[name] if one.role})
    whose = f"Kolla-Ansible, role {', '.join(roles)}." if roles else "Kolla-Ansible."
    found: Schema = {"description": whose}
    kind = variables.kind_of(name, known)
    if kind is not None:
        found["$ref"] = f"#/$defs/{_KINDS[kind]}"
    default = known.variables()[name][-1].value()
    if isinstance(default, str | int | float) and not is_template(default):
        found["default"] = default
    return found


def _take(schema: Schema, properties: dict[str, Schema], definitions: dict[str, Schema]) -> None:
    definitions |= schema.pop("$defs", {})
    for name, value in schema["properties"].items():
        properties[name] = value


def _finished(
    title: str,
    properties: dict[str, Schema],
    definitions: dict[str, Schema],
    additional: bool = False,
) -> Schema:
    return {
        "$schema": DRAFT,
        "title": title,
        "type": "object",
        "properties": {name: _loose(value) for name, value in properties.items()},
        "additionalProperties": additional,
        "$defs": {name: _loose(value) for name, value in sorted(definitions.items())},
    }


def _loose(schema: Any) -> Any:
    """Take a template in place of each value, and drop what only fills the editor."""
    if not isinstance(schema, dict):
        return schema
    result: Schema = {}
    for key, value in schema.items():
        if key in ("properties", "$defs", "patternProperties"):
            result[key] = {name: _loose(one) for name, one in value.items()}
        elif key in ("items", "additionalProperties", "not", "if", "then"):
            result[key] = value if key == "if" else _loose(value)
        elif key in ("anyOf", "oneOf", "allOf"):
            # Words and numbers of a union overlap once templates are taken everywhere.
            result["anyOf" if key == "oneOf" else key] = [_loose(one) for one in value]
        elif key == "description":
            result[key] = _plain(value)
        elif key != "title" and not (key == "default" and value is None):
            result[key] = value
    return _or_template(result)


def _or_template(schema: Schema) -> Schema:
    if schema.get("type") == "boolean":
        rest = {key: value for key, value in schema.items() if key != "type"}
        return {**rest, **FLAG}
    closed = (
        schema.get("type") in ("integer", "number") or {"enum", "const", "pattern"} & schema.keys()
    )
    if not closed or schema == TEMPLATE:
        return schema
    outer: Schema = {key: schema.pop(key) for key in ("description", "default") if key in schema}
    return {**outer, "anyOf": [schema, TEMPLATE]}


def _plain(text: str) -> str:
    """A docstring as editors show it."""
    return _NOTE.sub(r"`\1`", text)
