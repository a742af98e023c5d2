"""``[ironic]``: where bare-metal nodes are enrolled."""

from __future__ import annotations

from oslo_config import cfg

from doni.conf import services

GROUP = "ironic"

OPTS = services.options(
    "baremetal",
    [
        cfg.FloatOpt(
            "provision_state_timeout",
            default=90,
            min=0,
            help="Seconds in which a node must reach a state. One that is being cleaned then is "
            "looked at again later. Ironic itself tries for 60 to reach a controller.",
        ),
        cfg.FloatOpt(
            "provision_state_interval",
            default=0.5,
            min=0.01,
            help="Seconds until a node is first looked at again; each time half as many more.",
        ),
        cfg.FloatOpt(
            "provision_state_interval_max",
            default=15,
            min=0.01,
            help="Most seconds between two looks at a node.",
        ),
        cfg.StrOpt(
            "fingerprint_key",
            default="",
            secret=True,
            help="Key for the fingerprints by which changed passwords of controllers are noticed. "
            "With it, nobody who sees fingerprints can try passwords against them.",
        ),
    ],
)


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """The options by group."""
    return [(GROUP, services.sample(OPTS))]
