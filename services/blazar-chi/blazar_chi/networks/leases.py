"""Where Blazar's own code must know of networks, and has no hook for it.

All of it is done in memory, in the process that loads the plugin, and each is the least that works:

- ``Reservation.to_dict`` is what ``lease show`` and ``lease list`` print; it has the fields of
  Blazar's own kinds, and gets those of networks.
- ``Lease.to_dict`` also gives the order in which reservations start and end. Networks come last,
  because the servers on them go with the reserved nodes, and a network with a server on it stays.
- ``RESOURCE_PROPERTY_MODELS`` says in which table a kind of resource has its capabilities.
- ``blazar.manager.exceptions`` is where the API looks up the code of an error by its class's name.

What else Blazar asks about kinds of resources goes through the plugin, or concerns hosts only
(``get_plugin_reservation`` is called for reservations of one host, ``get_free_periods`` by the
plugins of hosts and floating addresses).
"""

from __future__ import annotations

from typing import Any

from blazar.db.sqlalchemy import api as db
from blazar.db.sqlalchemy import models as blazar_models
from blazar.manager import exceptions as manager_ex

from blazar_chi.networks import RESOURCE_TYPE, errors, models

_lease_to_dict = blazar_models.Lease.to_dict
_reservation_to_dict = blazar_models.Reservation.to_dict


def _reservation(self: Any) -> dict[str, Any]:
    shown: dict[str, Any] = _reservation_to_dict(self)
    if self.chi_network_reservation:
        shown.update(self.chi_network_reservation.to_dict(include=models.SHOWN))
    return shown


def _lease(self: Any) -> dict[str, Any]:
    shown: dict[str, Any] = _lease_to_dict(self)
    shown["reservations"].sort(key=lambda each: each["resource_type"] == RESOURCE_TYPE)
    return shown


def register_in_manager() -> None:
    """Have leases show and order their networks, and find properties of networks."""
    blazar_models.Reservation.to_dict = _reservation
    blazar_models.Lease.to_dict = _lease
    db.RESOURCE_PROPERTY_MODELS[RESOURCE_TYPE] = models.SegmentCapability


def register_in_api() -> None:
    """Have the API know the errors of networks."""
    for error in errors.ALL:
        setattr(manager_ex, error.__name__, error)
