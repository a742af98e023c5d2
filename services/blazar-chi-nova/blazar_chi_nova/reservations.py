"""What Blazar says of nodes and reservations, asked in one request."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keystoneauth1 import adapter, loading
from keystoneauth1 import exceptions as keystone_exceptions
from oslo_config import cfg

GROUP = "blazar_chi"
ROUTE = "/os-hosts/reservable"
# A scheduler that waits schedules nothing: hence the timeout.
DEFAULTS = {"service_type": "reservation", "valid_interfaces": ["internal"], "timeout": 10}

OPTIONS = [
    cfg.ListOpt(
        "hypervisor_types",
        default=[],
        help="The types of hypervisors, as Nova calls them ('ironic', 'QEMU'), that Blazar may "
        "lend; all when empty. Hosts of other types are open to servers without a reservation, "
        "and no request is sent to Blazar for them.",
    ),
]


class Unknown(Exception):
    """Blazar could not be asked, or its answer makes no sense."""


@dataclass(frozen=True)
class Reservation:
    """A reservation of nodes; active from its start until its servers are being deleted."""

    active: bool
    status: str
    project_id: str
    nodes: frozenset[str]


@dataclass(frozen=True)
class Standing:
    """The nodes that Blazar lends, and those of the reservations asked for that there are."""

    nodes: frozenset[str]
    reservations: dict[str, Reservation]


def register(conf: cfg.ConfigOpts) -> None:
    """Add the options of ``[blazar_chi]``: credentials, endpoint, and which hosts are lent."""
    conf.register_opts(OPTIONS, group=GROUP)
    loading.register_auth_conf_options(conf, GROUP)
    opts = loading.register_session_conf_options(conf, GROUP)
    opts += loading.register_adapter_conf_options(conf, GROUP)
    cfg.set_defaults(opts, **DEFAULTS)


def list_opts() -> list[tuple[str, list[Any]]]:
    """The options, for oslo-config-generator."""
    opts = [*loading.get_session_conf_options(), *loading.get_adapter_conf_options()]
    cfg.set_defaults(opts, **DEFAULTS)
    auth = loading.get_auth_common_conf_options() + loading.get_auth_plugin_conf_options("password")
    return [(GROUP, [*OPTIONS, *auth, *opts])]


class Blazar:
    """The reservation service. It is found, and signed in to, when it is first asked."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self._lock = threading.Lock()
        self._adapter: adapter.Adapter | None = None

    def standing(self, reservation_ids: Sequence[str]) -> Standing:
        """All nodes that Blazar lends, and the reservations of these ids, as they are now.

        Raises:
            Unknown: Blazar cannot be asked.
        """
        try:
            answer = self._connected().get(
                ROUTE, params={"reservation_id": ",".join(reservation_ids)}
            )
            return _standing(answer.json()["reservable"])
        except keystone_exceptions.ClientException as problem:
            raise Unknown(str(problem)) from problem
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise Unknown(f"no answer of a Blazar with chi.host.plugin: {problem!r}") from problem

    def _connected(self) -> adapter.Adapter:
        with self._lock:
            if self._adapter is None:
                auth = loading.load_auth_from_conf_options(self._conf, GROUP)
                session = loading.load_session_from_conf_options(self._conf, GROUP, auth=auth)
                self._adapter = loading.load_adapter_from_conf_options(
                    self._conf, GROUP, session=session
                )
            return self._adapter


def _standing(raw: dict[str, Any]) -> Standing:
    reservations = {
        key: Reservation(
            active=reservation["active"] is True,
            status=str(reservation["status"]),
            project_id=str(reservation["project_id"]),
            nodes=frozenset(map(str, reservation["nodes"])),
        )
        for key, reservation in raw["reservations"].items()
    }
    return Standing(frozenset(map(str, raw["nodes"])), reservations)
