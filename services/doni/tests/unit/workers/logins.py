"""Option groups that point to doubles."""

from __future__ import annotations

from keystoneauth1 import loading
from oslo_config import cfg


def reach(conf: cfg.ConfigOpts, group: str, url: str) -> None:
    """Have a group point to a service that asks for no login."""
    conf.register_opts(loading.get_auth_plugin_conf_options("none"), group=group)
    conf.set_override("auth_type", "none", group=group)
    conf.set_override("endpoint", url, group=group)
