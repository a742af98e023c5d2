"""The operating system image that Kolla images and lab nodes start from.

Pulled when a registry answers; otherwise made by debootstrap from the machine's own mirror.
Either way a thin layer teaches it the machine's mirrors, proxies and certificates.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.engine import machine, packages
from cc_ansible.runs.process import check

if TYPE_CHECKING:
    from docker import DockerClient

SUITE = "trixie"
ROOTFS = f"cc-ansible/rootfs:{SUITE}"
REPOSITORY = "cc-ansible/debian"
IMAGE = f"{REPOSITORY}:{SUITE}"
CA_PATH = "/etc/ssl/certs/machine-ca-bundle.crt"
INPUTS_LABEL = "org.chameleoncloud.cc-ansible.inputs"


def ensure(engine: DockerClient, say: Callable[[str], None]) -> str | None:
    """Build IMAGE unless it is there with the same inputs; returns None when nothing was done."""
    from docker.errors import ImageNotFound

    try:
        rootfs = engine.images.get(ROOTFS)
    except ImageNotFound:
        rootfs = _rootfs(engine, say)
    context = _context()
    inputs = hashlib.sha256(repr((rootfs.id, sorted(context.items()))).encode()).hexdigest()
    try:
        if engine.images.get(IMAGE).labels.get(INPUTS_LABEL) == inputs:
            return None
    except ImageNotFound:
        pass
    say("teaching it this machine's mirrors and certificates")
    engine.images.build(
        fileobj=_tar(context),
        custom_context=True,
        tag=IMAGE,
        labels={INPUTS_LABEL: inputs},
        rm=True,
        forcerm=True,
        network_mode="host",
    )
    return inputs


def _rootfs(engine: DockerClient, say: Callable[[str], None]):  # type: ignore[no-untyped-def]
    from docker.errors import DockerException

    say("asking a registry for it")
    try:
        image = engine.images.pull("debian", tag=SUITE)
    except DockerException:
        return _debootstrap(engine, say)
    repository, tag = ROOTFS.split(":")
    image.tag(repository, tag)
    return image


def _debootstrap(engine: DockerClient, say: Callable[[str], None]):  # type: ignore[no-untyped-def]
    packages.ensure(
        {"debootstrap": "debootstrap"}, "no registry answers: the base image is made here", say
    )
    say("no registry answers: debootstrap")
    root = packages.as_root("run debootstrap")
    mirror = machine.debian_mirrors().main
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    with tempfile.TemporaryDirectory(prefix="cc-ansible-rootfs-", dir="/var/tmp") as scratch:
        tree, archive = Path(scratch, "root"), Path(scratch, "rootfs.tar")
        arguments = ["--variant=minbase", "--include=ca-certificates"]
        if keyring.exists():
            arguments.append(f"--keyring={keyring}")
        check([*root, "debootstrap", *arguments, SUITE, str(tree), *([mirror] if mirror else [])])
        say("importing it")
        check([*root, "rm", "-rf", str(tree / "var/cache/apt"), str(tree / "var/lib/apt/lists")])
        check([*root, "tar", "-C", str(tree), "--numeric-owner", "-cf", str(archive), "."])
        repository, tag = ROOTFS.split(":")
        engine.api.import_image_from_file(str(archive), repository=repository, tag=tag)
        check([*root, "rm", "-rf", str(tree)])
    return engine.images.get(ROOTFS)


def _context() -> dict[str, bytes]:
    """File name to content of the build context of the thin layer."""
    files = {
        "apt.conf": machine.apt_conf().encode(),
        "pip.conf": machine.pip_conf(CA_PATH).encode(),
    }
    if bundle := machine.ca_bundle():
        files["ca.crt"] = bundle.read_bytes()
    mirrors = machine.debian_mirrors()
    if mirrors.main:
        files["debian.sources"] = _sources(mirrors).encode()
    files["Dockerfile"] = _dockerfile(files).encode()
    return files


def _sources(mirrors: machine.Mirrors) -> str:
    stanzas = [(mirrors.main, f"{SUITE} {SUITE}-updates"), (mirrors.security, f"{SUITE}-security")]
    return "\n".join(
        f"Types: deb\nURIs: {uri}\nSuites: {suites}\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        for uri, suites in stanzas
        if uri
    )


def _dockerfile(files: dict[str, bytes]) -> str:
    lines = [
        f"FROM {ROOTFS}",
        "COPY apt.conf /etc/apt/apt.conf.d/90machine",
        "COPY pip.conf /etc/pip.conf",
    ]
    if "ca.crt" in files:
        lines.append(f"COPY ca.crt {CA_PATH}")
    if "debian.sources" in files:
        lines += [
            "RUN rm -f /etc/apt/sources.list",
            "COPY debian.sources /etc/apt/sources.list.d/debian.sources",
        ]
    return "\n".join([*lines, ""])


def _tar(files: dict[str, bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    buffer.seek(0)
    return buffer
