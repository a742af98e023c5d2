"""One stage made with diskimage-builder: the whole root file system as an archive.

diskimage-builder would also make a file system on a loop device; the element cc-build says that
there is none.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.appliances import inside, trouble
from cc_ansible.engine import machine
from cc_ansible.paths import VENV_BIN
from cc_ansible.runs.process import check, spawn

if TYPE_CHECKING:
    from cc_ansible.appliances.elements import Elements
    from cc_ansible.appliances.stages import Stage

DEB_ARCH = {"x86_64": "amd64", "aarch64": "arm64"}
GIB = 1 << 30
ROOM = 6 * GIB
"""Bytes of RAM that a build may take for its files; it gets them when twice as much is free."""
PHASES = {
    "root.d": "system",
    "pre-install.d": "preparing",
    "install.d": "packages",
    "post-install.d": "setting up",
    "finalise.d": "cleaning",
    "cleanup.d": "cleaning",
}
PROGRAMS = {
    "debootstrap": "debootstrap",
    "mmdebstrap": "mmdebstrap",
    "sudo": "sudo",
    "zstd": "zstd",
    "unshare": "util-linux",
    "file": "file",
    "cpio": "cpio",
}
"""Commands and the packages that bring them."""
KEPT_LINES = 400
CA_INSIDE = "/tmp/cc-build/ca.pem"  # noqa: S108
"""Where the element cc-build puts this machine's certificates during a build."""


@dataclass(frozen=True)
class Place:
    """Directories of one build: ``out`` gets what is made, ``work`` is gone afterwards.

    ``cache`` keeps downloads; only one build at a time may use it. ``log`` gets all that is said.
    """

    out: Path
    work: Path
    cache: Path
    log: Path


def make(
    stage: Stage,
    system: tuple[str, str],
    elements: Elements,
    below: Path | None,
    place: Place,
    *,
    say: Callable[[str], None],
    cancel: threading.Event | None = None,
    run_id: str = "",
) -> None:
    """Make ``root.tar.zst`` (of a ramdisk ``image.kernel`` and ``image.initramfs``) in ``out``.

    ``system`` is a distribution and its release, ``below`` the archive of the stage below.

    :raises RunFailed: the build failed; the message says in which stage and why.
    :raises Interrupted: stopped by the user.
    """
    env = environment(stage, system, elements, below, place)
    argv = inside.command(
        [str(VENV_BIN / "disk-image-create"), *arguments(stage, place)],
        place.work,
        room(),
        "build images",
    )
    seen = _Seen(say)
    with place.log.open("w", encoding="utf-8") as log:

        def take(stream: str, line: str) -> None:
            log.write(f"{line}\n")
            seen.line(line)

        code = spawn(argv, on_line=take, env=env, cancel=cancel, run_id=run_id)
    if code:
        raise trouble.explain(stage, seen.hook, seen.lines, place.log)
    if stage.kind != "ramdisk":
        _compress(place.out)


def room() -> int:
    """Bytes of RAM that a build may use for its files; 0 when memory is short."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    known = dict(line.split(":", 1) for line in lines)
    available = int(known["MemAvailable"].split()[0]) << 10
    return ROOM if available > 2 * ROOM else 0


class _Seen:
    """What the build is at, out of what diskimage-builder prints."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.hook = ""
        self.lines: list[str] = []
        self._say = say

    def line(self, line: str) -> None:
        self.lines = [*self.lines[-KEPT_LINES:], line]
        marker = "dib-run-parts Running "
        if marker not in line:
            return
        hook = Path(line.partition(marker)[2].strip())
        self.hook = f"{hook.parent.name}/{hook.name}"
        self._say(PHASES.get(hook.parent.name, "preparing"))


def arguments(stage: Stage, place: Place) -> list[str]:
    """Those of disk-image-create."""
    packages = ["-p", ",".join(stage.packages)] if stage.packages else []
    kind = "tar" if stage.kind != "ramdisk" else "qcow2"
    return [
        *("-a", DEB_ARCH[stage.arch]),
        *("-t", kind),
        *("-o", str(place.out / ("image" if stage.kind == "ramdisk" else "root"))),
        "--no-tmpfs",
        *packages,
        "-n",
        *stage.elements,
    ]


def environment(
    stage: Stage, system: tuple[str, str], elements: Elements, below: Path | None, place: Place
) -> Mapping[str, str]:
    """Nothing of the caller's but how this machine reaches the network, so that builds agree."""
    kept = ("PATH", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SOURCE_DATE_EPOCH")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    found |= {
        "PATH": f"{VENV_BIN}:{found.get('PATH', os.defpath)}:/usr/sbin:/sbin",
        "HOME": str(place.work),
        "USER": "root",
        "LC_ALL": "C.UTF-8",
        "TMP_DIR": str(place.work),
        "TMPDIR": str(place.work),
        "ELEMENTS_PATH": elements.path,
        "DIB_RELEASE": system[1],
        "DIB_IMAGE_CACHE": str(place.cache),
        "DIB_LOCKFILES": str(place.cache / "locks"),
        "DIB_NO_TIMESTAMP": "1",
        "DIB_PYTHON_EXEC": str(VENV_BIN / "python"),
        "DISTRO_NAME": system[0],
        "CC_BUILD_SETTINGS": str(_settings(place.cache / "settings")),
        "CC_APPLIANCE": stage.appliance,
        "CC_APPLIANCE_VERSION": stage.version,
        "CC_APPLIANCE_ARCH": stage.arch,
    }
    if system[0] == "debian":
        mirrors = machine.debian_mirrors()
        known = {
            "DIB_DISTRIBUTION_MIRROR": mirrors.main,
            "DIB_DEBIAN_SECURITY_MIRROR": mirrors.security,
        }
        found |= {name: value for name, value in known.items() if value}
    if below:
        found["CC_ROOT_TAR"] = str(below)
    return {**found, **stage.environment}


def _settings(directory: Path) -> Path:
    """How this machine reaches mirrors, for the element cc-build."""
    directory.mkdir(exist_ok=True)
    (directory / "apt.conf").write_text(machine.apt_conf())
    (directory / "pip.conf").write_text(machine.pip_conf(CA_INSIDE))
    if bundle := machine.ca_bundle():
        (directory / "ca.pem").write_bytes(bundle.read_bytes())
    return directory


def _compress(out: Path) -> None:

    check(
        ["zstd", "-q", "-1", "-T0", "--rm", str(out / "root.tar"), "-o", str(out / "root.tar.zst")]
    )
