"""Builds of images against plain `disk-image-create` with the same elements and packages.

python -m tests.bench.appliances

The plain ones make an archive of the root file system only; ours also write a bootable disk, and
the lists of what is in it. Each ratio is printed twice: of the whole, and up to the archive, which
is the same work. Both use the same mirror; the first of each also downloads its packages.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from cc_ansible.appliances import catalogue, tree
from cc_ansible.appliances.stages import Stage, of
from cc_ansible.appliances.store import Store
from cc_ansible.paths import PROJECT, VENV_BIN

CC_ANSIBLE = str(PROJECT / "cc-ansible")
BASE = {
    "name": "bench-base",
    "base": {"distro": "debian", "release": "trixie"},
    "elements": ["chi-common", "chi-snapshot"],
}
VARIANT = {"name": "bench-variant", "extends": "bench-base", "elements": ["chi-clients"]}


def define(place: Path, *packages: str) -> None:
    """Have the two appliances; ``packages`` are those of the variant."""
    (place / "images").mkdir(exist_ok=True)
    appliances = [BASE, {**VARIANT, "packages": list(packages)}]
    (place / "images" / "bench.yml").write_text(yaml.safe_dump({"appliances": appliances}))


@dataclass(frozen=True)
class Took:
    """Seconds of a build of ours: of all of it, and of writing the disk."""

    whole: float
    disk: float = 0.0

    @property
    def archive(self) -> float:
        return self.whole - self.disk


def ours(place: Path, name: str) -> Took:
    """Build an image by its name."""
    start = time.monotonic()
    argv = [CC_ANSIBLE, "appliance", "-d", str(place), "build", name]
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    whole = time.monotonic() - start
    if "up to date" in done.stdout:
        return Took(whole)
    built = Store().latest(f"{name}-x86_64")
    assert built
    return Took(whole, built.about["seconds"][f"{name} disk"])


def plain(place: Path, name: str, scratch: Path) -> float:
    """Seconds of one disk-image-create with everything of all its layers."""
    found = catalogue.load(place)
    (wanted,) = [each for each in found.definitions if each.name == name]
    root, *layers = [stage for stage in of(wanted, found.elements) if stage.kind != "disk"]
    names = dict.fromkeys(
        element
        for stage in (root, *layers)
        for element in stage.elements
        if element not in ("cc-root",)
    )
    packages = sorted({each for stage in (root, *layers) for each in stage.packages})
    whole = Stage("root", name, "x86_64", tuple(names), tuple(packages), {}, root.inputs, None)
    with tempfile.TemporaryDirectory(dir=scratch) as directory:
        out, work = Path(directory, "out"), Path(directory, "work")
        where = tree.Place(out, work, scratch / "cache", out / "build.log")
        for path in (where.out, where.work, where.cache):
            path.mkdir(exist_ok=True)
        start = time.monotonic()
        env = tree.environment(whole, ("debian", "trixie"), found.elements, None, where)
        # As it comes, it builds in RAM where there is enough.
        words = [word for word in tree.arguments(whole, where) if word != "--no-tmpfs"]
        _run([str(VENV_BIN / "disk-image-create"), *words], env)
        return time.monotonic() - start


def _run(argv: Sequence[str], env: Mapping[str, str]) -> None:
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=env)
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])


def row(name: str, took: Took, than: float) -> None:
    ratios = f"{than / took.whole:6.1f} x whole  {than / took.archive:6.1f} x to the archive"
    print(f"{name:<26} {took.whole:6.1f} s  plain {than:6.1f} s {ratios}", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        scratch = Path(directory)
        os.environ["CC_ANSIBLE_STATE_DIR"] = str(scratch / "state")
        place = scratch / "definitions"
        place.mkdir()
        define(place)
        base = plain(place, "bench-base", scratch)
        row("cold build", ours(place, "bench-base"), base)
        again = statistics.median(ours(place, "bench-base").whole for _ in range(3))
        row("unchanged", Took(again), base)
        variant = plain(place, "bench-variant", scratch)
        row("variant of a built base", ours(place, "bench-variant"), variant)
        define(place, "tmux")
        changed = plain(place, "bench-variant", scratch)
        row("one package more", ours(place, "bench-variant"), changed)


if __name__ == "__main__":
    main()
