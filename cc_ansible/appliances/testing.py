"""`appliance test`: which images, booted how, and what is kept of the answers."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.appliances import definition, manifest
from cc_ansible.appliances.checks import runner
from cc_ansible.appliances.checks.subject import Subject
from cc_ansible.appliances.records import MANIFEST
from cc_ansible.appliances.store import RAMDISK, TESTS, Store
from cc_ansible.errors import CcError, UsageError
from cc_ansible.runs import signals
from cc_ansible.runs.files import write_json
from cc_ansible.verify.check import Check

if TYPE_CHECKING:
    from cc_ansible.appliances.boot.guest import Guest
    from cc_ansible.appliances.catalogue import Catalogue
    from cc_ansible.appliances.checks.runner import Tested
    from cc_ansible.appliances.definition import Definition
    from cc_ansible.appliances.store import Built

EVIDENCE = "boot"
"""Beside an image that did not boot: its console, its report, its screen."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class How:
    """How images are booted. ``memory`` is in MiB; ``patience`` multiplies all waiting."""

    container: bool = False
    uefi: bool = False
    memory: int | None = None
    patience: float = 1.0


@dataclass(frozen=True)
class Candidate:
    """An image that was built, and the definition that it is to be like."""

    wanted: Definition
    built: Built


def candidates(
    catalogue: Catalogue, store: Store, names: Sequence[str], arches: Sequence[str]
) -> list[Candidate]:
    """What was built last of some appliances; of all that were built when none is named.

    :raises UsageError: there is no appliance of a name, or none for an architecture; one that is
        named was never built, or nothing was.
    """
    chosen = definition.choose(catalogue.definitions, names, arches)
    found = [Candidate(each, built) for each in chosen if (built := store.latest(each.title))]
    missing = {each.name for each in chosen} - {each.wanted.name for each in found}
    if (names and missing) or not found:
        raise UsageError(
            f"Nothing was built yet of {', '.join(sorted(missing))}.",
            fix=f"cc-ansible appliance build {' '.join(sorted(missing) if names else [])}".strip(),
        )
    return found


def test(candidate: Candidate, how: How, store: Store, say: Say) -> Tested:
    """Boot an image, ask what its definition asks, and keep the answers beside it.

    :raises CcError: it cannot be booted here.
    :raises Interrupted: stopped by the user.
    """
    if candidate.built.files[0].name in RAMDISK:
        with signals.stoppable(runner.INTERRUPTED):
            tested = _ramdisk(candidate, how, say)
    else:
        tested = runner.test(_subject(candidate), _boot(candidate, how, store, say), say)
    finished = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    write_json(candidate.built.directory / TESTS, {**runner.plain(tested), "finished": finished})
    return tested


def _subject(candidate: Candidate) -> Subject:
    wanted, built = candidate.wanted, candidate.built
    tree = built.about["stages"][-2]
    versions = manifest.versions((built.directory / MANIFEST).read_text())
    return Subject(
        wanted.title,
        tree["appliance"],
        wanted.arch,
        wanted.tests,
        version=tree["key"][: len(built.version)],
        distro=wanted.distro,
        release=wanted.release,
        packages=versions,
    )


def _boot(candidate: Candidate, how: How, store: Store, say: Say) -> AbstractContextManager[Guest]:
    from cc_ansible.appliances.boot import accel, booted, nspawn
    from cc_ansible.appliances.boot.qemu import Machine

    wanted, built = candidate.wanted, candidate.built
    if how.container:
        tree = _archive(store, candidate)
        return nspawn.booted(tree, wanted.arch, say, patience=how.patience)
    machine = Machine(
        wanted.arch,
        how.memory or Machine.memory,
        uefi=how.uefi,
        accel=accel.choose(wanted.arch),
    )
    keep = built.directory / EVIDENCE
    return booted.booted(built.files[0], machine, say, patience=how.patience, keep=keep)


def _archive(store: Store, candidate: Candidate) -> Path:
    """The root file system that a disk was written from."""
    archive = store.tree(candidate.built.about["stages"][-2]["key"])
    if archive is None:
        raise CcError(
            f"The root file system of {candidate.wanted.title} is not kept here any more.",
            fix=f"cc-ansible appliance build {candidate.wanted.name}, or test it in QEMU.",
        )
    return archive


def _ramdisk(candidate: Candidate, how: How, say: Say) -> Tested:
    from cc_ansible.appliances.boot import ramdisk
    from cc_ansible.appliances.boot.guest import BootFailed

    wanted, begun = candidate.wanted, time.monotonic()
    kernel, initramfs = candidate.built.files
    check, booted = Check("boot", "boot"), ""
    try:
        called = ramdisk.boots(
            kernel,
            initramfs,
            wanted.arch,
            say,
            memory=how.memory or ramdisk.MEMORY,
            patience=how.patience,
        )
    except BootFailed as failed:
        result = check.judged([failed.trouble], "", time.monotonic() - begun)
    else:
        booted = called.how
        seen = f"its agent asked after {called.seconds:.0f} s for the node with"
        result = check.judged([], f"{seen} {', '.join(called.addresses)}", called.seconds)
    results = [runner.with_page(result)]
    return runner.Tested(wanted.title, booted, results, time.monotonic() - begun)
