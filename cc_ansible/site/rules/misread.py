"""Numbers that YAML reads as others than they look: 10:50 is 650 to it, 0200 is 128."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import yamlfile
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.net import plan
from cc_ansible.site.subject import Subject
from cc_ansible.site.yamlfile import Document, KeyPath

NESTED = (plan.NETWORKS, plan.SWITCHES, plan.LEGACY_SWITCHES)
MODES = ("_mode", "_umask", "_permissions")
MISREAD = error("misread-number", "Numbers are to YAML what they look like")

_WRITTEN = re.compile(
    r"(?:[\"']?[\w.-]+[\"']?\s*:\s+)?(?P<text>[0-9]+(?::[0-9]+)+|0[0-9]+)\s*(?:[#,\]}]|$)"
)


def numbers(subject: Subject) -> Iterator[Finding]:
    """Numbers that are others to YAML."""
    return iter(subject.once(_found))


def places(subject: Subject) -> set[Origin | None]:
    """Where such numbers stand; what else is wrong there follows from it."""
    return {finding.origin for finding in numbers(subject)}


def _found(subject: Subject) -> list[Finding]:
    return [
        finding
        for source in subject.survey.sources
        if source.of_site
        for finding in _in_document(source.document)
    ]


def _in_document(document: Document) -> Iterator[Finding]:
    lines: list[str] | None = None
    for path, origin in document.origins.items():
        if not path or not _matters(path):
            continue
        value = _at(document.value, path)
        if not isinstance(value, int) or isinstance(value, bool) or not origin.line:
            continue
        if lines is None:
            lines = _lines(document)
        text = lines[origin.line - 1][(origin.column or 1) - 1 :] if lines else ""
        if match := _WRITTEN.match(text):
            yield _finding(match["text"], value, origin)


def _finding(text: str, value: int, origin: Origin) -> Finding:
    fix = f'Put it in quotes: "{text}".' if ":" in text else f"Write {text.lstrip('0') or '0'}."
    why = "Numbers with a colon are base 60." if ":" in text else "A leading zero means octal."
    return MISREAD.broken(f"YAML reads {text} as {value}.", origin, detail=why, fix=fix)


def _matters(path: KeyPath) -> bool:
    """Whether a number is a mistake there; deep in values of others it may be a file mode."""
    name = str(path[0])
    return name in NESTED or (len(path) == 1 and not name.endswith(MODES))


def _at(value: object, path: KeyPath) -> object:
    for step in path:
        value = value.value if isinstance(value, yamlfile.Tagged) else value
        try:
            value = value[step]  # type: ignore[index]
        except (LookupError, TypeError):
            return None
    return value


def _lines(document: Document) -> list[str]:
    try:
        return yamlfile.read_text(document.file).splitlines()
    except SiteInvalid:
        return []
