"""The workers of a process, by the names under which packages offer them."""

from __future__ import annotations

import logging

from oslo_config import cfg
from stevedore.named import NamedExtensionManager

from doni.exceptions import DoniError
from doni.workers.base import Worker

NAMESPACE = "doni.driver.worker_type"

LOG = logging.getLogger(__name__)


def load(conf: cfg.ConfigOpts) -> dict[str, Worker]:
    """Make each worker of ``enabled_worker_types``.

    Raises:
        DoniError: one is not installed or cannot be loaded.
    """
    names = list(dict.fromkeys(conf.enabled_worker_types))
    failures: list[str] = []

    def failed(manager: object, entry_point: object, error: BaseException) -> None:
        LOG.error("Cannot load worker %s: %s", entry_point, error, exc_info=error)
        failures.append(f"{getattr(entry_point, 'name', entry_point)}: {error}")

    found: NamedExtensionManager[Worker] = NamedExtensionManager(
        NAMESPACE,
        names,
        invoke_on_load=True,
        invoke_args=(conf,),
        on_load_failure_callback=failed,
        on_missing_entrypoints_callback=None,
    )
    if failures:
        raise DoniError("Cannot load workers: " + "; ".join(failures))
    if missing := [name for name in names if name not in found]:
        raise DoniError(f"No such workers are installed: {', '.join(missing)}")
    return {extension.name: extension.obj for extension in found if extension.obj is not None}
