"""Taking an item out: nobody can reserve it any more, and when its leases are over it goes."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import UsageError
from cc_ansible.hardware import declared, doni, sight, view, windows, work
from cc_ansible.hardware.blazar import Blazar, Lease
from cc_ansible.hardware.doni import Doni, Enrolled
from cc_ansible.hardware.spans import Span, complement, intersect, merge
from cc_ansible.hardware.windows import FOREVER, Change

if TYPE_CHECKING:
    from cc_ansible.hardware.sight import Sight
    from cc_ansible.site.load import Site


@dataclass(frozen=True)
class Retirement:
    """What is to be done about one item; ``enrolled`` is None when it is gone already.

    ``others`` are further items that a lease takes, by the id of the lease.
    """

    name: str
    enrolled: Enrolled | None
    leases: Sequence[Lease] = ()
    others: dict[str, list[str]] = field(default_factory=dict)
    declared: bool = False

    @property
    def until(self) -> datetime.datetime | None:
        """When the last lease is over."""
        return max((lease.span.end for lease in self.leases), default=None)

    def lines(self) -> list[str]:
        """The leases, for people."""
        found = []
        for lease in self.leases:
            span = f"{view.time(lease.span.start)} to {view.time(lease.span.end)}"
            more = self.others.get(lease.id)
            also = f"; it takes {', '.join(more)} too" if more else ""
            found.append(f"lease {lease.name} ({lease.id}) of {lease.project_id}: {span}{also}")
        return found

    def as_json(self, *, removed: bool) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "uuid": self.enrolled.uuid if self.enrolled else None,
            "removed": removed,
            "leases": [lease.as_json() for lease in self.leases],
        }


def look(site: Site, name: str) -> tuple[Sight, Retirement]:
    """An item by its name, and who reserved it.

    :raises UsageError: another project owns it; or it is declared while it has leases.
    :raises CcError: the site cannot be asked.
    """
    seen = sight.of(site)
    items = seen.doni.hardware()
    found = next((item for item in items if item.name == name), None)
    known = declared.names(seen.subject)
    if found is None:
        declared.require_known([name], [*known, name] if name in known else known, "anywhere")
        return seen, Retirement(name, None, declared=name in known)
    _require_ours(seen, found)
    by_item = seen.leases()
    leases = sorted({*by_item.get(found.uuid, ()), *by_item.get(name, ())})
    others = _others(by_item, items, found)
    return seen, Retirement(name, found, leases, others, name in known)


def _require_ours(seen: Sight, found: Enrolled) -> None:
    """Only what the site itself enrolled is retired by it, never a device of a user."""
    if found.uuid in seen.memory.items or found.project_id == seen.cloud.project_id:
        return
    raise UsageError(
        f"{found.name} was not enrolled from this site config.",
        detail=f"Its owner is project {found.project_id}.",
        fix=f"Its owner removes it: openstack hardware delete {found.uuid}",
    )


def _others(
    by_item: Mapping[str, Sequence[Lease]], items: Collection[Enrolled], found: Enrolled
) -> dict[str, list[str]]:
    names = {item.uuid: item.name for item in items}
    result: dict[str, list[str]] = {}
    for key, leases in by_item.items():
        if key not in (found.uuid, found.name):
            for lease in leases:
                result.setdefault(lease.id, []).append(names.get(key, key))
    return result


def drain(have: Sequence[windows.Window], leases: Sequence[Lease], now: datetime.datetime) -> list[
    Change
]:  # fmt: skip
    """The changes after which nobody can reserve an item, and nobody who has loses it."""
    taken = merge(lease.span for lease in leases)
    whole = Span(now, FOREVER)
    return windows.changes(have, complement(intersect(taken, [whole]), whole), now)


def carry_out(seen: Sight, wanted: Retirement, *, force: bool, reason: str, output: str) -> bool:
    """Drain an item, and remove it when it has no leases; with ``force`` end these first.

    :returns: whether it is removed.
    :raises Locked: another run works on the site.
    :raises CcError: the site cannot be asked.
    """
    enrolled = wanted.enrolled
    if enrolled is None:
        return True
    words = ["retire", wanted.name, *(["--force", "--reason", reason] if force else [])]
    with work.run(seen.site, words, seen.hidden, output=output) as (opened, steps):
        if wanted.leases and force:
            with steps.step(f"End {_count(wanted)}"):
                for lease in wanted.leases:
                    opened.journal.text("hardware", f"end lease {lease.id}: {reason}")
                    Blazar(seen.cloud).delete(lease)
        elif wanted.leases:
            with steps.step("Keep others from reserving it"):
                _drain(seen.doni, enrolled, wanted.leases)
            return False
        with steps.step(f"Remove {wanted.name}"):
            seen.doni.retire(enrolled.uuid)
            seen.memory.forget([enrolled.uuid])
            seen.memory.save()
    return True


def _drain(service: Doni, enrolled: Enrolled, leases: Sequence[Lease]) -> None:
    have = service.windows([enrolled.uuid])[enrolled.uuid]
    changes = drain(have, leases, windows.this_minute())
    if changes:
        service.change(enrolled.uuid, doni.window_patch(changes))


def check(wanted: Retirement, *, force: bool, reason: str) -> None:
    """Refuse what would not last, or what nobody gave a reason for.

    :raises UsageError: see its text.
    """
    if force and not reason.strip():
        raise UsageError(
            "--force ends leases of users; that needs a reason.", fix="Add --reason TEXT."
        )
    if wanted.leases and wanted.declared and not force:
        raise UsageError(
            f"{wanted.name} is still declared in hardware/, and {_held(wanted)} it.",
            detail="\n".join(
                [*wanted.lines(), "Until they are over, windows that roll on would lend it again."]
            ),
            fix="Remove it from hardware/, then run the command again.",
        )


def before(wanted: Retirement, *, force: bool) -> list[str]:
    """What the reader should know before saying yes."""
    found = wanted.lines()
    if wanted.enrolled and wanted.declared and (force or not wanted.leases):
        found.append("It is still declared in hardware/: `apply` would enrol it again.")
    return found


def question(wanted: Retirement, *, force: bool) -> str:
    """What is asked."""
    if wanted.leases and force:
        return f"End {_count(wanted)} of users, and remove {wanted.name}?"
    if wanted.leases:
        return f"Keep others from reserving {wanted.name}, until its leases are over?"
    return f"Remove {wanted.name}?"


def after(wanted: Retirement, *, removed: bool) -> str:
    """What came of it."""
    if wanted.enrolled is None:
        return f"{wanted.name} is not enrolled; there is nothing to do."
    if removed:
        return f"{wanted.name} is retired; Doni removes it from the other services."
    until = view.time(wanted.until) if wanted.until else ""
    return (
        f"Nobody can reserve {wanted.name} any more. {_held(wanted)} it until {until}; then run "
        "the command again."
    )


def _count(wanted: Retirement) -> str:
    number = len(wanted.leases)
    return f"{number} lease{'' if number == 1 else 's'}"


def _held(wanted: Retirement) -> str:
    return f"{_count(wanted)} {'holds' if len(wanted.leases) == 1 else 'hold'}"
