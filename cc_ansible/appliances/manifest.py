"""What is in an image: packages out of its own database, and a bill of materials of them.

Both say only what follows from the content, so that equal images have equal ones.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cc_ansible.errors import RunFailed

STATUS = "./var/lib/dpkg/status"
NAMESPACE = uuid.UUID("3b3a2f0e-1f8b-5c52-8a7e-6f1c9b1f3d11")
_FIELD = re.compile(r"^(Package|Version|Architecture|Source|Status|Homepage): (.*)$", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Package:
    """One installed package of the distribution; ``source`` is what it was built from."""

    name: str
    version: str
    arch: str
    source: str


def packages(archive: Path) -> list[Package]:
    """The packages that are installed in a root file system (deb-control(5), dpkg's status).

    :raises RunFailed: the archive cannot be read, or has no such database.
    """
    done = subprocess.run(
        ["tar", "--zstd", "-xO", "--occurrence=1", "-f", str(archive), STATUS],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RunFailed(
            f"{archive.name} has no database of packages.", detail=done.stderr.strip()[-300:]
        )
    return parse(done.stdout)


def of_ramdisk(made: Path) -> list[Package]:
    """The packages in a ramdisk, as diskimage-builder's element manifests told them.

    What it told goes, as it also has this machine's paths and variables.

    :raises RunFailed: it told nothing.
    """
    told = made / "image.d"
    file = next(told.glob("dib-manifests/dib-manifest-dpkg-*"), None)
    if file is None:
        raise RunFailed("The build of the ramdisk wrote down no packages.")
    found = [
        Package(each["package"], each["version"], each["arch"], each["package"])
        for each in json.loads(file.read_text())["packages"]
        if each["status"].startswith("ii")
    ]
    shutil.rmtree(told)
    return sorted(found)


def parse(status: str) -> list[Package]:
    """The installed packages of dpkg's status file, by name."""
    found = []
    for stanza in status.split("\n\n"):
        fields = dict(_FIELD.findall(stanza))
        if fields.get("Status", "").endswith(" installed"):
            name = fields["Package"]
            source = str(fields.get("Source", name)).split()[0]
            found.append(Package(name, fields["Version"], fields["Architecture"], source))
    return sorted(found)


def text(found: list[Package]) -> str:
    """The manifest: one line for each package."""
    return "".join(f"{each.name} {each.version} {each.arch}\n" for each in found)


def versions(manifest: str) -> dict[str, str]:
    """The version of each package that a manifest names."""
    return {name: version for name, version, _ in map(str.split, manifest.splitlines())}


def bill(name: str, version: str, distro: str, release: str, found: list[Package]) -> str:
    """A bill of materials in CycloneDX 1.6, as JSON; its serial number follows from its content."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion
    from packageurl import PackageURL

    serial = uuid.uuid5(NAMESPACE, f"{name}\n{version}\n{text(found)}")
    made = Bom(serial_number=serial)
    made.metadata.component = Component(
        name=name, version=version, type=ComponentType.OPERATING_SYSTEM, bom_ref=name
    )
    for each in found:
        qualifiers = {"arch": each.arch, "distro": f"{distro}-{release}"}
        purl = PackageURL("deb", distro, each.name, each.version, qualifiers)
        made.components.add(
            Component(name=each.name, version=each.version, bom_ref=str(purl), purl=purl)
        )
    made.register_dependency(made.metadata.component, made.components)
    outputter = make_outputter(made, OutputFormat.JSON, SchemaVersion.V1_6)
    said: dict[str, Any] = json.loads(outputter.output_as_string())
    # When it was written is in the build's record; here it would make equal images differ.
    said["metadata"].pop("timestamp", None)
    return json.dumps(said, indent=1, sort_keys=True) + "\n"
