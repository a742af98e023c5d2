"""What is to be built: an appliance with everything that it starts from, for one architecture."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import Origin, UsageError
from cc_ansible.site.model.images import release_of
from cc_ansible.site.names import nearest

if TYPE_CHECKING:
    from cc_ansible.site.model.images import Check
    from cc_ansible.site.rules.images import Entry, Images

UNITS = {"K": 10, "M": 20, "G": 30, "T": 40}


@dataclass(frozen=True)
class Layer:
    """What one appliance of a chain adds to the one that it extends."""

    appliance: str
    elements: tuple[str, ...]
    packages: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """One image. ``layers`` begin with what extends nothing; ``size`` is in bytes."""

    name: str
    arch: str
    kind: str
    distro: str
    release: str
    layers: tuple[Layer, ...]
    tests: tuple[str | Check, ...]
    properties: Mapping[str, Any]
    visibility: str
    sites: tuple[str, ...] | None
    size: int | None
    variant: str
    description: str
    origin: Origin
    of_site: bool

    @property
    def title(self) -> str:
        """Name and architecture, as messages and directories have it."""
        return f"{self.name}-{self.arch}"

    @property
    def elements(self) -> tuple[str, ...]:
        """Those of all layers, each once, in their order."""
        return tuple(dict.fromkeys(name for layer in self.layers for name in layer.elements))


def every(images: Images) -> list[Definition]:
    """Every image that can be built, in the order of their files; the rules found no error."""
    found = []
    for entry in images.appliances.values():
        if entry.model:
            arches = images.inherited(entry, "arch")
            found += [resolve(entry, images, arch) for arch in arches]
    return found


def resolve(entry: Entry, images: Images, arch: str) -> Definition:
    """One appliance with all that it inherits, for one of its architectures."""
    chain = _chain(entry, images)
    base = images.inherited(entry, "base")
    size = images.inherited(entry, "size")
    sites = images.inherited(entry, "sites")
    return Definition(
        name=entry.name,
        arch=arch,
        kind=images.inherited(entry, "kind"),
        distro=base.distro,
        release=release_of(base.distro, base.release) or base.release,
        layers=tuple(_layer(each) for each in chain),
        tests=_tests(chain),
        properties={k: v for each in chain for k, v in _model(each).properties.items()},
        visibility=images.inherited(entry, "visibility"),
        sites=None if sites is None else tuple(sites),
        size=None if size is None else size_in_bytes(size),
        variant=_model(entry).variant or "",
        description=_model(entry).description or "",
        origin=entry.at(),
        of_site=entry in images.of_site,
    )


def choose(
    known: Sequence[Definition], names: Collection[str], arches: Collection[str]
) -> list[Definition]:
    """Those of some names and architectures (all when empty).

    Without names those of the directory itself, or all of CHI-in-a-Box where it has none.

    :raises UsageError: there is none of a name, or none for an architecture.
    """
    for name in names:
        if name not in {each.name for each in known}:
            close = nearest(name, [each.name for each in known])
            raise UsageError(
                f"There is no appliance {name}.",
                fix=f"Did you mean {close}?" if close else "cc-ansible appliance list",
            )
    if not names:
        names = {each.name for each in known if each.of_site} or {each.name for each in known}
    named = [each for each in known if each.name in names]
    found = [each for each in named if not arches or each.arch in arches]
    if named and not found:
        built = ", ".join(sorted({each.arch for each in named}))
        raise UsageError(
            f"None of them is for {' or '.join(arches)}.", fix=f"They are for {built}."
        )
    return found


def size_in_bytes(text: str) -> int:
    """``8 GiB``; units without an i count the same, as qemu-img does."""
    digits = text.rstrip("KMGTiB ")
    unit = text[len(digits) :].strip()[0]
    return int(digits) << UNITS[unit]


def _chain(entry: Entry, images: Images) -> list[Entry]:
    """The entry after all that it extends, the first of them first."""
    found = [entry]
    while above := _model(found[0]).extends:
        found.insert(0, images.appliances[above])
    return found


def _model(entry: Entry) -> Any:
    assert entry.model is not None
    return entry.model


def _layer(entry: Entry) -> Layer:
    model = _model(entry)
    return Layer(entry.name, tuple(model.elements), tuple(model.packages), dict(model.environment))


def _tests(chain: Iterable[Entry]) -> tuple[Any, ...]:
    """The ready checks of the first, and what each adds; one of a name replaces an earlier one."""
    found: dict[str, Any] = {}
    for index, entry in enumerate(chain):
        model = _model(entry)
        if index and "tests" not in model.model_fields_set:
            continue
        for test in model.tests:
            found[test if isinstance(test, str) else test.name] = test
    return tuple(found.values())
