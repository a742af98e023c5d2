"""Rules about the secrets that hardware files name in templates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import yamlfile
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.names import nearest

UNDEFINED_SECRET = error("undefined-secret", "Secrets that hardware names exist")

_NAMED = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*[}|]")


def files(site: Path) -> list[Path]:
    """The files of a site whose values may name secrets, beside its variables."""
    places = (site / "hardware", site / "images")
    return [file for place in places for file in sorted(place.rglob("*.y*ml")) if file.is_file()]


def undefined(site: Path, defined: Collection[str]) -> Iterator[Finding]:
    """Names that no variable and no password has, once each, where they are first written."""
    told: set[str] = set()
    for file in files(site):
        for name, origin in _named(file):
            if name not in defined and name not in told:
                told.add(name)
                close = nearest(name, defined)
                yield UNDEFINED_SECRET.broken(
                    f"There is no secret {name}.",
                    origin,
                    fix=f"Did you mean `{close}`?"
                    if close
                    else f"Add {name} with `cc-ansible passwords edit`.",
                )


def _named(file: Path) -> Iterable[tuple[str, Origin]]:
    try:
        lines = yamlfile.read_text(file).splitlines()
    except SiteInvalid:
        return  # told where the file is read
    for number, line in enumerate(lines, start=1):
        if "{{" in line and not line.lstrip().startswith("#"):
            for match in _NAMED.finditer(line):
                yield match[1], Origin(file, number, match.start() + 1)
