"""``[tunelo]``: where channels to devices are made."""

from __future__ import annotations

from oslo_config import cfg

from doni.conf import services

GROUP = "tunelo"

OPTS = services.options("channel")


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """The options by group."""
    return [(GROUP, services.sample(OPTS))]
