"""Asking management controllers over Redfish what machine they belong to."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from cc_ansible.errors import CcError, RunFailed, UsageError

if TYPE_CHECKING:
    from requests import Session

MOST = 4096
"""Controllers that one file may name."""
THREADS = 16
TIMEOUT = (4, 20)
"""Seconds until a connection stands, and until an answer comes."""
ROOT = "/redfish/v1/"

_ARCHITECTURES = {"x86-64": "x86_64", "x86_64": "x86_64", "arm": "aarch64", "aarch64": "aarch64"}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


@dataclass(frozen=True)
class Login:
    """How to get in. ``verify`` is False where certificates are not checked."""

    username: str
    password: str = field(repr=False)
    verify: bool | str = True


def addresses(text: str) -> list[str]:
    """The controllers a file names: one address, name, URL, range or network a line.

    ``#`` begins a comment. A range is ``10.30.1.1-10.30.1.40`` or ``10.30.1.1-40``.

    :raises UsageError: a line is none of these, or they are too many.
    """
    found: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.partition("#")[0].strip()
        if plain:
            found += _line(plain, number)
        if len(found) > MOST:
            raise UsageError(f"The file names more than {MOST} controllers.")
    return list(dict.fromkeys(found))


def _line(text: str, number: int) -> list[str]:
    wrong = UsageError(
        f"Line {number} is no address: {text}",
        fix="Write 10.30.1.1, 10.30.1.1-40, 10.30.1.0/26, a name or a URL.",
    )
    try:
        if "://" in text:
            return [text.rstrip("/")]
        if "/" in text:
            network = ipaddress.ip_network(text)
            if network.num_addresses > MOST:
                raise wrong
            return [str(host) for host in network.hosts()]
        first, dash, last = text.partition("-")
        if dash and first.replace(".", "").isdigit():
            return list(_range(first, last))
    except ValueError:
        raise wrong from None
    if " " in text:
        raise wrong
    return [text]


def _range(first: str, last: str) -> Iterator[str]:
    start = ipaddress.ip_address(first)
    whole = last if "." in last else f"{first.rpartition('.')[0]}.{last}"
    end = ipaddress.ip_address(whole)
    if not 0 <= int(end) - int(start) < MOST:
        raise ValueError(last)
    for value in range(int(start), int(end) + 1):
        yield str(ipaddress.ip_address(value))


def discover(
    where: list[str], login: Login, tell: Callable[[str], None]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The machines behind controllers, and why some could not be asked.

    :raises RunFailed: none could be asked.
    """
    items: list[dict[str, Any]] = []
    notes: list[str] = []

    def one(address: str) -> tuple[str, list[dict[str, Any]], str]:
        try:
            return address, _machines(address, login), ""
        except CcError as problem:
            return address, [], problem.summary

    with ThreadPoolExecutor(THREADS) as pool:
        for address, machines, problem in pool.map(one, where):
            tell(address)
            items += machines
            notes += [f"{address}: {problem}"] if problem else []
    if not items:
        raise RunFailed(
            "No management controller could be asked.",
            detail="\n".join(notes[:10]),
            fix="See the user and the password, and that this machine reaches the controllers. "
            "For certificates nobody signed: --insecure",
        )
    _distinct(items)
    return items, notes


def _distinct(items: list[dict[str, Any]]) -> None:
    """Give machines of one name different ones."""
    seen: dict[str, int] = {}
    for item in items:
        name = item["name"]
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            item["name"] = f"{name}-{seen[name]}"


def _machines(address: str, login: Login) -> list[dict[str, Any]]:
    import requests
    import urllib3

    if not login.verify:
        # Who asks for --insecure knows; a warning for each controller would say it again.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    base = address if "://" in address else f"https://{_bracketed(address)}"
    with requests.Session() as http:
        http.auth = (login.username, login.password)
        http.verify = login.verify
        http.trust_env = False
        root = _get(http, base, ROOT)
        link = (root.get("Systems") or {}).get("@odata.id", f"{ROOT}Systems")
        members = _get(http, base, link).get("Members") or []
        paths = [str(each["@odata.id"]) for each in members if "@odata.id" in each]
        return [_machine(http, base, address, path, login, len(paths)) for path in paths]


def _machine(
    http: Session, base: str, address: str, path: str, login: Login, of: int
) -> dict[str, Any]:
    system = _get(http, base, path)
    bmc: dict[str, Any] = {
        "protocol": "redfish",
        "address": address,
        "username": login.username,
        "password": login.password,
        "system_id": path if of > 1 else None,
        "verify_ca": None if login.verify is True else login.verify,
    }
    return {
        "name": _name(system, address),
        "type": "baremetal",
        "cpu_arch": _architecture(http, base, system),
        "bmc": bmc,
        "ports": _ports(http, base, system),
    }


def _name(system: dict[str, Any], address: str) -> str:
    host = str(system.get("HostName") or "").partition(".")[0].lower()
    if _LABEL.fullmatch(host) and host not in ("localhost", "localhost-localdomain"):
        return host
    for key in ("SKU", "SerialNumber", "AssetTag"):
        text = re.sub(r"[^a-z0-9]+", "-", str(system.get(key) or "").lower()).strip("-")
        if text and _LABEL.fullmatch(f"node-{text}"):
            return f"node-{text}"
    return "node-" + re.sub(r"[^a-z0-9]+", "-", address.lower().partition("://")[2] or address)


def _architecture(http: Session, base: str, system: dict[str, Any]) -> str | None:
    link = (system.get("Processors") or {}).get("@odata.id")
    if not link:
        return None
    try:
        first = (_get(http, base, link).get("Members") or [{}])[0].get("@odata.id")
        if not first:
            return None
        processor = _get(http, base, first)
    except CcError:
        return None
    for key in ("InstructionSet", "ProcessorArchitecture"):
        found = _ARCHITECTURES.get(str(processor.get(key) or "").lower())
        if found:
            return found if found != "x86_64" else None
    return None


def _ports(http: Session, base: str, system: dict[str, Any]) -> list[dict[str, Any]]:
    link = (system.get("EthernetInterfaces") or {}).get("@odata.id")
    members = _get(http, base, link).get("Members") or [] if link else []
    found = []
    for member in members:
        nic = _get(http, base, str(member["@odata.id"]))
        mac = nic.get("PermanentMACAddress") or nic.get("MACAddress")
        if mac:
            found.append({"name": str(nic.get("Id") or nic.get("Name")), "mac": str(mac).lower()})
    return sorted(found, key=lambda port: port["name"])


def _get(http: Session, base: str, path: str) -> dict[str, Any]:
    import requests

    try:
        answer = http.get(urljoin(base, path), timeout=TIMEOUT, allow_redirects=False)
    except requests.exceptions.SSLError:
        raise CcError("its certificate is not trusted") from None
    except requests.RequestException:
        raise CcError("it does not answer") from None
    if answer.status_code in (401, 403):
        raise CcError("it refuses the user or the password")
    if answer.status_code != 200:
        raise CcError(f"{path} is answered with {answer.status_code}")
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise CcError(f"{path} is not answered as Redfish has it")
    return body


def _bracketed(address: str) -> str:
    return f"[{address}]" if address.count(":") > 1 else address
