"""``[k8s]``: the cluster that devices join."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "k8s"

OPTS = [
    cfg.StrOpt("kubeconfig_file", help="File that tells where the cluster is and how to log in."),
    cfg.StrOpt(
        "expected_labels_index_property",
        default="machine_name",
        help="Property of a device by which its labels are looked up.",
    ),
    cfg.DictOpt(
        "expected_labels",
        default={},
        help="Labels by the value of that property: machine:label=value|label=value.",
    ),
    cfg.BoolOpt("enable_worker_taint", default=False, help="Whether nodes are tainted."),
    cfg.StrOpt("worker_taint_key", help="Its key."),
    cfg.StrOpt("worker_taint_value", help="Its value."),
    cfg.StrOpt(
        "worker_taint_effect",
        default="NoSchedule",
        choices=["NoSchedule", "PreferNoSchedule", "NoExecute"],
        help="Its effect.",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to ``conf``."""
    conf.register_opts(OPTS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """The options by group."""
    return [(GROUP, OPTS)]
