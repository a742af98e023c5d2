"""Forms of values that models of hardware and images share: names, addresses, MAC addresses."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from cc_ansible.site.findings import Rule, error
from cc_ansible.site.net.addresses import INVALID_ADDRESS, UNUSABLE_ADDRESS, is_meant
from cc_ansible.site.net.refused import PLACEHOLDER, is_masked

INVALID_MAC = error("invalid-mac", "MAC addresses are those of one interface")
INVALID_NAME = error("invalid-name", "Names of hardware and appliances are DNS names")

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]*")
_EMAIL = re.compile(r"[^@\s,;<>]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
LONGEST_NAME = 253


class Strict(BaseModel):
    """A map in which every key is known."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, defer_build=True
    )


def mac_address(text: str) -> str:
    """A MAC address in lower case with colons, whatever separates it in ``text``.

    :raises PydanticCustomError: it is none, or not that of one interface.
    """
    digits = re.sub(r"[:.\- ]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits):
        raise _bad_mac("is no MAC address", "Write six pairs of hex digits: aa:bb:cc:dd:ee:ff.")
    if digits == "0" * 12:
        raise _bad_mac("is the empty MAC address", "Write the address of the interface.")
    if digits == "f" * 12:
        raise _bad_mac("is the broadcast address", "Write the address of the interface.")
    if int(digits[:2], 16) & 1:
        raise _bad_mac(
            "is a multicast address", "The first pair of an interface's address is even; check it."
        )
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def _bad_mac(message: str, fix: str) -> PydanticCustomError:
    return _broken(INVALID_MAC, message, fix)


def unquoted(fix: str) -> Callable[[Any], Any]:
    """Refuses the number that YAML makes of ``12:30:00`` or ``0101`` without quotes."""

    def check(value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise PydanticCustomError(
                "invalid_value", "must be a text; YAML reads it as a number", {"fix": fix}
            )
        return value

    return check


def as_text(value: Any) -> Any:
    """Numbers that are meant as names: rack 12, slot 3."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if plain else value


def filled(fix: str) -> BeforeValidator:
    """Refuses a list without items."""

    def check(value: Any) -> Any:
        if value == []:
            raise PydanticCustomError("invalid_value", "must not be empty", {"fix": fix})
        return value

    return BeforeValidator(check)


def _factor(value: Any) -> Any:
    """Refuses the true and false that Python takes for 1 and 0, and what is less than nothing."""
    if isinstance(value, bool) or (isinstance(value, int | float) and not 0 <= value < 2**31):
        raise ValueError("must be a number, 0 or more")
    return value


def _scalar(value: Any) -> Any:
    if isinstance(value, list | dict):
        raise ValueError("must be one value")
    return value


def dns_name(text: str) -> str:
    """A name that hosts may have.

    :raises PydanticCustomError: it has other characters, or is too long, or is a UUID.
    """
    if is_uuid(text):
        raise _bad_name("is a UUID; Ironic would take it for an id", "Give it a name.")
    if len(text) > LONGEST_NAME:
        raise _bad_name(f"has more than {LONGEST_NAME} characters", "Shorten it.")
    for label in text.split("."):
        if len(label) > 63:
            raise _bad_name("has a part of more than 63 characters", "Shorten it.")
        if not _LABEL.fullmatch(label):
            better = re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9.-]", "-", text)).strip("-.")
            raise _bad_name(
                "is no DNS name",
                f"Use letters, digits and dashes: `{better or 'node-1'}`.",
            )
    return text


def _bad_name(message: str, fix: str) -> PydanticCustomError:
    return _broken(INVALID_NAME, message, fix)


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID, with or without dashes."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def host(text: str) -> str:
    """An address or a DNS name.

    :raises PydanticCustomError: it is neither.
    """
    if is_masked(text):
        raise _broken(PLACEHOLDER, "is still a placeholder", "Write its address or name.")
    bare = text[1:-1] if text.startswith("[") else text
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        _host_name(text)
        return text.lower()
    if found.is_unspecified or found.is_multicast or str(found) == "255.255.255.255":
        fix = "Write the address of one machine."
        raise _broken(UNUSABLE_ADDRESS, "is no address of a machine", fix)
    return str(found)


def _host_name(text: str) -> None:
    if "/" in text:
        raise _bad_address("must be one address without prefix length or path")
    if is_meant(text) or not all(_LABEL.fullmatch(label) for label in text.split(".")):
        raise _bad_address("is neither an IP address nor a host name")


def host_or_url(text: str) -> str:
    """An address, a DNS name, or an http(s) URL.

    :raises PydanticCustomError: it is none of these.
    """
    if "://" not in text:
        return host(text)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as problem:
        raise _bad_address("is no URL") from problem
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _bad_address("is no http or https URL of a host")
    if parts.username or parts.password:
        raise _bad_address("must not contain a user or password")
    host(parts.hostname)
    return text


def _bad_address(message: str) -> PydanticCustomError:
    return _broken(INVALID_ADDRESS, message, "Write one address, such as 10.30.1.1, or a name.")


def _broken(rule: Rule, message: str, fix: str) -> PydanticCustomError:
    kind = rule.name.replace("-", "_")
    return PydanticCustomError(kind, "{message}", {"message": message, "fix": fix})


def email(text: str) -> str:
    """An e-mail address.

    :raises ValueError: it is none.
    """
    if not _EMAIL.fullmatch(text):
        raise ValueError("is no e-mail address")
    return text


def word(text: str) -> str:
    """One word, as in node types and image variants.

    :raises ValueError: it has spaces or other characters.
    """
    if not _WORD.fullmatch(text):
        raise ValueError("must be one word of letters, digits, dashes, dots and underscores")
    return text


class Shown:
    """Adds to the JSON Schema of a type what its validators say in Python."""

    def __init__(self, **keys: Any) -> None:
        self.keys = keys

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(core), **self.keys}


_TEXT_OR_NUMBER = Shown(type=["string", "number"])
_NAME_PATTERN = (
    r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$"
)
_MAC_PATTERN = r"^([0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}$|^([0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}$"

Text = Annotated[str, BeforeValidator(as_text), StringConstraints(min_length=1), _TEXT_OR_NUMBER]
"""A text that is not empty; numbers are taken as text."""

Word = Annotated[
    str,
    BeforeValidator(as_text),
    AfterValidator(word),
    Shown(type=["string", "number"], pattern=rf"^{_WORD.pattern}$"),
]
Name = Annotated[
    str,
    BeforeValidator(unquoted("Put it in quotes.")),
    StringConstraints(min_length=1),
    AfterValidator(dns_name),
    Shown(pattern=_NAME_PATTERN, maxLength=LONGEST_NAME),
]
MacAddress = Annotated[
    str,
    BeforeValidator(unquoted('Put it in quotes: "52:54:00:12:34:56".')),
    AfterValidator(mac_address),
    Shown(pattern=_MAC_PATTERN),
]
Host = Annotated[str, AfterValidator(host)]
HostOrUrl = Annotated[str, AfterValidator(host_or_url)]
Email = Annotated[str, AfterValidator(email), Shown(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Factor = Annotated[float, BeforeValidator(_factor), Shown(minimum=0)]
Scalar = Annotated[str | int | float | bool, BeforeValidator(_scalar)]
"""A text, a number, or true or false."""
