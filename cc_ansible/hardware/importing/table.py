"""Items in a CSV file: a column for each key, a row for each item or further interface."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from cc_ansible.errors import UsageError
from cc_ansible.site.hardware import OTHER_NAMES
from cc_ansible.site.names import nearest

PORT_KEYS = (
    "mac", "switch", "switch_id", "physical_network", "pxe", "enabled", "vendor", "model"
)  # fmt: skip
_PORT_COLUMNS = {
    **{key: key for key in PORT_KEYS},
    "interface": "name",
    "switch_port": "port",
    "switch_port_id": "port",
    "mac_address": "mac",
    "switch_info": "switch",
    "pxe_enabled": "pxe",
}
_ITEM_COLUMNS = (
    "name", "type", "project", "calendar", "authorized_projects", "authorized_projects_reason",
    "maintenance", "cpu_arch", "node_type", "resource_class", "traits", "boot_mode",
    "placement.rack", "placement.node", "su_factor", "deploy_image", "deploy_kernel",
    "deploy_ramdisk", "bmc.protocol", "bmc.address", "bmc.port", "bmc.username", "bmc.password",
    "bmc.terminal_port", "bmc.system_id", "bmc.verify_ca", "bmc.auth_type", "machine_name",
    "contact_email", "device_profiles", "local_egress",
)  # fmt: skip
_OPEN = ("properties.", "capabilities.")
_LISTS = ("authorized_projects", "traits", "device_profiles")
_NUMBERS = ("bmc.port", "bmc.terminal_port", "su_factor")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_FLAGS = ("pxe", "enabled")
SEPARATOR = ";"


def read(text: str) -> list[dict[str, Any]]:
    """The items of a CSV text, as the site config writes them; secrets are still in them.

    Rows that repeat a name give an item further interfaces. Lists have ``;`` between entries.

    :raises UsageError: a column or value makes no sense.
    """
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), restkey="", strict=True)
    items: dict[str, dict[str, Any]] = {}
    try:
        columns = {written: _column(written) for written in rows.fieldnames or ()}
        if "name" not in columns.values():
            raise UsageError("The file has no column `name`.", fix=_fix())
        for row in rows:
            _add(items, {columns[key]: value for key, value in _cells(row, rows.line_num)}, rows)
    except csv.Error as problem:
        # The rows themselves count only lines that were read well.
        number = rows.reader.line_num
        raise UsageError(f"Line {number} of the file: {problem}.") from None
    return list(items.values())


def _cells(row: Mapping[str, Any], line: int) -> list[tuple[str, str]]:
    if "" in row:
        raise UsageError(f"Line {line} of the file has more cells than the first one.")
    return [(key, value.strip()) for key, value in row.items() if value and value.strip()]


def _column(written: str) -> str:
    plain = written.strip().lower().replace(" ", "_")
    if plain in _ITEM_COLUMNS or plain.startswith(_OPEN):
        return plain
    if plain in _PORT_COLUMNS:
        return f"port.{_PORT_COLUMNS[plain]}"
    dotted = plain.replace("bmc_", "bmc.").replace("placement_", "placement.")
    for known in (OTHER_NAMES.get(plain), dotted):
        if known in _ITEM_COLUMNS:
            return str(known)
    close = nearest(dotted, [*_ITEM_COLUMNS, *_PORT_COLUMNS])
    raise UsageError(
        f"Nothing is known by the column `{written}`.",
        fix=f"Did you mean `{close}`?" if close else _fix(),
    )


def _fix() -> str:
    return f"Columns: {', '.join([*_ITEM_COLUMNS, *_PORT_COLUMNS])}, and properties.NAME."


def _add(items: dict[str, dict[str, Any]], cells: dict[str, str], rows: Any) -> None:
    name = cells.get("name")
    if not name:
        raise UsageError(f"Line {rows.line_num} of the file has no name.")
    item = items.setdefault(name, {"name": name, "type": "baremetal"})
    port: dict[str, Any] = {}
    for column, text in cells.items():
        if column.startswith("port."):
            port[column.removeprefix("port.")] = _value(column.removeprefix("port."), text, rows)
        else:
            _set(item, column, _value(column, text, rows))
    if port:
        ports = item.setdefault("ports", [])
        ports.append({"name": f"eno{len(ports) + 1}", **port})


def _value(column: str, text: str, rows: Any) -> Any:
    if column in _LISTS:
        return [part.strip() for part in text.split(SEPARATOR) if part.strip()]
    if column in _NUMBERS:
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            message = f"Line {rows.line_num} of the file: {column} is no number: {text!r}."
            raise UsageError(message) from None
    if column in _FLAGS:
        if text.lower() not in _TRUTH:
            message = f"Line {rows.line_num} of the file: {column} is not true or false."
            raise UsageError(message)
        return _TRUTH[text.lower()]
    if column in ("maintenance", "bmc.verify_ca"):
        return _TRUTH.get(text.lower(), text)
    return text


def _set(item: dict[str, Any], column: str, value: Any) -> None:
    key, _, inner = column.partition(".")
    if inner:
        item.setdefault(key, {})[inner] = value
    else:
        item[key] = value
