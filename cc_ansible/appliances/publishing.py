"""Which images a site has: what `appliance publish` writes into the site config.

Post-deploy uploads what is written there, as it does with every other image (roles/cloud_images),
so that a site rebuilt from its config has the images that it had.
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.appliances import definition
from cc_ansible.errors import UsageError
from cc_ansible.kolla.imageids import APPLIANCE, ARCH, PUBLISHED
from cc_ansible.site import vault, yamlfile

if TYPE_CHECKING:
    from cc_ansible.appliances.catalogue import Catalogue
    from cc_ansible.appliances.definition import Definition
    from cc_ansible.appliances.store import Built, Store
    from cc_ansible.site.load import Site

FILE = Path("globals.d", "published.yml")
HEAD = """\
# Which images this site has. Written by `cc-ansible appliance publish`; commit it, and change it by
# that command.
"""
VERSION = "cc_version"
"""The property in Glance that tells images of an appliance apart."""
SITE_NAMES = ("chameleon_site_name", "openstack_region_name")
PARTS = {"kernel": "aki", "initramfs": "ari"}
"""Files of a deploy ramdisk and Glance's formats of them."""
GIB = 1 << 30
Entry = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One image of the site: its entry before and after, None where there is or will be none."""

    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def differs(self) -> bool:
        """Whether anything changes."""
        return self.before != self.after

    @property
    def text(self) -> str:
        """In a few words."""
        old, new = _version(self.before), _version(self.after)
        if self.after is None:
            return f"{self.name}: {old} is no longer published"
        if self.before is None:
            return f"{self.name}: {new} is new"
        if old != new:
            return f"{self.name}: {old} -> {new}"
        return f"{self.name}: {new}, {'its properties change' if self.differs else 'as it is'}"

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        named = {"name": self.name, "before": _version(self.before), "after": _version(self.after)}
        return {**named, "differs": self.differs}


def published(site: Site) -> list[Entry]:
    """What is written down now.

    :raises SiteInvalid: the file cannot be read.
    """
    file = site.path / FILE
    return list(yamlfile.load_mapping(file).value.get(PUBLISHED) or []) if file.exists() else []


def chosen(
    site: Site,
    catalogue: Catalogue,
    store: Store,
    names: Sequence[str],
    arches: Sequence[str],
    *,
    untested: bool = False,
) -> list[Entry]:
    """Entries for what was built last of some appliances; of all for this site when none is named.

    :raises UsageError: there is no appliance of a name, or none for an architecture; one is not for
        this site, was not built, or did not pass its tests.
    """
    wanted = definition.choose(catalogue.definitions, names, arches)
    others = [each.title for each in wanted if not for_site(each, site)]
    if names and others:
        raise UsageError(
            f"Not for this site: {', '.join(others)}.",
            detail=f"Its names: {', '.join(sorted(_names(site)))}.",
            fix="See `sites:` of the definition.",
        )
    built = [(each, store.latest(each.title)) for each in wanted if for_site(each, site)]
    if names:
        _require([each.name for each, found in built if found is None], "built")
    found = [(each, image) for each, image in built if image]
    if not untested:
        _require([each.name for each, image in found if image.tested != "passed"], "tested")
    several = Counter(each.name for each in catalogue.definitions)
    return [
        entry
        for each, image in found
        for entry in entries(each, image, alone=several[each.name] == 1)
    ]


def for_site(wanted: Definition, site: Site) -> bool:
    """Whether a site publishes an appliance: it names the site, or none."""
    return wanted.sites is None or bool(_names(site) & set(wanted.sites))


def entries(wanted: Definition, built: Built, *, alone: bool) -> list[Entry]:
    """An image as the site config has it, a ramdisk as two.

    ``alone`` where the appliance has one architecture; the others carry theirs in their names.
    """
    name = wanted.name if alone or wanted.arch == "x86_64" else wanted.title
    properties = {
        **wanted.properties,
        ARCH: wanted.arch,
        APPLIANCE: wanted.name,
        VERSION: built.version,
    }
    common = {"visibility": wanted.visibility, "properties": properties}
    if wanted.kind == "ramdisk":
        return [
            {
                "name": f"{name}-{part}",
                **_file(built, f"image.{part}"),
                "disk_format": form,
                "container_format": form,
                **common,
            }
            for part, form in PARTS.items()
        ]
    disk = built.files[0]
    size = math.ceil(virtual_size(disk) / GIB)
    return [{"name": name, **_file(built, disk.name), "min_disk": size, **common}]


def changes(before: Iterable[Entry], after: Iterable[Entry]) -> list[Change]:
    """What differs between what is published and what is to be."""
    old = {str(each["name"]): each for each in before}
    new = {str(each["name"]): each for each in after}
    return [Change(name, old.get(name), new.get(name)) for name in {**old, **new}]


def together(before: Sequence[Entry], added: Sequence[Entry]) -> list[Entry]:
    """What is published with images added or replaced, by name."""
    merged = {str(each["name"]): each for each in (*before, *added)}
    return [merged[name] for name in sorted(merged)]


def orphans(site: Site, catalogue: Catalogue) -> list[Entry]:
    """What is published of appliances that are defined no longer, or no longer for this site."""
    kept = {each.name for each in catalogue.definitions if for_site(each, site)}
    return [
        each
        for each in published(site)
        if (each.get("properties") or {}).get(APPLIANCE) not in kept
    ]


def write(site: Site, wanted: Sequence[Entry]) -> None:
    """Write down what is published; readers see the old file or the new one."""
    file = site.path / FILE
    file.parent.mkdir(exist_ok=True)
    vault.replace(file, HEAD + yamlfile.dump({PUBLISHED: list(wanted)}), mode=0o644)


def virtual_size(disk: Path) -> int:
    """Bytes of the disk in a qcow2 image (its header: qemu's docs/interop/qcow2.txt)."""
    with disk.open("rb") as file:
        (size,) = struct.unpack(">Q", file.read(32)[24:32])
    return int(size)


def _file(built: Built, name: str) -> Entry:
    return {"file": str(built.directory / name), "sha256": built.about["sha256"][name]}


def _names(site: Site) -> set[str]:
    said = site.settings()
    return {site.name, *(str(said[key]) for key in SITE_NAMES if said.get(key))}


def _version(entry: Mapping[str, Any] | None) -> str | None:
    return str((entry.get("properties") or {}).get(VERSION, "?")) if entry else None


def _require(missing: Sequence[str], what: str) -> None:
    if missing:
        names = " ".join(dict.fromkeys(missing))
        verb = {"built": "build", "tested": "test"}[what]
        instead = "" if what == "built" else ", or --untested"
        raise UsageError(
            f"Not {what}{'' if what == 'built' else ', or not with success'}: {names}.",
            fix=f"cc-ansible appliance {verb} {names}{instead}",
        )
