"""Old values as values of the names that took their place, where that is mechanical."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cc_ansible.site.removed import Removed
from cc_ansible.site.values import is_template

Variables = Mapping[str, Any]


def translate(removed: Removed, value: Any, beside: Variables) -> dict[str, Any] | None:
    """Variables that say what the old one said; None where somebody must decide.

    :param beside: the other variables of the same file: two old ones may become one.
    """
    if removed.successor is None or removed.translate is None:
        return None
    return _HOW[removed.translate](removed, value, beside)


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A text with variables that changed their name called by the new one inside of templates."""
    if not names:
        return text
    pattern = re.compile(rf"(?<![.\w'\"])(?:{'|'.join(map(re.escape, names))})\b(?!['\"])")

    def inside(template: re.Match[str]) -> str:
        return pattern.sub(lambda found: names[found[0]], template[0])

    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", inside, text, flags=re.DOTALL)


def _rename(removed: Removed, value: Any, beside: Variables) -> dict[str, Any] | None:
    # The site may have set the new name already.
    name = str(removed.successor)
    return {} if name in beside else {name: value}


def _dhcp_range(removed: Removed, value: Any, beside: Variables) -> dict[str, Any] | None:
    """``first,last[,netmask]`` becomes a list of one range with its router; others were none."""
    if not isinstance(value, str) or "," not in value:
        return {}
    entry = {"range": value}
    if gateway := beside.get("ironic_dnsmasq_default_gateway"):
        entry["routers"] = gateway
    return {str(removed.successor): [entry]}


def _dhcp_gateway(removed: Removed, value: Any, beside: Variables) -> dict[str, Any] | None:
    return {} if beside.get("ironic_dnsmasq_dhcp_range") or not value else None


def _ceph_user(removed: Removed, value: Any, beside: Variables) -> dict[str, Any] | None:
    """``[cluster.]client.USER.keyring`` names a user."""
    found = re.fullmatch(r"(?:[\w-]+\.)?client\.([\w.-]+)\.keyring", str(value))
    if is_template(value) or not found:
        return None
    return _rename(removed, found[1], beside)


_HOW: dict[str, Callable[[Removed, Any, Variables], dict[str, Any] | None]] = {
    "rename": _rename,
    "dhcp-range": _dhcp_range,
    "dhcp-gateway": _dhcp_gateway,
    "ceph-user": _ceph_user,
}
KINDS = frozenset(_HOW)
