"""doni-worker: makes other services agree with what is enrolled."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence

import prometheus_client
from oslo_config import cfg

from doni import conf as options
from doni import metrics
from doni.db import session
from doni.engine import loading, masking
from doni.engine.service import Service
from doni.exceptions import DoniError

LOG = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code of the process."""
    conf = options.prepare(sys.argv[1:] if argv is None else argv)
    masking.install()
    session.configure(conf)
    try:
        service = Service(conf, loading.load(conf))
    except DoniError as error:
        print(error, file=sys.stderr)
        return 1
    _listen(conf, service)
    if conf.worker.metrics_port:
        prometheus_client.start_http_server(
            conf.worker.metrics_port, conf.worker.metrics_host, metrics.REGISTRY
        )
    if not service.run():
        # A thread that does not end must not keep the process.
        logging.shutdown()
        os._exit(0)
    return 0


def _listen(conf: cfg.ConfigOpts, service: Service) -> None:
    """Signals: the first to end is patient, the second is not; SIGHUP reads options of logging."""

    def end(number: int, frame: object) -> None:
        for again in (signal.SIGTERM, signal.SIGINT):
            signal.signal(again, signal.SIG_DFL)
        service.stop()

    def reload(number: int, frame: object) -> None:
        try:
            conf.mutate_config_files()
        except Exception as error:
            LOG.error("Cannot read the configuration again: %s", error)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, reload)
