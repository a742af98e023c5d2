"""What there is: definitions beside what was built of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cc_ansible.appliances import definition, plan
from cc_ansible.errors import CcError

if TYPE_CHECKING:
    from cc_ansible.appliances.catalogue import Catalogue
    from cc_ansible.appliances.definition import Definition
    from cc_ansible.appliances.plan import Plan
    from cc_ansible.appliances.store import Built, Store

UP_TO_DATE = "up to date"


@dataclass(frozen=True)
class Row:
    """One image: its definition, the newest that was built of it, and how the two compare.

    ``problem`` says why it cannot be built.
    """

    wanted: Definition
    latest: Built | None
    plan: Plan | None
    problem: str

    @property
    def state(self) -> str:
        """In a few words."""
        if self.plan is None:
            return self.problem
        return "; ".join(self.plan.reasons) or UP_TO_DATE

    def cells(self) -> tuple[str, ...]:
        """For a table."""
        wanted = self.wanted
        below = wanted.layers[-2].appliance if len(wanted.layers) > 1 else ""
        return (
            wanted.name,
            wanted.arch,
            below or f"{wanted.distro} {wanted.release}",
            moment(self.latest.made) if self.latest else "-",
            self.latest.tested if self.latest else "-",
            self.state,
        )

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        wanted, latest = self.wanted, self.latest
        return {
            "name": wanted.name,
            "arch": wanted.arch,
            "kind": wanted.kind,
            "distro": wanted.distro,
            "release": wanted.release,
            "variant": wanted.variant,
            "description": wanted.description,
            "extends": [layer.appliance for layer in wanted.layers[:-1]],
            "elements": list(wanted.elements),
            "packages": sorted({name for layer in wanted.layers for name in layer.packages}),
            "properties": dict(wanted.properties),
            "visibility": wanted.visibility,
            "sites": None if wanted.sites is None else list(wanted.sites),
            "up_to_date": bool(self.plan and not self.plan.reasons),
            "reasons": list(self.plan.reasons) if self.plan else [],
            "problem": self.problem,
            "built": latest.as_json() if latest else None,
        }

    def lines(self) -> Iterator[str]:
        """For people who want to know it all."""
        wanted = self.wanted
        yield f"{wanted.name} ({wanted.arch})  {wanted.description}".rstrip()
        chain = " > ".join(layer.appliance for layer in wanted.layers)
        yield f"  made of     {wanted.distro} {wanted.release} > {chain}"
        yield f"  elements    {', '.join(wanted.elements) or '-'}"
        names = sorted({name for layer in wanted.layers for name in layer.packages})
        yield f"  packages    {', '.join(names) or '-'}"
        yield f"  defined in  {wanted.origin}"
        sites = "every site" if wanted.sites is None else ", ".join(wanted.sites)
        yield f"  published   {wanted.visibility}, by {sites}"
        yield f"  state       {self.state}"
        if self.latest:
            yield from self.latest.lines()


def rows(catalogue: Catalogue, store: Store) -> list[Row]:
    """Every image of a catalogue."""
    return [_row(each, catalogue, store) for each in catalogue.definitions]


def details(catalogue: Catalogue, store: Store, name: str) -> list[Row]:
    """One appliance, for each of its architectures.

    :raises UsageError: there is none of that name.
    """
    chosen = definition.choose(catalogue.definitions, [name], [])
    return [_row(each, catalogue, store) for each in chosen]


def moment(seconds: float) -> str:
    """A time in this machine's zone, to the minute."""
    return f"{datetime.datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"


def _row(wanted: Definition, catalogue: Catalogue, store: Store) -> Row:
    latest = store.latest(wanted.title)
    try:
        return Row(wanted, latest, plan.compute(wanted, catalogue.elements, store), "")
    except CcError as problem:
        return Row(wanted, latest, None, problem.summary)
