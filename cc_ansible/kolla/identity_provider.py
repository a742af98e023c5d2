"""The identity provider of an associate site, as files that Kolla-Ansible takes to Keystone.

Apache's module for OpenID Connect finds a provider in files that are called like its issuer;
Kolla-Ansible renders and copies them. See the wiki of mod_auth_openidc, "Multiple Providers".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import known
from cc_ansible.site.load import Site
from cc_ansible.site.survey import Survey
from cc_ansible.site.values import Unknown, Values

FEDERATED = ("associate", "part-time")
DIRECTORY = Path("keystone", "federation")
ENDPOINTS = {
    "authorization_endpoint": "auth",
    "token_endpoint": "token",
    "userinfo_endpoint": "userinfo",
    "introspection_endpoint": "token/introspect",
    "end_session_endpoint": "logout",
    "jwks_uri": "certs",
}
"""Where Keycloak answers what, below ``protocol/openid-connect/`` of a realm."""
CLIENT = """\
{% set client = {'client_id': keystone_idp_client_id} %}
{% if keystone_idp_client_secret | default('', true) %}
{% set client = client | combine({'client_secret': keystone_idp_client_secret | string}) %}
{% endif %}
{{ client | to_nice_json }}
"""


def write(site: Site, config: Path) -> None:
    """For a site whose users come from an identity provider, its files below ``config``.

    The client's secret is only named: no secret is ever here in plain. A ``mapping.json`` that
    the site has there stays.

    Raises:
        SiteInvalid: the provider's address or domain cannot be told without a host.
    """
    if site.scenario not in FEDERATED:
        return
    values = Values(Survey(site.path, site.project), known)
    client = values.raw("keystone_idp_client_id")
    if client is None or client.value in (None, ""):
        return
    issuer = _text(values, "identity_provider_url").rstrip("/")
    domain = _text(values, "identity_provider_domain_name")
    metadata = config / DIRECTORY / "metadata"
    metadata.mkdir(parents=True, exist_ok=True)
    name = quote(issuer.partition("://")[2], safe="")
    for kind, text in (("provider", provider(issuer)), ("client", CLIENT), ("conf", "{}\n")):
        (metadata / f"{name}.{kind}").write_text(text)
    own = config / DIRECTORY / "mapping.json"
    if not own.exists():
        own.write_text(json.dumps(mapping(domain), indent=2) + "\n")


def provider(issuer: str) -> str:
    """What a realm of Keycloak tells about itself."""
    base = f"{issuer}/protocol/openid-connect/"
    places = {name: base + path for name, path in ENDPOINTS.items()}
    return json.dumps({"issuer": issuer, **places}, indent=2) + "\n"


def mapping(domain: str) -> list[dict[str, Any]]:
    """Rules of Keystone: who a user is, and in which projects.

    Apache makes one JSON text of the names of projects (see ``kolla/edits.py``); without any, the
    first rule does not hold.
    """
    here = {"name": domain}
    user = {"name": "{0}", "email": "{1}", "domain": here}
    claims = [{"type": "OIDC-preferred_username"}, {"type": "OIDC-email"}]
    return [
        {
            "local": [{"user": user, "domain": here, "projects_json": "{2}"}],
            "remote": [*claims, {"type": "HTTP_OIDC_PROJECTS"}],
        },
        {"local": [{"user": user, "domain": here}], "remote": claims},
    ]


def _text(values: Values, name: str) -> str:
    try:
        return str(values.get(name))
    except Unknown as unknown:
        raise SiteInvalid(
            f"{name} cannot be told before a run.",
            fix="Write it without facts of hosts.",
            origin=values.origin(name),
        ) from unknown
