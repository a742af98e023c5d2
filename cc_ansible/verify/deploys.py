"""Runs of this machine that brought services to what the site config says."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cc_ansible.runs.journal import Record

ACTIONS = frozenset({"deploy", "deploy-containers", "reconfigure", "upgrade"})
"""Role site_record notes the same."""
DRY = re.compile(r"--check|--list-tasks|-D*C[CD]*")
"""Options of Kolla-Ansible with which it changes nothing; ``-D`` shows differences."""


def is_one(record: Record) -> bool:
    """Whether a run is a deploy that was meant to change something."""
    return record.action in ACTIONS and not any(map(DRY.fullmatch, record.arguments))


def last(state_dir: Path) -> float:
    """When the last one that succeeded ended, in seconds since 1970; 0 when there was none."""
    from cc_ansible.runs import journal

    for record in journal.list_runs(state_dir):
        if record.outcome == "ok" and is_one(record):
            begun = datetime.datetime.fromisoformat(record.started)
            return begun.timestamp() + (record.duration or 0.0)
    return 0.0
