"""The stages in which an image is made, each known by a key that stands for all that goes into it.

A stage is made once, whoever needs it: appliances that extend the same one share its stages. Names
and versions of packages are no inputs, as nobody knows them before the build: ``--refresh`` makes
stages again to get newer ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from cc_ansible.errors import CcError

if TYPE_CHECKING:
    from cc_ansible.appliances.definition import Definition, Layer
    from cc_ansible.appliances.elements import Elements

FORMAT = 1
"""To be raised when the same inputs make something else because this program changed."""
SYSTEMS = {"debian": "debian-minimal", "ubuntu": "ubuntu-minimal"}
"""The element that installs each distribution from its packages alone."""
ABOVE = "cc-root"
"""The element that takes the stage below for the system."""
ALWAYS = ("cc-build", "cc-clean")
"""Elements of every stage: this machine's way to mirrors, which is gone again at the end."""
BELOW_CHANGED = "what it starts from changed"
Kind = Literal["root", "layer", "disk", "ramdisk"]


@dataclass(frozen=True)
class Stage:
    """One step of a build. ``inputs`` are all that decides about what comes out of it.

    ``appliance`` is the one whose elements it adds; a disk adds none.
    """

    kind: Kind
    appliance: str
    arch: str
    elements: tuple[str, ...]
    packages: tuple[str, ...]
    environment: Mapping[str, str]
    inputs: Mapping[str, Any]
    below: Stage | None

    @property
    def key(self) -> str:
        """SHA-256 of the inputs, in hexadecimal."""
        return hashlib.sha256(json.dumps(self.inputs, sort_keys=True).encode()).hexdigest()

    @property
    def version(self) -> str:
        """The beginning of the key, long enough to tell images apart."""
        return self.key[:12]


def of(definition: Definition, elements: Elements, as_of: str = "") -> tuple[Stage, ...]:
    """The stages of an image, in the order in which they are made; the last one is the image.

    ``as_of`` is when packages of the distribution were last asked for anew.

    :raises CcError: they cannot be: elements do not go together, the distribution has no builder.
    """
    if definition.distro not in SYSTEMS:
        raise CcError(
            f"appliance {definition.name}: {definition.distro} cannot be built by itself.",
            detail="Its packages cannot be installed into an empty directory from here.",
            fix=f"Start from {' or '.join(SYSTEMS)}.",
            origin=definition.origin,
        )
    found: list[Stage] = []
    ramdisk = definition.kind == "ramdisk"
    for layer in _together(definition) if ramdisk else definition.layers:
        kind: Kind = "ramdisk" if ramdisk else "layer" if found else "root"
        try:
            below = found[-1] if found else None
            found.append(_tree(kind, definition, layer, below, elements.digests, as_of))
        except CcError as problem:
            problem.summary = f"appliance {layer.appliance}: {problem.summary}"
            problem.origin = problem.origin or definition.origin
            raise
    if not ramdisk:
        found.append(_disk(definition, found[-1]))
    return tuple(found)


def _together(definition: Definition) -> list[Layer]:
    """All layers as one: a ramdisk is packed from where it was made."""
    layers = definition.layers
    elements = dict.fromkeys(name for layer in layers for name in layer.elements)
    packages = dict.fromkeys(name for layer in layers for name in layer.packages)
    return [
        replace(
            layers[-1],
            elements=tuple(elements),
            packages=tuple(packages),
            environment=_environment(layers),
        )
    ]


def _environment(layers: Sequence[Layer]) -> dict[str, str]:
    return {key: value for layer in layers for key, value in layer.environment.items()}


def _tree(
    kind: Kind,
    definition: Definition,
    layer: Layer,
    below: Stage | None,
    digests: Callable[[Sequence[str]], Mapping[str, str]],
    as_of: str,
) -> Stage:
    system = ABOVE if below else SYSTEMS[definition.distro]
    names = tuple(dict.fromkeys((system, *layer.elements, *ALWAYS)))
    packages = tuple(sorted(set(layer.packages)))
    inputs: dict[str, Any] = {
        "format": FORMAT,
        "kind": kind,
        "appliance": layer.appliance,
        "elements": dict(digests(names)),
        "packages": list(packages),
        "environment": dict(layer.environment),
    }
    if below:
        inputs["below"] = below.key
    else:
        inputs |= {
            "distro": definition.distro,
            "release": definition.release,
            "arch": definition.arch,
            "packages as of": as_of,
        }
    environment = {**(below.environment if below else {}), **layer.environment}
    return Stage(
        kind, layer.appliance, definition.arch, names, packages, environment, inputs, below
    )


def _disk(definition: Definition, below: Stage) -> Stage:
    inputs = {
        "format": FORMAT,
        "kind": "disk",
        "below": below.key,
        "name": definition.name,
        "size": definition.size,
    }
    return Stage("disk", definition.name, definition.arch, (), (), {}, inputs, below)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Why a stage has to be made again, in words; ``before`` are the inputs of its last build."""
    found = []
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            found += _entries(key, old, new)
        elif isinstance(old, list) and isinstance(new, list):
            found += [f"{key.removesuffix('s')} {name} added" for name in new if name not in old]
            found += [f"{key.removesuffix('s')} {name} removed" for name in old if name not in new]
        elif key == "below":
            found.append(BELOW_CHANGED)
        elif key == "packages as of":
            found.append("newer packages are asked for")
        elif key == "format":
            found.append("this release builds it in another way")
        else:
            found.append(f"{key} {old} -> {new}")
    return found


def _entries(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    noun = "variable" if kind == "environment" else kind.removesuffix("s")
    found = []
    for name in sorted({*old, *new}):
        if name not in old:
            found.append(f"{noun} {name} added")
        elif name not in new:
            found.append(f"{noun} {name} removed")
        elif old[name] != new[name]:
            found.append(f"{noun} {name} changed")
    return found
