"""The inventory of the new site, and the variables of its groups and hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cc_ansible.site import inventory, yamlfile
from cc_ansible.site.legacy import groups, hidden, inline, variables
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.old import Old, is_program
from cc_ansible.site.values import truth

if TYPE_CHECKING:
    from cc_ansible.site.legacy.draft import Draft

DHCP = "ironic-dnsmasq"


def take(context: Context, draft: Draft, old: Old) -> None:
    """Add the inventory, and the variables of groups and hosts, to a draft.

    :raises SiteInvalid: when a file cannot be read.
    """
    sample = groups.stock(yamlfile.read_text(inventory.kolla_multinode()))
    written: list[str] = []

    def called(group: str) -> str:
        return groups.today(context, group, sample) or group

    single = (old.path / "inventory").is_file()
    moved: dict[str, dict[str, str]] = {}
    for file in old.inventory_files:
        relative = file.relative_to(old.path)
        place = str(relative)
        target = "inventory/hosts" if single else place
        if is_program(file):
            context.report.kept(place, file.name, "It is a program; it was not run.")
            draft.files[target] = file.read_bytes()
            draft.executable.add(target)
            continue
        text = yamlfile.read_text(file)
        if inventory.is_yaml(file, text):
            context.report.kept(place, file.name, "It is in YAML form and stays as it is.")
            text = hidden.hide_all(context, text, file, place)
            draft.text(target, context.keys.again(text, file))
            continue
        lines = inline.Lines(context, old.inventory, place, called, moved)
        draft.text(target, groups.shorten(context, text, place, sample, lines.rewrite))
        written.append(target)
    _machines(context, draft, old, written)
    encrypted = _variables(context, draft, old, sample)
    _moved(draft, moved)
    for name in encrypted:
        draft.text(name, context.keys.encrypt(draft.files[name].decode()))


def _machines(context: Context, draft: Draft, old: Old, written: list[str]) -> None:
    """Empty the group of Ironic's DHCP server, which older CHI-in-a-Box never used.

    :param written: the INI inventories of the new site.
    """
    ironic = old.settings.get("enable_ironic", context.default("enable_ironic"))
    texts = {name: draft.files[name].decode() for name in written}
    if not texts or truth(ironic) is False or any(f"[{DHCP}" in text for text in texts.values()):
        return
    why = "Machines get their addresses from Neutron."
    context.report.translated("inventory", DHCP, "an empty group", why)
    draft.text(written[0], f"{texts[written[0]]}\n# {why}\n[{DHCP}]\n")


def _variables(context: Context, draft: Draft, old: Old, sample: groups.Stock) -> set[str]:
    """group_vars and host_vars, and which of these files are to be encrypted as a whole.

    Variables of groups that are gone are left out.
    """
    encrypted: set[str] = set()
    for name in old.texts:
        relative = name.removeprefix(old.vars_root)
        directory, _, rest = relative.partition("/")
        if directory not in ("group_vars", "host_vars"):
            continue
        scope = rest.split("/")[0]
        if directory == "group_vars":
            bare = _stem(scope)
            now = groups.today(context, bare, sample)
            if now is None:
                context.report.decide(name, bare, "The group is gone, and its variables with it.")
                continue
            if now != bare:
                context.report.translated(name, bare, now)
                rest = now + rest[len(bare) :]
        file = old.path / name
        secret = name in old.encrypted
        text = variables.rewrite(
            context, old.texts[name], file, name, shared=False, encrypted=secret
        )
        target = f"inventory/{directory}/{rest}"
        draft.text(target, hidden.encrypted_again(context, text, file, name))
        if secret:
            encrypted.add(target)
    return encrypted


def _stem(name: str) -> str:
    for suffix in (".yml", ".yaml", ".json"):
        name = name.removesuffix(suffix)
    return name


def _moved(draft: Draft, moved: Mapping[str, Mapping[str, str]]) -> None:
    """What could not stay on lines of the inventory."""
    for name, texts in moved.items():
        target = f"inventory/{name}"
        existing = [
            each for each in (target, f"{target}.yml", f"{target}.yaml") if each in draft.files
        ]
        if any(each.startswith(f"{target}/") for each in draft.files):
            existing = [f"{target}/imported.yml"]
        place = existing[0] if existing else f"{target}.yml"
        before = draft.files.get(place, b"---\n").decode()
        if before.strip() == "{}":
            before = "---\n"
        draft.text(place, before.rstrip("\n") + "\n" + "".join(texts.values()))
