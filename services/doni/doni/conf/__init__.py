"""The options of Doni, one module for each group."""

from __future__ import annotations

from collections.abc import Sequence

from oslo_config import cfg
from oslo_log import log

from doni import __version__
from doni.conf import opts

CONF = cfg.CONF
"""The options of the process; also those of the OpenStack libraries it uses."""


def prepare(
    argv: Sequence[str] = (),
    *,
    conf: cfg.ConfigOpts = CONF,
    files: Sequence[str] | None = None,
) -> cfg.ConfigOpts:
    """Register all options, read the files and set up logging.

    Without ``--config-file`` among ``argv``, and without ``files``, it is /etc/doni/doni.conf.
    """
    opts.register(conf)
    log.register_options(conf)
    opts.set_defaults(conf)
    conf(
        list(argv),
        project="doni",
        version=__version__,
        default_config_files=None if files is None else list(files),
    )
    log.setup(conf, "doni", version=__version__)
    return conf
