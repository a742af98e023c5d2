"""Everything about one item, as lines for people."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cc_ansible.hardware import diagnosis
from cc_ansible.hardware.blazar import Lease
from cc_ansible.hardware.listing import Row
from cc_ansible.hardware.nodes import Mishap, Node

SHOWN_WINDOWS = 5


@dataclass(frozen=True)
class Detail:
    """One item, the leases of users on it, and what failed last on its node."""

    row: Row
    leases: Sequence[Lease]
    mishap: Mishap | None = None

    def as_json(self, now: datetime.datetime) -> dict[str, Any]:
        """Plain data."""
        leases = [lease.as_json() for lease in self.leases]
        failed = self.mishap.as_json() if self.mishap else None
        return {**self.row.as_json(now), "leases": leases, "last_failure": failed}

    def lines(self, now: datetime.datetime) -> Iterator[str]:
        """Lines for people: what it is, how it is, when it is lent, who has it."""
        row = self.row
        yield f"{row.name}  {row.kind}  {row.state}  {row.when(now)}"
        yield f"  declared    {row.declared_at or 'not in this site config'}"
        if row.enrolled:
            yield f"  uuid        {row.enrolled.uuid}"
            yield f"  project     {row.enrolled.project_id}"
        if row.maintenance:
            yield f"  maintenance {row.maintenance}"
        if row.node:
            yield from _node(row.node)
        if self.mishap:
            yield from _mishap(self.mishap)
        for task in row.enrolled.tasks if row.enrolled else ():
            yield f"  {task.worker}: {task.state}"
        for trouble in row.troubles:
            yield f"  ! {trouble.worker} {trouble.kind}: {trouble.reason}"
            yield f"    {trouble.fix}"
        yield from self._windows()
        for lease in self.leases:
            span = f"{row.clock(lease.span.start)} to {row.clock(lease.span.end)}"
            yield f"  lease       {lease.name} ({lease.id}) of {lease.project_id}: {span}"
        if row.enrolled:
            yield from _properties(row.enrolled.properties)

    def _windows(self) -> Iterator[str]:
        lent = self.row.lent
        if not lent:
            return
        for span in lent[:SHOWN_WINDOWS]:
            yield f"  lent        {self.row.clock(span.start)} to {self.row.clock(span.end)}"
        if len(lent) > SHOWN_WINDOWS:
            rest = f"{len(lent) - SHOWN_WINDOWS} more"
            yield f"  {rest:<11} cc-ansible hardware calendar {self.row.name}"


def _node(node: Node) -> Iterator[str]:
    yield f"  node        {node.shown}, {node.power}"
    if node.trouble:
        found = diagnosis.of(f"{node.trouble} {node.reason}")
        yield f"  ! {node.trouble}: {found.cause or node.reason}"
        yield f"    {found.fix}"
    if node.reason:
        yield f"    Ironic: {node.reason}"


def _mishap(mishap: Mishap) -> Iterator[str]:
    yield f"  last failed {mishap.at:%Y-%m-%d %H:%M} UTC, {mishap.during}"
    yield f"    Ironic: {mishap.text}"
    if cause := diagnosis.of(mishap.text).cause:
        yield f"    {cause}"


def _properties(properties: Mapping[str, Any]) -> Iterator[str]:
    yield "  properties"
    for key, value in sorted(properties.items()):
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            for number, entry in enumerate(value):
                inner = ", ".join(f"{name} {each}" for name, each in entry.items())
                yield f"    {key}[{number}]: {inner}"
        elif isinstance(value, Mapping):
            yield f"    {key}: {', '.join(f'{name} {each}' for name, each in value.items())}"
        else:
            yield f"    {key}: {value}"
