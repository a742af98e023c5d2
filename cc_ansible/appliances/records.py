"""What is kept beside an image: manifest, bill of materials, provenance, checksums, record."""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible import __version__
from cc_ansible.appliances import manifest
from cc_ansible.appliances.elements import PACKAGES
from cc_ansible.paths import PROJECT
from cc_ansible.runs import journal

if TYPE_CHECKING:
    from cc_ansible.appliances.plan import Plan

MANIFEST = "manifest.txt"
BILL = "sbom.cdx.json"
PROVENANCE = "provenance.json"
SUMS = "SHA256SUMS"
RECORD = "build.json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
"""Types of in-toto's statements and of SLSA's provenance, version 1."""


def write(
    plan: Plan,
    archive: Path | None,
    made: Path,
    digests: Mapping[str, str],
    seconds: Mapping[str, float],
) -> None:
    """Write all of it into ``made``. ``digests`` are those of what was made on the way.

    :raises RunFailed: the packages cannot be read out of the archive.
    """
    wanted, last = plan.definition, plan.stages[-1]
    files = sorted(path for path in made.glob("image.*") if path.is_file())
    sums = {path.name: digest(path) for path in files}
    found = manifest.packages(archive) if archive else manifest.of_ramdisk(made)
    (made / MANIFEST).write_text(manifest.text(found))
    bill = manifest.bill(wanted.title, last.version, wanted.distro, wanted.release, found)
    (made / BILL).write_text(bill)
    (made / SUMS).write_text("".join(f"{value}  {name}\n" for name, value in sums.items()))
    _json(made / PROVENANCE, provenance(plan, sums, digests))
    record = {
        "name": wanted.name,
        "arch": wanted.arch,
        "kind": wanted.kind,
        "version": last.version,
        "made": time.time(),
        "seconds": dict(seconds),
        "sha256": sums,
        "bytes": {path.name: path.stat().st_size for path in files},
        "stages": [
            {
                "appliance": stage.appliance,
                "kind": stage.kind,
                "key": stage.key,
                "inputs": dict(stage.inputs),
            }
            for stage in plan.stages
        ],
    }
    _json(made / RECORD, {**record, **digests})


def provenance(plan: Plan, sums: Mapping[str, str], digests: Mapping[str, str]) -> dict[str, Any]:
    """Where an image comes from: its inputs with their digests, and the tools that made it."""
    commit, dirty = journal.git_state(PROJECT)
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": value}} for name, value in sums.items()],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": "cc-ansible appliance build",
                "externalParameters": {
                    "appliance": plan.definition.name,
                    "arch": plan.definition.arch,
                    "definition": plan.definition.origin.file.name,
                },
                "internalParameters": dict(digests),
                "resolvedDependencies": [
                    {"name": stage.appliance, "digest": {"sha256": stage.key},
                     "annotations": dict(stage.inputs)}
                    for stage in plan.stages
                ],
            },
            "runDetails": {
                "builder": {
                    "id": "cc-ansible",
                    "version": {
                        "cc-ansible": __version__,
                        "commit": f"{commit}{' and changes' if dirty else ''}",
                        "python": platform.python_version(),
                        **{name: version(name) for name in PACKAGES},
                    },
                },
                "metadata": {
                    "invocationId": plan.key,
                    "finishedOn": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                },
            },
        },
    }  # fmt: skip


def digest(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _json(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1) + "\n")
