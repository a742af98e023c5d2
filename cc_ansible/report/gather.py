"""Asks everything there is to ask about a site, side by side, and never fails at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cc_ansible.kolla import known, release
from cc_ansible.report import alerts, clean, hosts, kept, lending, ran, together
from cc_ansible.report.facts import About, Answer, Facts
from cc_ansible.runs import journal
from cc_ansible.runs.redact import Redactor
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

if TYPE_CHECKING:
    from cc_ansible.site.load import Site

PATIENCE = 10.0
"""Seconds after which a service that has not answered is said not to answer."""


@dataclass(frozen=True)
class Looked:
    """What was found, ready to be shown, and how other text of the site is made so."""

    facts: Facts
    subject: Subject
    redact: Callable[[str], str]


def look(site: Site, patience: float = PATIENCE) -> Looked:
    """Everything about a site now. What cannot be asked says so in the place of its answer."""
    from cc_ansible.hardware import windows

    now = windows.this_minute()
    subject = Subject(Survey(site.path), known)
    # Read before threads need it: Ansible's parser is made for one of them.
    _ = subject.survey.inventory
    found: dict[str, Any] = together.ask(
        {
            "hidden": lambda: _hidden(site),
            "hardware": lambda: lending.hardware(site, subject, now),
            "leases": lambda: lending.leases(site),
            "alerts": lambda: alerts.ask(site, subject),
        },
        {
            "journal": lambda: ran.read(site.state_dir),
            "certificates": lambda: kept.certificates(site.certificates_dir),
            "verification": lambda: kept.verification(site.state_dir),
            "seen": lambda: hosts.look(site, subject),
        },
        patience,
    )
    hidden, seen = found.pop("hidden"), found.pop("seen")
    if seen.value:
        found |= {"hosts": Answer(seen.value.hosts), "clusters": seen.value.clusters}
    else:
        found["hosts"] = seen
    facts = Facts(about(site, subject), now, **found)
    return shown(facts, subject, hidden)


def shown(facts: Facts, subject: Subject, hidden: Answer[Redactor]) -> Looked:
    """The same without secrets; without words of others where secrets are not known."""
    if hidden.value is None:
        facts = clean.without_words(facts)
    redact = hidden.value.text if hidden.value else str
    return Looked(clean.every(facts, redact), subject, redact)


def about(site: Site, subject: Subject) -> About:
    """What the site config says of the site itself."""
    commit, dirty = journal.git_state(site.path)

    def text(name: str) -> str:
        return str(subject.values.known_or("", name))

    internal = text("kolla_internal_vip_address")
    return About(
        site.name,
        site.scenario,
        text("openstack_release") or release.OPENSTACK_RELEASE,
        str(site.path),
        commit,
        dirty,
        internal,
        text("kolla_external_fqdn") or text("kolla_external_vip_address") or internal,
    )


def _hidden(site: Site) -> Redactor:
    """What keeps every secret of the site out of a text.

    :raises CcError: one of them cannot be read.
    """
    from cc_ansible.site.secrets import use

    return Redactor(use.take(site).hidden)
