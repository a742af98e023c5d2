"""The hardware that the site config declares, as Doni shall have it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import Origin, SiteInvalid, UsageError
from cc_ansible.hardware import wire
from cc_ansible.hardware.rendering import WithSecrets
from cc_ansible.hardware.schedules import Schedule, Schedules
from cc_ansible.hardware.windows import HORIZON_DAYS
from cc_ansible.kolla import imageids
from cc_ansible.site import hardware
from cc_ansible.site.names import nearest

if TYPE_CHECKING:
    from cc_ansible.site.load import Site
    from cc_ansible.site.machines import Machine
    from cc_ansible.site.subject import Subject
    from cc_ansible.site.values import Values

HORIZON_VARIABLE = "hardware_horizon_days"


@dataclass(frozen=True)
class Declared:
    """One item. ``project`` is the name or id of its owner, None for the site's admin project.

    ``properties`` are those of Doni, secrets included; they are never shown.
    """

    name: str
    kind: str
    project: str | None
    properties: Mapping[str, Any] = field(repr=False)
    schedule: Schedule
    origin: Origin


def read(
    subject: Subject,
    site: Site,
    passwords: Mapping[str, Any],
    names: Collection[str] | None = None,
) -> list[Declared]:
    """Every item, or those of ``names``, in the order of the files.

    :raises SiteInvalid: one cannot be told, as a secret of it is missing.
    """
    rendering = WithSecrets(subject, site, passwords)
    schedules = Schedules(subject)
    return [
        _declared(machine, rendering, schedules)
        for machine in subject.once(hardware.read).machines
        if names is None or machine.name in names
    ]


def horizon_days(subject: Subject) -> int:
    """For how many days from now windows are computed."""
    found = subject.values.known_or(HORIZON_DAYS, HORIZON_VARIABLE)
    return int(found)


def names(subject: Subject) -> list[str]:
    """The names of all items."""
    return [machine.name for machine in subject.once(hardware.read).machines]


def require_known(wanted: Iterable[str], known: Collection[str], what: str) -> None:
    """Refuse names that are not among the known ones.

    :param what: what the known ones are, such as ``in hardware/``.
    :raises UsageError: there is none of a name.
    """
    for name in wanted:
        if name not in known:
            close = nearest(name, known)
            raise UsageError(
                f"There is no hardware {name} {what}.",
                fix=f"Did you mean {close}?" if close else "cc-ansible hardware list",
            )


def _declared(machine: Machine, rendering: WithSecrets, schedules: Schedules) -> Declared:
    from pydantic import ValidationError

    from cc_ansible.site.model.hardware import TYPES

    value = rendering.item(machine)
    try:
        item = TYPES[str(value.get("type"))].model_validate(value)
    except (KeyError, ValidationError) as problem:
        raise SiteInvalid(
            f"hardware {machine.name} is not valid{_where(problem)}.",
            fix="Run `cc-ansible validate`; a secret may have a form that its key does not take.",
            origin=machine.at(),
        ) from None
    if name := getattr(item, "deploy_image", None):
        item = item.model_copy(update=_deploy_images(machine, rendering, name))
    return Declared(
        machine.name,
        wire.kind(item),
        item.project,
        wire.properties(item),
        schedules.of(machine),
        machine.at(),
    )


def _deploy_images(machine: Machine, values: Values, name: str) -> dict[str, str]:
    """The images that an appliance is in Glance, by the keys of hardware that name them."""
    published = values.known_or([], imageids.PUBLISHED)
    arch = str(machine.get("cpu_arch") or "x86_64")
    found = imageids.of_appliance(published, name, arch)
    try:
        return {
            "deploy_kernel": found["image.kernel"],
            "deploy_ramdisk": found["image.initramfs"],
        }
    except KeyError:
        raise SiteInvalid(
            f"hardware {machine.name}: {name} for {arch} is not published.",
            fix=f"cc-ansible appliance build {name}, then test and publish it.",
            origin=machine.at("deploy_image"),
        ) from None


def _where(problem: Exception) -> str:
    """Which key is wrong, never its value."""
    from pydantic import ValidationError

    if not isinstance(problem, ValidationError):
        return ""
    first = problem.errors(include_url=False, include_input=False, include_context=False)[0]
    return f": `{'.'.join(map(str, first['loc']))}`"
