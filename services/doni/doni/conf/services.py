"""Option groups for the services that workers talk to."""

from __future__ import annotations

from collections.abc import Sequence

from keystoneauth1 import loading
from oslo_config import cfg

TIMEOUT = 90
"""Seconds; a little more than services wait for each other."""


def options(
    service_type: str, more: Sequence[cfg.Opt] = (), concurrency: int = 10
) -> list[cfg.Opt]:
    """How to log in, where a service is, how much to ask of it, and ``more``."""
    adapter = loading.get_adapter_conf_options(include_deprecated=False)
    cfg.set_defaults(adapter, service_type=service_type, valid_interfaces=["internal", "public"])
    session = loading.get_session_conf_options()
    cfg.set_defaults(session, timeout=TIMEOUT)
    most = cfg.IntOpt(
        "concurrency",
        default=concurrency,
        min=1,
        help="Most requests that one process has underway there at the same time.",
    )
    return [*loading.get_auth_common_conf_options(), *adapter, *session, most, *more]


def sample(options: Sequence[cfg.Opt]) -> list[cfg.Opt]:
    """``options`` with those for a password, which are known only once ``auth_type`` is."""
    known = {option.dest for option in options}
    login = loading.get_auth_plugin_conf_options("password")
    return [*options, *(option for option in login if option.dest not in known)]
