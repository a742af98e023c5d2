"""The leases that users have on hardware, in a few list calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import CcError
from cc_ansible.hardware.rest import Refused, Service, moment
from cc_ansible.hardware.spans import Span, outer

if TYPE_CHECKING:
    from cc_ansible.hardware.credentials import Cloud

SERVICE = "reservation"
OF_DONI = "availability_window_"
"""What the names of leases begin with that stand for blackouts."""


@dataclass(frozen=True, order=True)
class Lease:
    """A user's lease of one item."""

    span: Span
    id: str
    name: str
    project_id: str
    status: str = ""

    def as_json(self) -> dict[str, str]:
        """Plain data."""
        return {
            "id": self.id,
            "name": self.name,
            "project_id": self.project_id,
            "from": self.span.start.isoformat(),
            "until": self.span.end.isoformat(),
        }


class Blazar:
    """The reservation service of a site, as its admin."""

    def __init__(self, cloud: Cloud) -> None:
        self._service = Service(cloud, SERVICE, "Blazar", "enable_blazar")

    def leases(self) -> dict[str, list[Lease]]:
        """Every lease of a user that is not over, by the uuid or name of the hardware it takes.

        :raises Missing: the site has no Blazar.
        :raises CcError: it cannot be asked.
        """
        listed = self._service.get("/leases", "leases")["leases"]
        found: dict[str, list[Lease]] = defaultdict(list)
        try:
            known = {str(lease["id"]): lease for lease in listed}
            for key, reservation in self._allocations("os-hosts", "hosts", "hypervisor_hostname"):
                _add(found[key], reservation, known)
            for key, reservation in self._allocations("devices", "devices", "name"):
                _add(found[key], reservation, known)
        except (KeyError, TypeError, ValueError) as problem:
            raise CcError("Blazar's answer makes no sense.", detail=repr(problem)) from None
        return {key: sorted(leases) for key, leases in found.items() if leases}

    def delete(self, lease: Lease) -> None:
        """End a lease; nothing happens when it is gone.

        :raises CcError: it cannot be ended.
        """
        try:
            self._service.call("DELETE", f"/leases/{lease.id}")
        except Refused as problem:
            if problem.status != 404:
                raise

    def _allocations(
        self, route: str, noun: str, key: str
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each reservation of a kind of resource, with how Doni calls what it takes."""
        try:
            resources = self._service.get(f"/{route}", noun)[noun]
            allocated = self._service.get(f"/{route}/allocations", "allocations")
        except Refused as problem:
            # Sites without edge devices have no such route.
            if problem.status == 404:
                return
            raise
        names = {str(resource["id"]): str(resource[key]) for resource in resources}
        for allocation in allocated["allocations"]:
            name = names.get(str(allocation["resource_id"]))
            for reservation in allocation["reservations"] if name else ():
                yield str(name), reservation


def _add(
    leases: list[Lease], reservation: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> None:
    lease = known.get(str(reservation["lease_id"]))
    if lease is None or str(lease["name"]).startswith(OF_DONI):
        return
    span = outer(moment(lease["start_date"]), moment(lease["end_date"]))
    if span is not None:
        leases.append(
            Lease(
                span,
                str(lease["id"]),
                str(lease["name"]),
                str(lease.get("project_id", "")),
                str(lease.get("status", "")),
            )
        )
