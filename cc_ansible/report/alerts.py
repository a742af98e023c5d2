"""What monitoring complains of now, asked of Alertmanager.

API: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import CcError, RunFailed
from cc_ansible.report.facts import Alert
from cc_ansible.report.moments import moment

if TYPE_CHECKING:
    from cc_ansible.site.load import Site
    from cc_ansible.site.subject import Subject

SWITCH = "enable_prometheus_alertmanager"
QUERY = {"active": "true", "silenced": "false", "inhibited": "false"}
TIMEOUT = 5
RANK = {"critical": 0, "error": 1, "warning": 2}
ALWAYS_FIRES = "Watchdog"
"""An alert that only says that alerting works."""


def ask(site: Site, subject: Subject) -> list[Alert]:
    """Alerts that nobody silenced, the worst first.

    :raises CcError: the site has no monitoring, or it cannot be asked.
    """
    import requests

    from cc_ansible.hardware import credentials
    from cc_ansible.site.secrets import use

    if subject.values.enabled(SWITCH) is not True:
        raise CcError(f"this site has no monitoring: {SWITCH} is not on")
    passwords = use.take(site).passwords
    user = str(subject.values.known_or("admin", "prometheus_alertmanager_user"))
    login = (user, str(passwords.get("prometheus_alertmanager_password", "")))
    where = url(subject)
    verify = True
    if where.startswith("https:"):
        entry = credentials.looking(site.state_dir).entry
        verify = entry.get("cacert") or entry.get("verify", True)
    try:
        answer = requests.get(where, QUERY, auth=login, timeout=TIMEOUT, verify=verify)
        answer.raise_for_status()
        return read(answer.json())
    except (requests.RequestException, ValueError) as problem:
        said = (str(problem).splitlines() or [repr(problem)])[0]
        raise RunFailed("Alertmanager does not answer.", detail=said) from None


def url(subject: Subject) -> str:
    """Where Alertmanager answers inside of the site.

    :raises CcError: only a run knows it.
    """
    value = subject.values.known_or
    address = str(value("", "kolla_internal_fqdn") or value("", "kolla_internal_vip_address"))
    if not address:
        raise CcError("only a run knows the address of Alertmanager")
    try:
        host = f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
    except ValueError:
        host = address
    scheme = "https" if subject.values.enabled("kolla_enable_tls_internal") else "http"
    return f"{scheme}://{host}:{value('9093', 'prometheus_alertmanager_port')}/api/v2/alerts"


def read(said: Any) -> list[Alert]:
    """Alerts out of Alertmanager's answer; what is none is left out.

    :raises ValueError: it is no list.
    """
    if not isinstance(said, list):
        raise ValueError("its answer is no list of alerts")
    found = [_alert(each) for each in said if isinstance(each, Mapping)]
    wanted = [alert for alert in found if alert.name != ALWAYS_FIRES]
    return sorted(wanted, key=lambda one: (RANK.get(one.severity, len(RANK)), one.name))


def _alert(said: Mapping[str, Any]) -> Alert:
    labels, notes = (_map(said.get(key)) for key in ("labels", "annotations"))
    told = _first(notes, ("summary", "description", "title"))
    where = _first(labels, ("instance", "host", "node"))
    return Alert(
        str(labels.get("alertname", "alert")),
        str(labels.get("severity", "")),
        told or where,
        moment(said.get("startsAt")),
    )


def _first(found: Mapping[str, Any], keys: Iterable[str]) -> str:
    return next((str(found[key]) for key in keys if found.get(key)), "")


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
