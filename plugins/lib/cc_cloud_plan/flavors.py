"""Flavors, aggregates, and the classes and traits by which bare metal is told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cc_cloud_plan.steps import (
    Plan,
    Refused,
    by_name,
    description,
    differences,
    is_marked,
    shown,
    truth,
)

RESOURCES = ("VCPU", "MEMORY_MB", "DISK_GB")
UNITS = {"": 1, "MB": 1, "MIB": 1, "M": 1, "GB": 1024, "GIB": 1024, "G": 1024}
LEAST_RAM = 64
MARK_KEY, MARK_VALUE = "made_by", "cc-ansible"
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)")
Said = Mapping[str, Any]


def custom(name: Any) -> str:
    """The name of a resource class or trait in Placement, as Ironic and Nova make it.

    ``gpu-node`` and ``CUSTOM_GPU_NODE`` both are ``CUSTOM_GPU_NODE``.
    """
    upper = re.sub(r"[^A-Z0-9_]", "_", str(name).upper())
    return upper if upper.startswith("CUSTOM_") else f"CUSTOM_{upper}"


def trait(name: Any) -> str:
    """A trait's name: those of hardware (``HW_``, ``COMPUTE_`` ...) are standard ones."""
    upper = str(name).upper()
    return upper if re.match(r"(HW|COMPUTE|STORAGE|MISC|OWNER|CUSTOM)_", upper) else custom(name)


def mebibytes(said: Any) -> int:
    """Memory in MiB of ``2048``, ``"2048 MiB"`` or ``"2 GiB"``.

    :raises Refused: it is no size, or so small that gibibytes were meant.
    """
    match = _SIZE.fullmatch(str(said).strip())
    if not match or match[2].upper() not in UNITS:
        raise Refused(f"ram {said} is no size; write `4 GiB`")
    size = int(float(match[1]) * UNITS[match[2].upper()])
    if size < LEAST_RAM:
        raise Refused(f"ram {said} means {size} MiB; write `{said} GiB`")
    return size


def bare_metal(said: Said) -> dict[str, Any]:
    """A flavor of whole machines: one of a resource class, and nothing of what Nova counts."""
    class_ = custom(said.get("resource_class") or said["name"])
    specs: dict[str, Any] = {f"resources:{class_}": 1}
    specs |= {f"resources:{name}": 0 for name in RESOURCES}
    specs |= {f"trait:{trait(name)}": "required" for name in said.get("traits") or []}
    # Nova wants some memory and disk; nodes are found by their class alone.
    sizes = {"vcpus": said.get("vcpus", 1), "ram": said.get("ram", 1), "disk": said.get("disk", 20)}
    return {**said, **sizes, "extra_specs": {**specs, **(said.get("extra_specs") or {})}}


def virtual(said: Said) -> dict[str, Any]:
    """A flavor of virtual machines, its memory in MiB.

    :raises Refused: its memory is no size.
    """
    specs = {f"trait:{trait(name)}": "required" for name in said.get("traits") or []}
    specs |= said.get("extra_specs") or {}
    return {**said, "ram": mebibytes(said["ram"]), "extra_specs": specs}


def plan(wanted: Said, state: Said, *, prune: bool = False) -> Plan:
    """Compare bare_metal, virtual, aggregates, resource_classes and traits with what is there."""
    result = Plan(prune=prune)
    known = {str(one["name"]) for one in state["resource_classes"]}
    for name in dict.fromkeys(custom(one) for one in wanted.get("resource_classes") or []):
        if name not in known:
            result.make("resource class", name, {})
    there = {str(one["name"]) for one in state["traits"]}
    for name in dict.fromkeys(trait(one) for one in wanted.get("traits") or []):
        if name not in there:
            result.make("trait", name, {})
    _aggregates(result, wanted.get("aggregates") or [], state["aggregates"])
    _flavors(result, wanted, by_name(state["flavors"]))
    return result


def _aggregates(result: Plan, wanted: Iterable[Said], found: list[Said]) -> None:
    there, names = by_name(found), set()
    for said in wanted:
        name = said["name"]
        names.add(name)
        one = there.get(name)
        metadata = {str(key): str(value) for key, value in (said.get("metadata") or {}).items()}
        zone = said.get("availability_zone")
        if one is None:
            args = {"metadata": {**metadata, MARK_KEY: MARK_VALUE}, "availability_zone": zone}
            result.make("aggregate", name, args, f"zone {zone}" if zone else "")
            continue
        current = {
            key: value for key, value in (one.get("metadata") or {}).items() if value is not None
        }
        changes = differences(metadata, current)
        if zone and zone != one.get("availability_zone"):
            changes["availability_zone"] = (one.get("availability_zone"), zone)
        # The module removes metadata that it is not given.
        args = {"metadata": {**current, **metadata}, "availability_zone": zone}
        result.change("aggregate", name, changes, args)
    for name, one in there.items():
        if name not in names and (one.get("metadata") or {}).get(MARK_KEY) == MARK_VALUE:
            if one.get("hosts"):
                result.notes.append(
                    f"aggregate {name}: the site names it no longer, but it has hosts"
                )
            else:
                result.remove("aggregate", name, {})


def _flavors(result: Plan, wanted: Said, there: Mapping[str, Said]) -> None:
    names: set[str] = set()
    for make, items in ((bare_metal, wanted.get("bare_metal")), (virtual, wanted.get("virtual"))):
        for said in items or []:
            if said["name"] in names:
                result.refuse("flavor", said["name"], "the site names it twice")
                continue
            names.add(said["name"])
            try:
                _flavor(result, make(said), there.get(said["name"]))
            except Refused as why:
                result.refuse("flavor", said["name"], str(why))
    for name, one in there.items():
        if name not in names and is_marked(one.get("description")):
            result.remove("flavor", name, {"id": one["id"]})


def _flavor(result: Plan, said: Said, found: Said | None) -> None:
    sizes: dict[str, Any] = {key: int(said[key]) for key in ("vcpus", "ram", "disk")}
    sizes |= {key: int(said.get(key) or 0) for key in ("ephemeral", "swap")}
    sizes["is_public"] = truth(said.get("public"), True)
    specs = {str(key): str(value) for key, value in said["extra_specs"].items()}
    text = description(said.get("description"), found)
    if found is None:
        args = {**sizes, "extra_specs": specs, "description": text}
        result.make("flavor", said["name"], args, _about(said["name"], sizes, specs))
        return
    # Nova writes no swap as an empty text.
    resized = differences(sizes, {**found, "swap": found.get("swap") or 0})
    texts = differences({"description": text}, found)
    current = {str(key): str(value) for key, value in (found.get("extra_specs") or {}).items()}
    changes = dict(resized)
    for key in sorted({*specs, *current}):
        if specs.get(key) != current.get(key):
            changes[key] = (current.get(key), specs.get(key))
    # The module keeps a flavor, its id and its access only when it is given nothing else.
    args = {"id": found["id"], **sizes, "extra_specs": specs, "description": None}
    if resized:
        changes |= texts
        args |= {"description": text, "access": _access(sizes, found)}
    result.change("flavor", said["name"], changes, args)
    if not resized:
        args = {"id": found["id"], "description": text}
        result.change("flavor text", said["name"], texts, args)


def _access(sizes: Said, found: Said) -> list[str]:
    """Projects that may use a flavor and shall again once it is made anew."""
    return [] if sizes["is_public"] else list(found.get("access") or [])


def _about(name: str, sizes: Said, specs: Said) -> str:
    classes = [
        key.partition(":")[2]
        for key, value in specs.items()
        if key.startswith("resources:") and value != "0"
    ]
    if classes:
        return f"one {shown(classes)}"
    return f"{sizes['vcpus']} vCPU, {sizes['ram']} MiB, {sizes['disk']} GB disk"
