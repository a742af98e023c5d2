"""What would be built, and why: definitions compared with what was built of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cc_ansible.appliances import stages

if TYPE_CHECKING:
    from cc_ansible.appliances.definition import Definition
    from cc_ansible.appliances.elements import Elements
    from cc_ansible.appliances.stages import Stage
    from cc_ansible.appliances.store import Built, Store

NEW = "it was never built"
FORCED = "--force"


@dataclass(frozen=True)
class Plan:
    """What would be done for one image. ``reasons`` are empty when it is up to date."""

    definition: Definition
    stages: tuple[Stage, ...]
    built: Built | None
    reasons: tuple[str, ...]
    as_of: str

    @property
    def key(self) -> str:
        """Of the image that its definition asks for."""
        return self.stages[-1].key


def compute(
    definition: Definition,
    elements: Elements,
    store: Store,
    *,
    force: bool = False,
    as_of: str | None = None,
) -> Plan:
    """Compare a definition with what was built of it; ``as_of`` asks for packages of that moment.

    :raises CcError: it cannot be built.
    """
    moment = store.as_of(definition.distro, definition.release) if as_of is None else as_of
    found = stages.of(definition, elements, moment)
    built = store.image(definition.title, found[-1].key)
    if built and not force:
        return Plan(definition, found, built, (), moment)
    reasons = [FORCED] if built else _reasons(found, store.latest(definition.title))
    return Plan(definition, found, None, tuple(reasons), moment)


def _reasons(found: Sequence[Stage], latest: Built | None) -> list[str]:
    if latest is None:
        return [NEW]
    before = {(each["appliance"], each["kind"]): each["inputs"] for each in latest.about["stages"]}
    reasons = []
    for stage in found:
        old = before.get((stage.appliance, stage.kind))
        if old is None:
            reasons.append(f"{stage.appliance} is new in it")
            continue
        whose = "" if stage.appliance == found[-1].appliance else f"{stage.appliance}: "
        reasons += [
            f"{whose}{reason}"
            for reason in stages.differences(old, stage.inputs)
            if reason != stages.BELOW_CHANGED
        ]
    return reasons or [stages.BELOW_CHANGED]
