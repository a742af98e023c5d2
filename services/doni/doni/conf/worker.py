"""``[worker]``: how the worker processes share and repeat their work."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "worker"

OPTS = [
    cfg.FloatOpt(
        "process_pending_task_interval",
        default=2,
        min=0.05,
        help="Seconds between two looks for due tasks while there are none; a look is one query.",
    ),
    cfg.IntOpt(
        "task_pool_size",
        default=1000,
        min=1,
        help="Most tasks that one process claims without having finished them.",
    ),
    cfg.IntOpt(
        "task_concurrency",
        default=10,
        min=1,
        help="Most tasks that one process works on at the same time.",
    ),
    cfg.IntOpt(
        "claim_timeout",
        default=60,
        min=2,
        help="Seconds after which other processes take over the tasks of one that no longer "
        "renews its claims. It does so four times in this period.",
    ),
    cfg.FloatOpt(
        "retry_delay",
        default=10,
        min=0,
        help="Seconds until a task is tried again for the first time. Each further try waits "
        "twice as long, give or take a quarter.",
    ),
    cfg.FloatOpt(
        "defer_delay_max",
        default=300,
        min=0,
        help="Most seconds between two tries of a task that cannot be done yet.",
    ),
    cfg.FloatOpt(
        "error_delay_max",
        default=1800,
        min=0,
        help="Most seconds between two tries of a task that failed.",
    ),
    cfg.FloatOpt(
        "graceful_shutdown_timeout",
        default=30,
        min=0,
        help="Seconds in which a process that shall end may finish what it works on. It then "
        "gives the rest back.",
    ),
    cfg.HostAddressOpt(
        "metrics_host",
        default="127.0.0.1",
        help="Address on which metrics are served.",
    ),
    cfg.PortOpt(
        "metrics_port",
        default=0,
        help="Port on which metrics are served for Prometheus; none if 0.",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """The options by group."""
    return [(GROUP, OPTS)]
