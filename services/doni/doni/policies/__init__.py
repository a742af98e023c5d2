"""Who may do what: the rules in code, which a site's policy file can change."""

from __future__ import annotations

import itertools

from oslo_config import cfg
from oslo_policy import opts, policy

from doni.policies import base, hardware


def list_rules() -> list[policy.RuleDefault]:
    """All rules, for the enforcer and for oslopolicy-sample-generator."""
    return list(itertools.chain(base.RULES, hardware.RULES))


def enforcer(conf: cfg.ConfigOpts) -> policy.Enforcer:
    """What decides by the rules, and by the policy file that ``[oslo_policy]`` names."""
    opts.set_defaults(conf)
    found = policy.Enforcer(conf)
    found.register_defaults(list_rules())
    return found


def get_enforcer() -> policy.Enforcer:
    """The enforcer that the tools of oslo.policy ask about."""
    cfg.CONF([], project="doni", default_config_files=[])
    return enforcer(cfg.CONF)
