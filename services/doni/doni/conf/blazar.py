"""``[blazar]``: where hardware is reserved. Projects are looked up with the same login."""

from __future__ import annotations

from oslo_config import cfg

from doni.conf import services

GROUP = "blazar"

OPTS = services.options(
    "reservation",
    [
        cfg.FloatOpt(
            "lease_list_age",
            default=10,
            min=0,
            help="Seconds for which tasks share one list of all leases.",
        ),
        cfg.FloatOpt(
            "project_age",
            default=300,
            min=0,
            help="Seconds for which the id of a project is remembered by its name.",
        ),
    ],
    # Its API answers nobody while all its few processes wait for the one manager.
    concurrency=2,
)


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """The options by group."""
    return [(GROUP, services.sample(OPTS))]
