"""Rules about settings that have a model: their values, and what a scenario needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cc_ansible.site.facts import facts
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.load import SCENARIO_VARIABLE
from cc_ansible.site.model import kolla, read
from cc_ansible.site.model.declared import SETTINGS
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer, Source

INCOMPLETE_SCENARIO = error("incomplete-scenario", "A site says what its scenario needs")
NO_CLIENT_ID = warning("no-client-id", "Users of Chameleon can sign in at an associate site")

FEDERATED = ("associate", "part-time")
CLIENT_ID, SITE_NAME = "keystone_idp_client_id", "chameleon_site_name"
TLS, FQDN = "kolla_enable_tls_external", "kolla_external_fqdn"


def values(subject: Subject) -> Iterator[Finding]:
    """Settings of another type or form than their model asks for, wherever they are set."""
    for source in subject.survey.sources:
        if source.of_site:
            for model in (*SETTINGS, *kolla.MODELS):
                said = source.document.value
                mine = {name: said[name] for name in model.model_fields if name in said}
                if mine:
                    file = source.document.file.name
                    at, render = source.document.origin, _renderer(subject, source)
                    yield from read.entry(model, mine, at, file, render)[1]


def scenario(subject: Subject) -> Iterator[Finding]:
    """A site whose users come from Chameleon has a name, an address and a key for that."""
    if subject.survey.scenario not in FEDERATED or not subject.survey.whole:
        return
    asked = facts(subject)
    if asked.empty(CLIENT_ID):
        yield NO_CLIENT_ID.broken(
            f"The {subject.survey.scenario} site has no {CLIENT_ID}, so no user can sign in.",
            asked.written(CLIENT_ID) or subject.values.origin(SCENARIO_VARIABLE),
            fix=f"Set `{CLIENT_ID}:` to the client id that Chameleon gave to the site.",
        )
    elif _is_refused(subject, "enable_keystone_federation"):
        fix = "Remove the line."
        what = "needs enable_keystone_federation, which is off"
        yield _incomplete(subject, "enable_keystone_federation", what, fix)
    if asked.empty(SITE_NAME):
        fix = f"Set `{SITE_NAME}:` to the site's uid in Chameleon's hardware catalogue."
        yield _incomplete(subject, SITE_NAME, f"has no {SITE_NAME}", fix)
    if subject.values.origin(FQDN) is None:
        fix = f"Set `{FQDN}:` to the DNS name of the site's dashboard and APIs."
        yield _incomplete(subject, FQDN, f"has no {FQDN}", fix)
    if facts(subject).off(TLS):
        fix = f"Set `{TLS}: true`, and put the certificate into certificates/haproxy.pem."
        yield _incomplete(subject, TLS, f"has no TLS ({TLS} is off)", fix)


def _incomplete(subject: Subject, name: str, what: str, fix: str) -> Finding:
    """Where the setting is written, else where the scenario is chosen."""
    place = facts(subject).written(name) or subject.values.origin(SCENARIO_VARIABLE)
    return INCOMPLETE_SCENARIO.broken(f"The {subject.survey.scenario} site {what}.", place, fix=fix)


def _is_refused(subject: Subject, flag: str) -> bool:
    """Whether the site itself turns a flag off."""
    asked = facts(subject)
    return asked.off(flag) and asked.written(flag) is not None


def _renderer(subject: Subject, source: Source) -> Callable[[Any], Any]:
    host = source.scope if source.layer is Layer.HOST else None
    return lambda value: subject.values.render(value, host)
