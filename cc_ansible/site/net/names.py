"""Names in networks: of interfaces, bridges and endpoints."""

from __future__ import annotations

import re
from typing import Any

from cc_ansible.site.findings import error
from cc_ansible.site.net.addresses import INVALID_ADDRESS, address, is_address
from cc_ansible.site.net.refused import Refused, is_placeholder, placeholder

INTERFACE_NAME = error("interface-name", "Interface names are such that Linux can have them")
INVALID_FQDN = error("invalid-fqdn", "Names of endpoints are DNS names")

LONGEST_INTERFACE = 15
LONGEST_LABEL, LONGEST_NAME = 63, 253
_AS_SHOWN = "Name the interface as `ip link` shows it."
_DIGITS = re.compile(r"\d+", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)
_BAD_IN_INTERFACE = re.compile(r"[\s/:,@{}\[\]\"'|;&$*#]|[^\x21-\x7e]")


def interface(value: Any) -> str:
    """The name of a network interface or bridge.

    :raises Refused: Linux or Kolla-Ansible cannot take it.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Refused(INTERFACE_NAME, "is empty", _AS_SHOWN)
    if not isinstance(value, str):
        raise Refused(INTERFACE_NAME, "must be the name of an interface", _AS_SHOWN)
    if is_placeholder(value):
        raise placeholder("the name of the interface as `ip link` shows it")
    if found := _BAD_IN_INTERFACE.search(value):
        raise Refused(INTERFACE_NAME, *_why_no_interface(value, found[0]))
    if len(value) > LONGEST_INTERFACE:
        text = f"is longer than the {LONGEST_INTERFACE} characters that Linux allows"
        raise Refused(INTERFACE_NAME, text, "Use the name that `ip link` shows, or a shorter one.")
    if value in (".", ".."):
        raise Refused(INTERFACE_NAME, "is no name of an interface", _AS_SHOWN)
    return value


def interfaces(value: Any) -> list[str]:
    """Names of interfaces or bridges with commas between them, without spaces.

    :raises Refused: one of them cannot be.
    """
    parts = value.split(",") if isinstance(value, str) else [value]
    if len(parts) > 1 and any(part != part.strip() or not part for part in parts):
        tidy = ",".join(part.strip() for part in parts if part.strip())
        text = "has spaces or nothing between its commas"
        raise Refused(INTERFACE_NAME, text, f'Write "{tidy}".')
    return [interface(part) for part in parts]


def fqdn(value: Any) -> str:
    """A DNS name, or an address.

    :raises Refused: it is neither.
    """
    if not isinstance(value, str) or not value:
        raise Refused(INVALID_FQDN, "is empty", "Write a DNS name, or remove the line.")
    if is_address(value):
        return value
    if is_placeholder(value):
        raise placeholder("the DNS name of your site")
    _refuse_url(value)
    if value.lower().split(".")[0] == "localhost":
        text = "stands for each machine itself"
        raise Refused(INVALID_FQDN, text, "Write the DNS name of your site.")
    for label in value.split("."):
        _refuse_label(value, label)
    if len(value) > LONGEST_NAME:
        raise Refused(INVALID_FQDN, f"is longer than {LONGEST_NAME} characters", "Shorten it.")
    if _DIGITS.fullmatch(value.rpartition(".")[2]):
        text = "is neither a DNS name nor an IP address"
        raise Refused(INVALID_FQDN, text, "Correct it; the last part of a name is no number.")
    return value


def host(value: Any) -> str:
    """The address or DNS name of a machine, as it is written.

    :raises Refused: it is neither.
    """
    text = str(value)
    if not isinstance(value, str) or not text or "/" in text or not text.strip("0123456789."):
        return str(address(value))
    if is_placeholder(value):
        raise placeholder("the address of the machine")
    if not is_address(text) and not all(map(_LABEL.fullmatch, text.split("."))):
        fix = "Write one address, such as 10.20.0.11, or the name of the machine."
        raise Refused(INVALID_ADDRESS, "is neither an IP address nor a host name", fix)
    return text


def _why_no_interface(value: str, found: str) -> tuple[str, str]:
    before = value.partition(found)[0]
    if found == "@":
        return "has the peer in it that `ip link` shows after `@`", f"Write {before}."
    if found == ":":
        return "is an alias, which Ansible's facts do not know", f"Write {before}."
    if found == ",":
        return "must be one interface", "Write one name."
    return f"has {'a space' if found.isspace() else f'`{found}`'} in it", _AS_SHOWN


def _refuse_url(value: str) -> None:
    rest = value.partition("://")[2] or value
    name, slash, _ = rest.partition("/")
    bare, colon, port = name.rpartition(":")
    if slash or rest != value:
        fix = f"Write {bare if colon else name}."
        raise Refused(INVALID_FQDN, "must be a name, not a URL", fix)
    if colon and _DIGITS.fullmatch(port):
        raise Refused(INVALID_FQDN, "must be a name without port", f"Write {bare}.")
    if value.endswith("."):
        fix = f"Write {value.rstrip('.')}."
        raise Refused(INVALID_FQDN, "ends with a dot, which no certificate has", fix)


def _refuse_label(value: str, label: str) -> None:
    if not label:
        raise Refused(INVALID_FQDN, "has a dot too much", "Write the whole name.")
    if len(label) > LONGEST_LABEL:
        text = f"has a part of more than {LONGEST_LABEL} characters"
        raise Refused(INVALID_FQDN, text, "Shorten it.")
    if "_" in label:
        fix = f"Use dashes: {value.replace('_', '-')}."
        raise Refused(INVALID_FQDN, "has an underscore, which host names may not have", fix)
    if not _LABEL.fullmatch(label):
        text = "is not a DNS name"
        raise Refused(INVALID_FQDN, text, "Use letters, digits, dashes and dots.")
