"""Broken sites, each written as what differs from a valid one.

A case is a YAML file below ``cases/``:

- ``base``: the valid site it starts from (a directory below ``valid/``);
- ``append``, ``write``: file -> text to add at its end, or to be its whole content;
- ``replace``: file -> {old text: new text}; the old text must be there once;
- ``bytes``: file -> text that is written as Latin-1; ``links``: file -> what it is a link to;
  ``directories``: directories to make;
- ``certificates``: file -> what :mod:`pki` makes for it; null where there is to be none;
- ``remove``: files; ``modes``: file -> octal mode; ``git``: files to be tracked by git;
- ``expect``: {rule, file, line} of findings whose line cannot carry a marker.

A marker ``# <- rule`` ends the line at which a finding of that rule is expected (several rules
are separated by commas). Findings must equal what is expected, no more and no less.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pki
import yaml
from secretsof import FILES, Secrets

HERE = Path(__file__).parent
HAPROXY = "certificates/haproxy.pem"
TLS = re.compile(r"^kolla_enable_tls_external: true", re.MULTILINE)
MARKER = re.compile(r"\s*[#;] <- (?P<rules>[\w, -]+?)\s*$")

Expected = tuple[str, str, int | None]
"""Rule, file below the site, line."""


@dataclass(frozen=True)
class Case:
    """One broken site."""

    name: str
    content: dict[str, Any]

    def build(self, target: Path, secrets: Secrets) -> set[Expected]:
        """Write the site to ``target``; returns what must be found in it."""
        _copy(str(self.content.get("base", "independent")), target)
        for name, text in self.content.get("write", {}).items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(text)
        for name, text in self.content.get("append", {}).items():
            before = (target / name).read_text() if (target / name).exists() else ""
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(before + text)
        for name, changes in self.content.get("replace", {}).items():
            text = (target / name).read_text()
            for old, new in changes.items():
                assert text.count(old) == 1, f"{self.name}: {old!r} is not once in {name}"
                text = text.replace(old, new)
            (target / name).write_text(text)
        removed = set(self.content.get("remove", []))
        _remove(target, removed - {*FILES})
        secrets.write(target)
        _remove(target, removed & {*FILES})
        self._make_other_files(target)
        for name, mode in self.content.get("modes", {}).items():
            (target / name).chmod(int(str(mode), 8))
        if tracked := self.content.get("git"):
            git(target, "init", "--quiet")
            git(target, "add", "--force", *tracked)
        return _markers(target) | {
            (entry["rule"], entry["file"], entry.get("line"))
            for entry in self.content.get("expect", [])
        }

    def _make_other_files(self, target: Path) -> None:
        """What is no text."""
        for name, text in self.content.get("bytes", {}).items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(text.encode("latin-1"))
        for name, specification in self.content.get("certificates", {}).items():
            if specification is None:
                (target / name).unlink()
            else:
                certificate(target / name, specification)
        if HAPROXY not in self.content.get("certificates", {}):
            default_certificate(target)
        for name in self.content.get("directories", []):
            (target / name).mkdir(parents=True)
        for name, to in self.content.get("links", {}).items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).symlink_to(to)


def cases() -> list[Case]:
    """Every case, by name."""
    root = HERE / "cases"
    return [
        Case(str(file.relative_to(root).with_suffix("")), yaml.safe_load(file.read_text()))
        for file in sorted(root.rglob("*.yml"))
    ]


def valid_names() -> list[str]:
    """The valid sites."""
    return sorted(path.name for path in (HERE / "valid").iterdir())


def _remove(site: Path, names: set[str]) -> None:
    for name in names:
        place = site / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()


def valid_site(name: str, target: Path, secrets: Secrets) -> None:
    """Copy a valid site, with the secrets and the vault password that every site has."""
    _copy(name, target)
    secrets.write(target)


def _copy(name: str, target: Path) -> None:
    """Copy a valid site.

    Its ``certificates.yml``, as in a case, says which certificates it has.
    """
    shutil.copytree(HERE / "valid" / name, target)
    wanted = target / "certificates.yml"
    if wanted.exists():
        for file, specification in yaml.safe_load(wanted.read_text()).items():
            certificate(target / file, specification)
        wanted.unlink()
    default_certificate(target)


def default_certificate(target: Path) -> None:
    """A site that speaks TLS outside has a certificate, unless a case takes it away."""
    file, defaults = target / HAPROXY, target / "defaults.yml"
    text = defaults.read_text(errors="replace") if defaults.is_file() else ""
    if TLS.search(text) and not file.exists():
        certificate(file, {})


def certificate(file: Path, specification: dict[str, Any]) -> None:
    """Write certificates and keys, readable by their owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(pki.make(specification))


def git(directory: Path, *words: str) -> None:
    """Run git there, whatever the user's own configuration says."""
    subprocess.run(["git", "-C", str(directory), *words], check=True, capture_output=True)


def _markers(site: Path) -> set[Expected]:
    found: set[Expected] = set()
    for file in sorted(path for path in site.rglob("*") if path.is_file()):
        if ".git" in file.relative_to(site).parts:
            continue
        text = file.read_text(errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if marker := MARKER.search(line):
                rules = marker["rules"].replace(",", " ").split()
                found |= {(rule, str(file.relative_to(site)), number) for rule in rules}
    return found
