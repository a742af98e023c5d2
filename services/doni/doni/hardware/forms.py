"""Schemas of values that several fields share, each with a description that completes "must be"."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

LONGEST = 255

_URL = r"(https?|file|glance)://\S+"
_UUID = r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}"


def text(description: str = "a text that is not empty", longest: int = LONGEST) -> Schema:
    """Text with something in it, at most ``longest`` characters."""
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": longest,
        "description": f"{description}, at most {longest} characters",
    }


def enum(*values: str) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": list(values)}


def closed(properties: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    """An object in which every key is known."""
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def listed(items: Schema, **more: Any) -> Schema:
    """A list in which every entry has one form."""
    return {"type": "array", "items": items, **more}


HOST: Schema = {
    "type": "string",
    "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}, {"format": "hostname"}],
    "description": "a host name, an IPv4 or an IPv6 address",
}
EMAIL: Schema = {"type": "string", "format": "email", "description": "an e-mail address"}
MAC: Schema = {
    "type": "string",
    "pattern": "^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$",
    "description": "a MAC address such as 52:54:00:12:34:56",
}
WORD: Schema = {
    "type": "string",
    "pattern": "^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,254}$",
    "description": "a word of letters, digits and . _ : + -",
}
PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
IMAGE: Schema = {
    "type": "string",
    "pattern": f"^({_UUID}|{_URL})$",
    "maxLength": 1024,
    "description": "the id of an image, or a URL",
}
SCALAR: Schema = {
    "type": ["string", "number", "integer", "boolean"],
    "maxLength": LONGEST,
    "description": f"a text of at most {LONGEST} characters, a number, or true or false",
}
