"""Rules about the secrets that variables and hardware files name in templates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import yamlfile
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.leaves import leaves
from cc_ansible.site.names import is_secret, nearest
from cc_ansible.site.values import is_template, references
from cc_ansible.site.yamlfile import Document

UNDEFINED_SECRET = error("undefined-secret", "Secrets that templates name exist")

ALIKE = 0.85
"""Names of secrets have most of their letters in common: bmc_password, om_rpc_password."""

_NAMED = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*[}|]")


def files(site: Path) -> list[Path]:
    """The files of a site whose values may name secrets, beside its variables."""
    places = (site / "hardware", site / "images")
    return [file for place in places for file in sorted(place.rglob("*.y*ml")) if file.is_file()]


def undefined(
    site: Path, documents: Iterable[Document], passwords: Collection[str], others: Collection[str]
) -> Iterator[Finding]:
    """Names that no variable and no password has, once each, where they are first written."""
    defined = {*passwords, *others}
    in_files = (found for file in files(site) for found in _named(file))
    told: set[str] = set()
    for name, origin in [*in_files, *_in_variables(documents, passwords)]:
        if name not in defined and name not in told:
            told.add(name)
            close = nearest(name, defined, ALIKE)
            yield UNDEFINED_SECRET.broken(
                f"There is no secret {name}.",
                origin,
                fix=f"Did you mean `{close}`?"
                if close
                else f"Add {name} with `cc-ansible passwords edit`.",
            )


def _in_variables(
    documents: Iterable[Document], passwords: Collection[str]
) -> Iterator[tuple[str, Origin]]:
    """What is called like a secret; other variables a run may make."""
    for document in documents:
        for path, leaf in leaves(document.value):
            for name in sorted(references(leaf)) if is_template(leaf) else ():
                if is_secret(name) or nearest(name, passwords, ALIKE):
                    yield name, document.origin(*path)


def _named(file: Path) -> Iterable[tuple[str, Origin]]:
    try:
        lines = yamlfile.read_text(file).splitlines()
    except SiteInvalid:
        return  # told where the file is read
    for number, line in enumerate(lines, start=1):
        if "{{" in line and not line.lstrip().startswith("#"):
            for match in _NAMED.finditer(line):
                yield match[1], Origin(file, number, match.start() + 1)
