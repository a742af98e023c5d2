"""How hosts are: what one look at each of them tells.

:func:`from_health` is the only place that knows the form in which hosts answer.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cc_ansible.report.moments import moment
from cc_ansible.report.ran import RunFact


@dataclass(frozen=True)
class Container:
    """A container of the site. ``health`` is ``healthy``, ``unhealthy``, ``starting`` or empty.

    ``trouble`` is what is wrong with it as ``verify`` judges, such as ``is stopped``; empty when
    it is well or nobody expects it.
    """

    name: str
    state: str
    health: str = ""
    restarts: int = 0
    trouble: str = ""


@dataclass(frozen=True)
class Disk:
    """A file system and how full it is, in percent."""

    path: str
    percent: int


@dataclass(frozen=True)
class Certificate:
    """A certificate: ``where`` it is, and when it ends."""

    where: str
    end: datetime.datetime


@dataclass(frozen=True)
class HostHealth:
    """One host. ``why`` says why it could not be looked at; nothing else is known then.

    ``others`` are troubles that are none of a single container, as ``verify`` judges.
    ``backup`` is when the newest backup of the database on it was made, None where it has none
    or does not tell.
    """

    name: str
    why: str = ""
    containers: Sequence[Container] = ()
    disks: Sequence[Disk] = ()
    certificates: Sequence[Certificate] = ()
    backup: datetime.datetime | None = None
    record: RunFact | None = None
    others: Sequence[str] = ()

    @property
    def running(self) -> int:
        """How many containers run."""
        return sum(each.state == "running" for each in self.containers)

    @property
    def troubles(self) -> list[str]:
        """What is wrong, in a few words each."""
        if self.why:
            return [self.why]
        found = [f"{each.name} {each.trouble}" for each in self.containers if each.trouble]
        return [*found, *self.others]


def from_health(name: str, said: Mapping[str, Any]) -> HostHealth:
    """One host out of what the look at it said; what it does not say is not known.

    :param said: the answer of module ``cc_service_health``; it may also have ``backup``, the time
        of the newest backup of the database.
    """
    engine = _map(said.get("engine"))
    return HostHealth(
        name,
        containers=[
            _container(each) for each in _maps(engine.get("containers")) if each.get("kolla", True)
        ],
        disks=_disks(_map(said.get("disks"))),
        certificates=_certificates(name, _map(said.get("certificates"))),
        backup=moment(said.get("backup")),
        record=_record(_map(said.get("record"))),
    )


def _container(said: Mapping[str, Any]) -> Container:
    counts = (said.get("restarts"), _map(said.get("unit")).get("NRestarts"))
    restarts = sum(int(str(count)) for count in counts if str(count).isdecimal())
    return Container(
        str(said.get("name", "")),
        str(said.get("state", "")),
        str(said.get("health") or ""),
        restarts,
    )


def _disks(said: Mapping[str, Any]) -> list[Disk]:
    """File systems by their mount point; those that do not tell their size are left out."""
    found = []
    for mount, disk in said.items():
        total, free = (_map(disk).get(key) for key in ("total", "free"))
        if isinstance(total, int) and isinstance(free, int) and total > 0:
            found.append(Disk(mount, round(100 * (total - free) / total)))
    return found


def _certificates(host: str, said: Mapping[str, Any]) -> list[Certificate]:
    """Certificates by the files that have them, in PEM form; what cannot be read is left out."""
    from cryptography import x509

    found = []
    for path, text in said.items():
        with contextlib.suppress(ValueError):
            end = x509.load_pem_x509_certificate(str(text).encode()).not_valid_after_utc
            found.append(Certificate(f"{host}:{path}", end))
    return found


def _record(said: Mapping[str, Any]) -> RunFact | None:
    """The run that a host remembers: it succeeded there, or it would not have been noted."""
    if (started := moment(said.get("started"))) is None:
        return None
    return RunFact(
        str(said.get("id", "")),
        str(said.get("action", "")),
        (),
        "ok",
        str(said.get("user") or "unknown"),
        started,
        commit=str(said["commit"]) if said.get("commit") else None,
    )


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _maps(value: Any) -> list[Mapping[str, Any]]:
    """The maps in what should be a list of them."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
