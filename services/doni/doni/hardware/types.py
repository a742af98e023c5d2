"""The kinds of hardware: their own fields, and the workers that take care of them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from doni.hardware import baremetal, device, fake
from doni.hardware.fields import Field
from doni.hardware.worker_fields import WORKER_FIELDS


@dataclass(frozen=True, eq=False)
class HardwareType:
    """A kind of hardware.

    ``workers`` are in the order in which they enrol an item; they retire it in the opposite one.
    """

    name: str
    fields: tuple[Field, ...]
    workers: tuple[str, ...]

    @functools.cached_property
    def known(self) -> tuple[Field, ...]:
        """The fields of the type and of its workers."""
        return (*self.fields, *self.worker_fields())

    def all_fields(self) -> Iterator[Field]:
        """The fields of the type and of its workers."""
        yield from self.known

    def worker_fields(self) -> Iterator[Field]:
        """The fields of its workers."""
        for worker in self.workers:
            yield from WORKER_FIELDS[worker]

    def rank(self, worker_type: str) -> int:
        """The place of a worker in the order of enrolment; after all others if it has none."""
        return self.workers.index(worker_type) if worker_type in self.workers else len(self.workers)


EDGE = ("tunelo", "k8s", "blazar.device")

TYPES = {
    kind.name: kind
    for kind in (
        HardwareType("baremetal", baremetal.FIELDS, ("ironic", "blazar.physical_host")),
        HardwareType("device", device.FIELDS, ("tunelo", "k8s", "blazar.device")),
        HardwareType(
            "device.balena", device.BALENA_FIELDS, ("balena", "tunelo", "k8s", "blazar.device")
        ),
        HardwareType("fake-hardware", fake.FIELDS, ("fake-worker",)),
    )
}
"""Every kind of hardware, by name."""


@functools.lru_cache
def enabled(types: frozenset[str], workers: frozenset[str]) -> dict[str, HardwareType]:
    """The kinds of hardware of a deployment, each with just the workers that run in it."""
    return {
        kind.name: dataclasses.replace(
            kind, workers=tuple(worker for worker in kind.workers if worker in workers)
        )
        for kind in TYPES.values()
        if kind.name in types
    }


def configured(types: Collection[str], workers: Collection[str]) -> dict[str, HardwareType]:
    """As ``enabled``, from the lists that options hold."""
    return enabled(frozenset(types), frozenset(workers))
