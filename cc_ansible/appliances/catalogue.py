"""Every appliance of a directory: a site config, or any other with definitions in images/."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cc_ansible.appliances import definition, elements
from cc_ansible.appliances.definition import Definition
from cc_ansible.appliances.elements import Elements
from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import known
from cc_ansible.site.findings import Finding, Severity
from cc_ansible.site.rules import images
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey


@dataclass(frozen=True)
class Catalogue:
    """What can be built, and with which elements; ``path`` is the directory."""

    path: Path
    definitions: tuple[Definition, ...]
    elements: Elements


def load(path: Path) -> Catalogue:
    """Read the definitions of a directory and those of CHI-in-a-Box.

    :raises SiteInvalid: one of them is wrong; the message is the first finding.
    """
    subject = Subject(Survey(path), known)
    wrong = [each for each in images.appliances(subject) if each.severity is Severity.ERROR]
    wrong += [each for each in subject.survey.findings if _of_images(each)]
    if wrong:
        first, more = wrong[0], len(wrong) - 1
        raise SiteInvalid(
            first.summary,
            detail="\n".join([first.detail, f"and {more} more" if more else ""]).strip(),
            fix=first.fix,
            origin=first.origin,
        )
    found = subject.once(images.read)
    return Catalogue(path, tuple(definition.every(found)), elements.elements(path))


def _of_images(finding: Finding) -> bool:
    return finding.origin is not None and images.DIRECTORY in finding.origin.file.parts
