"""A cloud on this machine: what an experiment asks of each service, over HTTP.

Things take a few looks: what was asked for is seen when it has been looked at often enough.
"""

from .cloud import IDLE, SmallCloud, running
from .identity import ADMIN_PROJECT
from .service import refusal

__all__ = ["ADMIN_PROJECT", "IDLE", "SmallCloud", "refusal", "running"]
