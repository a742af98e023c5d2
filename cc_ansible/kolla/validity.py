"""Is a site config valid? Every rule, those about its secrets included, in one answer."""

from __future__ import annotations

from pathlib import Path

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import known, passwordcheck
from cc_ansible.site import check, findings
from cc_ansible.site.findings import Finding, Severity
from cc_ansible.site.load import load
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

MORE = 5
"""How many further errors a command names before it points to ``validate``."""


def find(path: Path, subject: Subject | None = None) -> list[Finding]:
    """What is wrong with the site config at ``path``, errors first.

    The site is only read; nothing is asked on the network, so secrets on a server stay unseen.
    ``subject`` is the site where the caller goes on to look at it.
    """
    subject = subject or Subject(Survey(path.expanduser().resolve()), known)
    survey = subject.survey
    found = check.of_subject(subject)
    try:
        site = load(path)
    except SiteInvalid as problem:
        told = any(finding.origin == problem.origin for finding in found)
        return findings.ordered(found if told else [*found, findings.from_error(problem)])
    return findings.ordered([*found, *passwordcheck.check(site, survey, ask_server=False)])


def require(path: Path, subject: Subject | None = None) -> None:
    """Refuse to act on a site config with errors; warnings pass. ``subject`` as in `find`.

    Raises:
        SiteInvalid: the first error; its detail names the others.
    """
    errors = [finding for finding in find(path, subject) if finding.severity is Severity.ERROR]
    if errors:
        first, *rest = errors
        also = [f"also {finding.origin}: {finding.summary}" for finding in rest[:MORE]]
        if len(rest) > MORE:
            also.append(f"and {len(rest) - MORE} more; `cc-ansible validate` shows all")
        raise SiteInvalid(
            first.summary,
            detail="\n".join(filter(None, [first.detail, *also])),
            fix=first.fix,
            origin=first.origin,
        )
