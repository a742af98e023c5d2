"""What the routes share, made once for the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app
from oslo_config import cfg
from oslo_policy import policy

from doni.hardware.types import HardwareType

KEY = "doni"


@dataclass(frozen=True)
class Service:
    """The options, the kinds of hardware that are enabled, and who decides who may do what."""

    conf: cfg.ConfigOpts
    kinds: dict[str, HardwareType]
    enforcer: policy.Enforcer


def current() -> Service:
    """That of the app that handles the request."""
    return cast(Service, current_app.extensions[KEY])
