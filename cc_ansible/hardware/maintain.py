"""Taking an item out of service for a while."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from cc_ansible.errors import UsageError
from cc_ansible.hardware import maintenance, plan, sight, view, windows, work
from cc_ansible.hardware.maintenance import Maintenance
from cc_ansible.hardware.plan import MAINTENANCE, ItemPlan, Known, Plan
from cc_ansible.hardware.sight import Sight
from cc_ansible.hardware.work import Result

if TYPE_CHECKING:
    import datetime

    from cc_ansible.site.load import Site


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A maintenance that may begin, or None for one that ends; and what is to be written."""

    sight: Sight
    wanted: Maintenance | None
    plan: Plan
    now: datetime.datetime

    @property
    def item(self) -> ItemPlan:
        """The one item it is about."""
        return self.plan.items[0]

    def lines(self) -> list[str]:
        """What is to be done, for people."""
        name, wanted = self.item.name, self.wanted
        if wanted:
            text = f"{name} is out of service until {view.time(wanted.until)}: {wanted.reason}"
        else:
            text = f"{name}: " + ("its maintenance ends." if self.plan.work else "nothing to do.")
        return [text, *view.hit_lines(self.item)]


def begin(site: Site, name: str, length: str, reason: str) -> Prepared:
    """Prepare a maintenance from now on.

    :raises UsageError: the length or reason cannot be used, or there is no such item.
    :raises CcError: the site cannot be asked.
    """
    now = windows.this_minute()
    return _prepared(site, name, maintenance.begin(reason, maintenance.duration(length), now), now)


def end(site: Site, name: str) -> Prepared:
    """Prepare the end of a maintenance, whatever is left of it.

    :raises UsageError: there is no such item.
    :raises CcError: the site cannot be asked.
    """
    return _prepared(site, name, None, windows.this_minute())


def carry_out(prepared: Prepared, output: str, wait: float) -> Result:
    """Write it.

    :raises Locked: another run works on the site.
    :raises CcError: the site cannot be asked.
    """
    seen, wanted = prepared.sight, prepared.wanted
    about = ["--reason", wanted.reason] if wanted else ["--end"]
    words = ["maintain", prepared.item.name, *about]
    if not prepared.plan.work:
        return Result(prepared.plan)
    return work.write(seen, prepared.plan, words, output=output, wait=wait)


def _prepared(
    site: Site, name: str, wanted: Maintenance | None, now: datetime.datetime
) -> Prepared:
    seen = sight.of(site, [name])
    known = seen.known()
    found = next((item for item in known.enrolled if item.name == name), None)
    if found is None:
        raise UsageError(f"{name} is not enrolled yet.", fix=f"cc-ansible hardware apply {name}")
    declared = seen.declared[0].properties.get(MAINTENANCE)
    text = str(wanted) if wanted else declared
    return Prepared(seen, wanted, Plan([_item(seen, known, name, text, now)]), now)


def _item(seen: Sight, known: Known, name: str, text: object, now: datetime.datetime) -> ItemPlan:
    """Only what comes with the maintenance, as if Doni had it already."""

    def with_text(properties: dict[str, object]) -> dict[str, object]:
        rest = {key: value for key, value in properties.items() if key != MAINTENANCE}
        return {**rest, MAINTENANCE: text} if text else rest

    as_if = [
        dataclasses.replace(item, properties=with_text(dict(item.properties)))
        if item.name == name
        else item
        for item in known.enrolled
    ]
    pretended = dataclasses.replace(known, enrolled=as_if)
    found = plan.compute(seen.declared, pretended, now, seen.days, whole=False, only_windows=True)
    item = found.items[0]
    enrolled = next(each for each in known.enrolled if each.name == name)
    keys = [MAINTENANCE] if enrolled.properties.get(MAINTENANCE) != (text or None) else []
    properties = with_text(dict(item.properties))
    return dataclasses.replace(item, enrolled=enrolled, keys=keys, properties=properties)
