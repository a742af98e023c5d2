"""Build Kolla images with kolla-build, and only those whose inputs changed.

An image's inputs are its rendered Dockerfile and context, its sources and its parent's
inputs. Their digest is kept beside the id of the image that came of it; an image is up to
date when both still hold. When nothing at all changed, nothing is even rendered.
"""

from __future__ import annotations

import configparser
import contextlib
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.engine import base_image
from cc_ansible.errors import RunFailed
from cc_ansible.kolla import own_services, release, sources
from cc_ansible.kolla import profile as build_profile
from cc_ansible.kolla.profile import Profile
from cc_ansible.paths import VENV_BIN, state_dir
from cc_ansible.runs import journal, lock
from cc_ansible.runs.process import spawn

if TYPE_CHECKING:
    from docker import DockerClient

NAMESPACE = "kolla"
THREADS = 2
ASIDE = "cc-ansible/previous"


@dataclass
class Build:
    """One build of ``names`` under ``tag``; ``say`` gets a line for each thing that happens."""

    engine: DockerClient
    names: list[str]
    tag: str
    say: Callable[[str], None]
    home: Path = field(default_factory=lambda: state_dir() / "build")
    profile: Profile = field(default_factory=build_profile.load)
    run_id: str = field(default_factory=lambda: journal.new_id("build"))

    @property
    def ledger_file(self) -> Path:
        return self.home / f"images-{self.tag}.json"

    def reference(self, name: str) -> str:
        return f"{NAMESPACE}/{name}:{self.tag}"

    def run(self) -> list[str]:
        """Build what is missing or out of date; returns the names of the images built.

        Raises:
            RunFailed: a source cannot be fetched or kolla-build fails.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with lock.hold(self.home, self.run_id, "build images", self.say):
            return self._run()

    def _run(self) -> list[str]:
        ledger = self._ledger()
        if ledger.get("fingerprint") == self._fingerprint() and self._all_present(ledger["images"]):
            return []
        with tempfile.TemporaryDirectory(prefix="render-", dir=self.home) as scratch:
            config = self._configure(Path(scratch))
            digests = self._digests(config, Path(scratch))
        stale = [
            name
            for name, digest in digests.items()
            if not self._current(name, digest, ledger["images"].get(name))
        ]
        if stale:
            self._kolla_build(stale, digests)
        self._record(digests, self._fingerprint())
        return stale

    # What is there already

    def _ledger(self) -> dict:  # type: ignore[type-arg]
        try:
            return dict(json.loads(self.ledger_file.read_text()))
        except (OSError, ValueError):
            return {"fingerprint": None, "images": {}}

    def _image_id(self, name: str) -> str | None:
        from docker.errors import ImageNotFound

        try:
            return str(self.engine.images.get(self.reference(name)).id)
        except ImageNotFound:
            return None

    def _current(self, name: str, digest: str, known: dict[str, str] | None) -> bool:
        return known is not None and known == {"inputs": digest, "id": self._image_id(name)}

    def _all_present(self, known: dict[str, dict[str, str]]) -> bool:
        return all(
            name in known and known[name]["id"] == self._image_id(name) for name in self.names
        )

    def _record(self, digests: dict[str, str], fingerprint: str | None) -> None:
        """Write down what is current now; images of earlier builds stay known."""
        images = self._ledger()["images"]
        for name, digest in digests.items():
            if image := self._image_id(name):
                images[name] = {"inputs": digest, "id": image}
        scratch = self.ledger_file.with_suffix(".new")
        scratch.write_text(json.dumps({"fingerprint": fingerprint, "images": images}, indent=1))
        scratch.rename(self.ledger_file)

    def _fingerprint(self) -> str:
        """Digest of everything an image could depend on, without rendering anything."""
        parts: list[object] = [release.versions()["kolla"], self.tag, sorted(self.names)]
        parts.append(self.engine.images.get(base_image.IMAGE).id)
        for top in (build_profile.DIRECTORY, build_profile.DOCKER_DIR):
            files = sorted(path for path in top.rglob("*") if path.is_file())
            parts += [(top.name, str(path.relative_to(top)), path.read_bytes()) for path in files]
        parts += [(name, path.read_bytes()) for name, path in own_services.files()]
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    # Rendering

    def _configure(self, scratch: Path, archives: dict[str, Path] | None = None) -> Path:
        """Write kolla-build.conf; without archives it is good for rendering only."""
        from kolla.common.sources import SOURCES

        own = own_services.docker_dir(self.profile, scratch / "own")
        config = configparser.ConfigParser(interpolation=None)
        config["DEFAULT"] = {
            "base": release.BASE_DISTRO,
            "base_image": base_image.REPOSITORY,
            "base_tag": base_image.SUITE,
            "openstack_release": release.OPENSTACK_RELEASE,
            "namespace": NAMESPACE,
            "tag": self.tag,
            "threads": str(THREADS),
            "retries": "1",
            "pull": "false",
            "network_mode": "host",
            "docker_dir": str(own),
            "template_override": str(build_profile.TEMPLATE_OVERRIDES),
            "repos_yaml": str(self._repositories(scratch)),
            "logs_dir": str(self.home / "logs"),
            "summary_json_file": str(self.home / "summary.json"),
            "work_dir": str(scratch),
        }
        local = {
            "openstack-base": scratch / "requirements",
            "kolla-toolbox": scratch / "requirements",
        }
        for section in sorted({*SOURCES, *self.profile.sources}):
            config[section] = {"enabled": "false"}
        if archives is not None:
            local |= {s: archives[r] for s, r in self.profile.sources.items() if r in archives}
            local["openstack-base"] = local["kolla-toolbox"] = archives["constraints"]
            local["kolla-toolbox-additions-collections"] = archives["collections"]
        for section, place in local.items():
            config[section] = {"type": "local", "location": str(place)}
        path = scratch / "kolla-build.conf"
        with path.open("w") as file:
            config.write(file)
        return path

    def _repositories(self, scratch: Path) -> Path:
        """Kolla's repos.yaml in which each vendor repository is the distribution itself."""
        import yaml

        source = self.engine.containers.run(
            base_image.IMAGE, ["cat", "/etc/apt/sources.list.d/debian.sources"], remove=True
        ).decode()
        uri = re.search(r"^URIs:\s*(\S+)", source, re.MULTILINE)
        entry = {
            "url": uri[1] if uri else "",
            "suite": release.BASE_SUITE,
            "component": "main",
            "gpg_key": "debian-archive-keyring.gpg",
        }
        path = scratch / "repos.yaml"
        vendors = dict.fromkeys(self.profile.vendor_repositories, entry)
        path.write_text(yaml.safe_dump({release.BASE_DISTRO: vendors}))
        return path

    def _digests(self, config: Path, scratch: Path) -> dict[str, str]:
        """Inputs digest of every wanted image and its ancestors, parents first."""
        self.say("rendering Dockerfiles")
        self._command(config, "--template-only", log="render")
        contexts = {path.parent.name: path.parent for path in scratch.glob("docker/**/Dockerfile")}
        base = str(self.engine.images.get(base_image.IMAGE).id)
        digests: dict[str, str] = {}

        def digest(name: str) -> str:
            if name not in digests:
                parent = _parent(contexts[name])
                above = digest(parent) if parent in contexts else base
                parts = [above, _tree(contexts[name]), *self._source_parts(name)]
                digests[name] = hashlib.sha256(repr(parts).encode()).hexdigest()
            return digests[name]

        unknown = [name for name in self.names if name not in contexts]
        if unknown:
            raise RunFailed(
                f"Kolla {release.versions()['kolla']} has no image called {', '.join(unknown)}",
                fix="switch the service off in defaults.yml, or pull its image from a registry",
            )
        for name in self.names:
            digest(name)
        return digests

    def _source_parts(self, name: str) -> list[str]:
        parts = [f"{section} {pin}" for section, pin in self.profile.sources_of(name).items()]
        if name in ("openstack-base", "kolla-toolbox"):
            parts.append(hashlib.sha256(build_profile.CONSTRAINTS.read_bytes()).hexdigest())
        if name == "kolla-toolbox":
            parts += [self.profile.toolbox_ansible, *self.profile.toolbox_collections]
        return parts

    # Building

    def _kolla_build(self, stale: list[str], digests: dict[str, str]) -> None:
        archives = self._archives(stale)
        shutil.rmtree(self.home / "logs", ignore_errors=True)
        (self.home / "logs").mkdir()
        self._set_aside(stale)
        built: set[str] = set()

        def progress(line: str) -> None:
            if match := re.search(
                r"INFO:kolla\.common\.utils\.([\w-]+):(Built at|Building started)", line
            ):
                if match[2] == "Built at":
                    built.add(match[1])
                    self._record({k: v for k, v in digests.items() if k in built}, None)
                self.say(f"{match[1]} ({len(built)} of {len(stale)} built)")

        with tempfile.TemporaryDirectory(prefix="build-", dir=self.home) as scratch:
            config = self._configure(Path(scratch), archives)
            patterns = [f"^{re.escape(name)}$" for name in stale]
            self._command(config, "--skip-existing", *patterns, log="build", on_line=progress)
        self._forget_aside(stale)

    def _archives(self, stale: list[str]) -> dict[str, Path]:
        directory = state_dir() / "sources"
        wanted = [pin for name in stale for pin in self.profile.sources_of(name).values()]
        archives = sources.fetch(wanted, directory, self.say)
        archives["constraints"] = sources.constraints(directory)
        if "kolla-toolbox" in stale:
            archives["collections"] = sources.collections(self.profile, directory, self.say)
        else:
            archives["collections"] = directory
        return archives

    def _set_aside(self, stale: Iterable[str]) -> None:
        """Stale images lose their name, so that --skip-existing means: skip what is current.

        They keep another one until the build is done: their layers are its cache.
        """
        from docker.errors import ImageNotFound

        for name in stale:
            try:
                self.engine.images.get(self.reference(name)).tag(f"{ASIDE}/{name}", self.tag)
                self.engine.images.remove(self.reference(name), noprune=True)
            except ImageNotFound:
                continue

    def _forget_aside(self, stale: Iterable[str]) -> None:
        from docker.errors import ImageNotFound

        for name in stale:
            with contextlib.suppress(ImageNotFound):
                self.engine.images.remove(f"{ASIDE}/{name}:{self.tag}")

    def _command(
        self, config: Path, *arguments: str, log: str, on_line: Callable[[str], None] | None = None
    ) -> None:
        argv = [str(VENV_BIN / "kolla-build"), "--config-file", str(config), *arguments]
        log_file = self.home / f"{log}.log"
        with log_file.open("w") as output:

            def line_seen(_: str, line: str) -> None:
                output.write(line.rstrip("\n") + "\n")
                if on_line:
                    on_line(line)

            code = spawn(argv, on_line=line_seen, run_id=self.run_id)
        if code:
            raise RunFailed(
                _failure(self.home, log_file), fix=f"read {log_file}, then run the build again"
            )


def _parent(context: Path) -> str:
    first = re.search(r"^FROM\s+(\S+)", (context / "Dockerfile").read_text(), re.MULTILINE)
    return first[1].rsplit("/", 1)[-1].rsplit(":", 1)[0] if first else ""


def _tree(context: Path) -> str:
    """Digest of an image's own build context; children of the directory are other images."""
    digest = hashlib.sha256()
    for path in sorted(context.rglob("*")):
        inside = path.relative_to(context).parts
        nested = any(
            (context / Path(*inside[:depth]) / "Dockerfile").exists()
            for depth in range(1, len(inside))
        )
        if path.is_file() and not nested and "__pycache__" not in inside:
            digest.update(f"{'/'.join(inside)} {path.stat().st_mode & 0o111:o}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _failure(home: Path, log_file: Path) -> str:
    """The first failed image and its last words, found where kolla-build leaves them."""
    links = sorted((home / "logs").glob("000_FAILED_*.log"))
    source = links[0] if links else log_file
    lines = [line for line in source.read_text(errors="replace").splitlines() if line.strip()]
    name = source.stem.removeprefix("000_FAILED_") if links else "kolla-build"
    shutil.copyfile(source, home / "failed.log")
    return f"{name} failed to build: " + "\n".join(lines[-12:])
