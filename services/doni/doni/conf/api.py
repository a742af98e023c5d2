"""``[api]``: the REST API."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "api"

OPTS = [
    cfg.HostAddressOpt("host_ip", default="0.0.0.0", help="Address that doni-api listens on."),  # noqa: S104
    cfg.PortOpt("port", default=8001, help="Port that doni-api listens on."),
    cfg.URIOpt(
        "public_endpoint",
        schemes=["http", "https"],
        help="URL of the API as clients see it, for links in replies; that of the request where "
        "not given.",
    ),
    cfg.IntOpt(
        "max_limit",
        default=1000,
        min=1,
        help="Most items in one page of a list. Lists that are asked for without a limit are "
        "whole.",
    ),
    cfg.IntOpt(
        "max_request_body_size",
        default=2 * 1024 * 1024,
        min=1024,
        help="Bytes of a request's body; larger ones are refused.",
    ),
    cfg.BoolOpt(
        "metrics",
        default=False,
        help="Serve metrics for Prometheus at /metrics, to everybody who can reach the API.",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """The options by group."""
    return [(GROUP, OPTS)]
