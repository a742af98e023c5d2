"""Horizon: its login page, and a login through it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from cc_ansible.verify import cloud
from cc_ansible.verify.check import Failed, Skipped, Trouble
from cc_ansible.verify.standard.ground import Ground

if TYPE_CHECKING:
    from requests import Response, Session

_INPUT = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'\b(name|value|type)\s*=\s*"([^"]*)"', re.IGNORECASE)
_SELECT = re.compile(r'<select\b[^>]*\bname="([^"]+)".*?<option\b[^>]*\bvalue="([^"]*)"', re.S)
_ALERT = re.compile(r'class="[^"]*(?:alert|help-block)[^"]*"[^>]*>(.*?)</', re.S)
FIX = "See container horizon and /var/log/kolla/horizon; `cc-ansible reconfigure --tags horizon`."


def page(ground: Ground) -> str:
    """The login page comes with a form, at every address of the dashboard."""
    if not ground.dashboards:
        raise Skipped("the site has no Horizon")
    for url in ground.dashboards:
        with _session(ground) as session:
            _form(_opened(session, url))
    return f"{', '.join(ground.dashboards)} have it"


def login(ground: Ground) -> str:
    """The site's admin gets in, so Horizon reaches Keystone and keeps sessions."""
    if not ground.dashboards:
        raise Skipped("the site has no Horizon")
    who = ground.admin.config.get_auth_args()
    url = ground.dashboards[0]
    with _session(ground) as session:
        first = _opened(session, url)
        fields = _form(first)
        fields |= {"username": str(who["username"]), "password": str(who["password"])}
        if "domain" in fields:
            fields["domain"] = str(who.get("user_domain_name") or "Default")
        answer = session.post(
            first.url, data=fields, headers={"Referer": first.url}, timeout=cloud.TIMEOUT
        )
        _fine(answer)
        if "/auth/login" in answer.url:
            found = _ALERT.search(answer.text)
            said = re.sub(r"<[^>]*>|\s+", " ", found[1]).strip() if found else "no reason given"
            cause = "Horizon refuses the login: it does not reach Keystone, or does not keep the "
            cause += "session (memcached)."
            raise Failed(Trouble(html.unescape(said), cause, FIX))
        session.get(f"{url.rstrip('/')}/auth/logout/", timeout=cloud.TIMEOUT)
    return f"{who['username']} gets in at {url}"


def _session(ground: Ground) -> Session:
    import requests

    session = requests.Session()
    verify, _ = ground.admin.config.get_requests_verify_args()
    session.verify = verify
    return session


def _opened(session: Session, url: str) -> Response:
    answer = session.get(f"{url.rstrip('/')}/auth/login/", timeout=cloud.TIMEOUT)
    _fine(answer)
    return answer


def _fine(answer: Response) -> None:
    if answer.status_code >= 500:
        text = f"{answer.url} answers {answer.status_code} {answer.reason}"
        raise Failed(cloud.answered(answer.status_code, text))
    if answer.status_code >= 400:
        text = f"{answer.url} answers {answer.status_code} {answer.reason}"
        cause = "Horizon refuses the request, most often because of its ALLOWED_HOSTS or cookies."
        raise Failed(Trouble(text, cause, FIX))


def _form(answer: Response) -> dict[str, str]:
    """The fields of the login form, as the page fills them in.

    Raises:
        Failed: the page has no such form.
    """
    fields = {}
    for tag in _INPUT.findall(answer.text):
        found = {key.lower(): html.unescape(value) for key, value in _ATTRIBUTE.findall(tag)}
        if "name" in found:
            fields[found["name"]] = found.get("value", "")
    fields |= dict(_SELECT.findall(answer.text))
    if not {"username", "password", "csrfmiddlewaretoken"} <= set(fields):
        cause = f"What answers at {answer.url} is not Horizon's login page."
        raise Failed(Trouble("no login form", cause, FIX))
    return fields
