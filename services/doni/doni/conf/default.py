"""``[DEFAULT]``: what is enabled in this deployment."""

from __future__ import annotations

import socket

from oslo_config import cfg

OPTS = [
    cfg.ListOpt(
        "enabled_hardware_types",
        default=["baremetal"],
        help="Kinds of hardware that can be enrolled: baremetal, device, device.balena, "
        "fake-hardware.",
    ),
    cfg.ListOpt(
        "enabled_worker_types",
        default=["ironic"],
        help="Workers that run in this deployment: ironic, blazar.physical_host, fake-worker and "
        "others that are installed. The same for all processes.",
    ),
    cfg.StrOpt(
        "host",
        default=socket.gethostname(),
        sample_default="localhost",
        help="Name of this host; claims of its worker processes bear it.",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    conf.register_opts(OPTS)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """The options by group."""
    return [("DEFAULT", OPTS)]
