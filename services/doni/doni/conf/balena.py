"""``[balena]``: the service through which devices are managed."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "balena"

OPTS = [
    cfg.URIOpt("api_endpoint", help="URL of the API; that of balena's cloud when not given."),
    cfg.StrOpt("api_token", secret=True, help="Token for the API."),
    cfg.DictOpt("device_fleet_mapping", default={}, help="Fleets by machine name."),
    cfg.StrOpt(
        "credential_service_name",
        default="coordinator",
        help="Service on the device that is given the application credential.",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """The options by group."""
    return [(GROUP, OPTS)]
