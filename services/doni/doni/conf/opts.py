"""All options, for registration and for oslo-config-generator."""

from __future__ import annotations

from types import ModuleType

from oslo_config import cfg
from oslo_log import log

from doni.conf import api, balena, blazar, database, default, ironic, k8s, tunelo, worker

MODULES: tuple[ModuleType, ...] = (
    api,
    balena,
    blazar,
    database,
    default,
    ironic,
    k8s,
    tunelo,
    worker,
)
"""Each has ``register(conf)`` and ``list_opts()``, a list of pairs of a group and its options."""

LOG_LEVELS = ("amqp=WARN", "keystonemiddleware=INFO", "oslo=INFO", "stevedore=INFO", "urllib3=INFO")


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options of all modules known to ``conf``."""
    for module in MODULES:
        module.register(conf)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """What the generated sample of the configuration holds, but for options of libraries."""
    return [entry for module in MODULES for entry in module.list_opts()]


def set_defaults(conf: cfg.ConfigOpts = cfg.CONF) -> None:
    """Change defaults of options that belong to libraries."""
    log.set_defaults(default_log_levels=[*log.get_default_log_levels(), *LOG_LEVELS])
