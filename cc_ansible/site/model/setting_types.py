"""Types of values that settings of services share."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from cc_ansible.site.model import forms
from cc_ansible.site.model.forms import Text
from cc_ansible.site.model.net_types import Flag
from cc_ansible.site.values import is_template

_DURATION = re.compile(r"(?:\d+(?:ms|s|m|h|d|w|y))+")
_HOST_PORT = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::(?P<port>\d{1,5}))?")
_NAMESPACE = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_SITE_NAME = re.compile(r"[A-Za-z0-9][\w.@:-]*")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_TRAIT = re.compile(r"[A-Z0-9_]+")


def refusal(message: str, fix: str) -> Exception:
    """What a validator raises: the rest of a sentence that starts with the setting's name."""
    return PydanticCustomError("invalid_value", "{message}", {"message": message, "fix": fix})


def _url(value: Any) -> Any:
    if not isinstance(value, str) or is_template(value):
        return value
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise refusal("is no URL", "Write https://HOST/PATH.") from None
    if parts.scheme not in ("http", "https") or "://" not in value:
        raise refusal("must be a URL with http:// or https://", f"Write `https://{_bare(value)}`.")
    if not host or port == 0 or re.search(r"\s", value):
        raise refusal("is no URL of a host", "Write https://HOST/PATH.")
    if "{" not in host:
        try:
            forms.host(host)
        except ValueError:
            raise refusal("is no URL of a host", "Correct the host name.") from None
    return value


def _bare(value: str) -> str:
    head, separator, rest = value.partition("://")
    return rest if separator else head


def _registry(value: Any) -> Any:
    if value in (None, "") or not isinstance(value, str) or is_template(value):
        return value or ""
    if "://" in value:
        raise refusal("must not have a scheme", _host_and_path(_bare(value)))
    if "/" in value:
        raise refusal("must not have a path", _host_and_path(value))
    found = _HOST_PORT.fullmatch(value)
    if not found or (found["port"] and not 0 < int(found["port"]) < 65536):
        raise refusal("is no registry", "Write HOST or HOST:PORT.")
    return value


def _host_and_path(value: str) -> str:
    host, _, path = value.partition("/")
    path = path.strip("/")
    return f"Write `{host}`; `docker_namespace: {path}`." if path else f"Write `{host}`."


def _matching(pattern: re.Pattern[str], message: str, fix: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, float):
            value = str(value)
        if isinstance(value, str) and not is_template(value) and not pattern.fullmatch(value):
            raise refusal(message, fix)
        return value

    return BeforeValidator(check)


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as problem:
        raise refusal(f"is no regular expression: {problem}", "Correct it.") from None
    return value


def _properties(value: Any) -> Any:
    """Blazar takes a JSON list, in which templates of configuration files escape the ``$``."""
    if isinstance(value, str) and value.strip() and not is_template(value):
        try:
            value = json.loads(value.replace("\\$", "$"))
        except ValueError:
            fix = """Write a JSON list: '["==", "\\\\$node_type", "compute"]'."""
            raise refusal("is no JSON list", fix) from None
    return value or []


def _number(value: Any) -> Any:
    text = isinstance(value, str) and not is_template(value)
    if isinstance(value, bool) or (text and not _NUMBER.fullmatch(str(value).strip())):
        raise refusal("must be a number", "Write a number without unit.")
    return value


def _empty(value: Any) -> Any:
    """An empty text means that the setting is not used."""
    return None if value == "" else value


def _listed(value: Any) -> Any:
    if isinstance(value, str) and not is_template(value):
        raise refusal("must be a list", f"Write `[{value}]`." if value else "Write `[]`.")
    return value


Whole = Annotated[int, BeforeValidator(_number), Field(ge=0)]
"""A whole number, zero included."""

Count = Annotated[int, BeforeValidator(_number), Field(ge=1)]
"""A whole number from one."""

Seconds = Count
"""A time span in seconds."""

Limit = Annotated[Literal[-1], BeforeValidator(_number)] | Seconds
"""A time span in seconds; -1 for no limit."""

Amount = Annotated[float, BeforeValidator(_number), Field(ge=0, allow_inf_nan=False)]
"""A number that is not negative."""

Url = Annotated[str, BeforeValidator(_url), WithJsonSchema({"type": "string", "format": "uri"})]
OptionalText = Annotated[Text | None, BeforeValidator(_empty)]
OptionalUrl = Annotated[Url | None, BeforeValidator(_empty)]
OptionalEmail = Annotated[forms.Email | None, BeforeValidator(_empty)]
Registry = Annotated[str, BeforeValidator(_registry)]
Namespace = Annotated[
    str,
    _matching(
        _NAMESPACE, "is no namespace of images", "Use lower case letters, digits, dashes and /."
    ),
]
Tag = Annotated[
    str,
    _matching(_TAG, "is no tag of images", "Use letters, digits, dots, dashes and underscores."),
]
Duration = Annotated[
    str, _matching(_DURATION, "is no time span", "Write a number and a unit: 60s, 5m.")
]
SiteName = Annotated[
    str,
    BeforeValidator(forms.as_text),
    _matching(_SITE_NAME, "must be one word", "Use letters, digits, dashes and underscores."),
]
Trait = Annotated[
    str, _matching(_TRAIT, "is no trait", "Use upper case letters, digits and underscores.")
]
Regex = Annotated[str, AfterValidator(_regex)]
ResourceProperties = Annotated[list[Any], BeforeValidator(_properties)]
Names = Annotated[list[Text], BeforeValidator(_listed)]
"""A list of names."""

UrlPath = Annotated[str, StringConstraints(pattern=r"^/\S*$")]

__all__ = [
    "Amount", "Count", "Duration", "Flag", "Limit", "Names", "Namespace", "OptionalEmail",
    "OptionalText", "OptionalUrl", "Regex", "Registry", "ResourceProperties", "Seconds",
    "SiteName", "Tag", "Text", "Trait", "Url", "UrlPath", "Whole",
]  # fmt: skip
