"""Rules about items of ``hardware/*.yml``: names, owners, references."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.site import hardware
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.machines import Machine
from cc_ansible.site.model.read import MISSING_KEY
from cc_ansible.site.names import nearest
from cc_ansible.site.rules import images
from cc_ansible.site.rules.repeated import Claim, once_per_place, repeated
from cc_ansible.site.rules.secrets import SECRET_PLAINTEXT
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import is_template

DUPLICATE_NAME = error("duplicate-hardware", "Each name is that of one item of hardware")
RESTRICTION = error("restriction", "Restricted hardware says for whom, and why")
MISPLACED_PROPERTY = error("misplaced-property", "Properties are not what has a key of its own")
BOOT_MODE = error("boot-mode", "Nodes boot in a mode that their architecture has")
UNKNOWN_APPLIANCE = error("unknown-appliance", "Appliances that are referred to exist")
DEPLOY_IMAGE = error("deploy-image", "Nodes are deployed by one ramdisk of their architecture")
UNUSED_PROFILE = warning("unused-profile", "Some hardware uses each profile")

SECRETS = (("bmc", "password"), ("application_credential", "secret"))
DONI_PROPERTIES = {
    **hardware.OTHER_NAMES,
    "cpu_arch": "cpu_arch",
    "node_type": "node_type",
    "su_factor": "su_factor",
    "placement": "placement",
    "machine_name": "machine_name",
    "contact_email": "contact_email",
    "device_profiles": "device_profiles",
    "channels": "channels",
    "local_egress": "local_egress",
    "authorized_projects": "authorized_projects",
    "authorized_projects_reason": "authorized_projects_reason",
}


def items(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the form of the files and with each item for itself."""
    found = subject.once(hardware.read)
    yield from found.findings
    yield from once_per_place(_each(found.machines))
    if found.whole:
        yield from _unused(found)


def names(subject: Subject) -> Iterator[Finding]:
    """Two items of one name; names do not differ by case."""
    machines = subject.once(hardware.read).machines
    claims = [
        (machine.text("name").lower(), Claim(machine.name, machine.at("name")))
        for machine in machines
        if machine.text("name")
    ]
    for _, first, second in repeated(claims):
        yield DUPLICATE_NAME.broken(
            f"There are two items of hardware called {second.who}.",
            second.origin,
            detail=f"The first is in {first.where}.",
            fix="Rename one, or remove it.",
        )


def deploy_images(subject: Subject) -> Iterator[Finding]:
    """What deploys a node: an appliance that exists and fits, or images by their ids."""
    nodes = [machine for machine in subject.once(hardware.read).machines if machine.is_node]
    yield from once_per_place(finding for machine in nodes for finding in _deploy(machine, subject))


def _each(machines: list[Machine]) -> Iterator[Finding]:
    for machine in machines:
        yield from _restriction(machine)
        yield from _properties(machine)
        yield from _secrets(machine)
        if machine.is_node:
            yield from _boot(machine)


def _restriction(machine: Machine) -> Iterator[Finding]:
    projects = machine.get("authorized_projects")
    reason = machine.get("authorized_projects_reason")
    if not machine.whole:
        return
    if projects and not reason and "authorized_projects_reason" not in machine.value:
        yield RESTRICTION.broken(
            f"hardware {machine.name} is restricted to projects without a reason.",
            machine.at("authorized_projects"),
            fix="Add `authorized_projects_reason:`; users who may not reserve it see it.",
        )
    elif reason and projects is None and "authorized_projects" not in machine.value:
        yield RESTRICTION.broken(
            f"hardware {machine.name} has a reason for a restriction, but none.",
            machine.at("authorized_projects_reason"),
            fix="Add `authorized_projects:`, or remove the reason.",
        )


def _properties(machine: Machine) -> Iterator[Finding]:
    properties = machine.get("properties")
    for key in properties if isinstance(properties, dict) else ():
        if meant := DONI_PROPERTIES.get(str(key)):
            yield MISPLACED_PROPERTY.broken(
                f"hardware {machine.name}: {key} is not a free property.",
                machine.at("properties", key),
                fix=f"Write it as the key `{meant}` of the item itself.",
            )


def _secrets(machine: Machine) -> Iterator[Finding]:
    for above, key in SECRETS:
        holder = machine.merged.get(above)
        value = holder.get(key) if isinstance(holder, dict) else None
        if isinstance(value, str | int) and value != "" and not is_template(value):
            yield SECRET_PLAINTEXT.broken(
                f"hardware {machine.name}: {above}.{key} is a secret in plain text.",
                machine.at(above, key),
                fix="Put it into the passwords (`cc-ansible passwords edit`) and name it here: "
                '`"{{ bmc_password }}"`.',
            )


def _boot(machine: Machine) -> Iterator[Finding]:
    if machine.get("cpu_arch") == "aarch64" and machine.get("boot_mode") == "bios":
        yield BOOT_MODE.broken(
            f"hardware {machine.name} is aarch64, which has no BIOS.",
            machine.at("boot_mode"),
            fix="Write `boot_mode: uefi`, or correct `cpu_arch`.",
        )


def _deploy(machine: Machine, subject: Subject) -> Iterator[Finding]:
    given = [key for key in ("deploy_kernel", "deploy_ramdisk") if key in machine.value]
    if len(given) == 1:
        other = {"deploy_kernel": "deploy_ramdisk", "deploy_ramdisk": "deploy_kernel"}[given[0]]
        yield MISSING_KEY.broken(
            f"hardware {machine.name} has `{given[0]}`, which needs `{other}`.",
            machine.at(given[0]),
            fix=f"Add `{other}:`.",
        )
    name = machine.text("deploy_image")
    if not name:
        return
    if given:
        yield DEPLOY_IMAGE.broken(
            f"hardware {machine.name} has both `deploy_image` and `{given[0]}`.",
            machine.at(given[0]),
            fix="Keep one of the two ways.",
        )
    yield from _appliance(machine, name, subject)


def _appliance(machine: Machine, name: str, subject: Subject) -> Iterator[Finding]:
    known = subject.once(images.read)
    found = known.appliances.get(name)
    if found is None and not known.whole:
        return
    if found is None:
        close = nearest(name, known.appliances)
        yield UNKNOWN_APPLIANCE.broken(
            f"hardware {machine.name}: there is no appliance {name}.",
            machine.at("deploy_image"),
            fix=f"Did you mean `{close}`?" if close else "Define it in images/, or correct it.",
        )
    elif found.model is not None:
        arch = machine.get("cpu_arch") or "x86_64"
        if known.inherited(found, "kind") != "ramdisk":
            reason = f"{name} is no deploy ramdisk, but a disk image."
        elif arch not in known.inherited(found, "arch"):
            reason = f"{name} is not built for {arch}."
        else:
            return
        yield DEPLOY_IMAGE.broken(
            f"hardware {machine.name} cannot be deployed by {name}.",
            machine.at("deploy_image"),
            detail=reason,
            fix="Name an appliance of `kind: ramdisk` with the node's architecture in `arch`.",
        )


def _unused(found: hardware.Hardware) -> Iterator[Finding]:
    used = {id(part) for machine in found.machines for part in machine.parts}
    below = {str(part.value.get(hardware.PROFILE)) for part in found.profiles.values()}
    for name, part in found.profiles.items():
        if id(part) not in used and name not in below:
            yield UNUSED_PROFILE.broken(
                f"No hardware uses profile {name}.", part.at(), fix="Remove it, or refer to it."
            )
