"""``[database]``: the options of oslo.db."""

from __future__ import annotations

from oslo_config import cfg
from oslo_db import options

SQLITE = "sqlite:////var/lib/doni/doni.sqlite"


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    options.set_defaults(conf, connection=SQLITE)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """None: oslo.db lists them itself."""
    return []
