"""A site as plain data, for other programs."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from cc_ansible.report import attention
from cc_ansible.report.facts import Answer, Facts


def of(facts: Facts) -> dict[str, Any]:
    """Everything that is known; ``unknown`` says of the rest why it is not."""
    answers = {
        field.name: getattr(facts, field.name)
        for field in dataclasses.fields(facts)
        if isinstance(getattr(facts, field.name), Answer)
    }
    hardware = facts.hardware.value
    return {
        "site": plain(facts.about),
        "now": facts.now.isoformat(),
        "needs": [plain(need) for need in attention.of(facts)],
        "deploy": plain(facts.deploy),
        "running": facts.journal.value.now or None if facts.journal.value else None,
        "hosts": _listed(facts.hosts, _host),
        "clusters": [plain(result) for result in facts.clusters],
        "hardware": hardware
        and {
            "lent": hardware.lent,
            "blackout": hardware.blackout,
            "in_trouble": len(hardware.troubled),
            "items": [plain(item) for item in hardware.items],
        },
        "leases": _listed(
            facts.leases, lambda lease: plain(lease) | {"running": lease.holds(facts.now)}
        ),
        "alerts": _listed(facts.alerts, plain),
        "certificates": [plain(one) for one in facts.every_certificate],
        "backup": plain(facts.backup),
        "verification": _verification(facts),
        "unknown": {
            **{name: answer.why for name, answer in answers.items() if answer.why},
            **({"doni": hardware.why} if hardware and hardware.why else {}),
        },
    }


def _host(host: Any) -> dict[str, Any]:
    return {
        "name": host.name,
        "reachable": not host.why,
        "running": host.running,
        "troubles": host.troubles,
        "containers": [plain(each) for each in host.containers],
        "disks": [plain(disk) for disk in host.disks],
        "backup": plain(host.backup),
    }


def _verification(facts: Facts) -> dict[str, Any] | None:
    last = facts.verification.value
    if last is None:
        return None
    return {
        "when": plain(last.when),
        "level": last.level,
        "passed": last.passed,
        "skipped": last.skipped,
        "failed": [plain(result) for result in last.failed],
        "checks": len(last.results),
    }


def _listed(answer: Answer[Any], one: Any) -> list[Any] | None:
    return None if answer.value is None else [one(each) for each in answer.value]


def plain(value: Any) -> Any:
    """Dataclasses as maps and times as ISO 8601; anything else that JSON has stays."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value
