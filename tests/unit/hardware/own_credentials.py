"""The application credentials of cc-ansible itself, as roles/cloud_identity makes them."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from jinja2.nativetypes import NativeEnvironment
from keystonemiddleware.auth_token import _path_matches

from cc_ansible.paths import PROJECT

DEFAULTS = PROJECT / "roles" / "cloud_identity" / "defaults" / "main.yml"
TYPES = {"doni": "inventory", "blazar": "reservation", "keystone": "identity"}
Rule = dict[str, str]


@cache
def rules() -> dict[str, list[Rule]]:
    """What each may ask, by its name."""
    said = yaml.safe_load(DEFAULTS.read_text())
    jinja = NativeEnvironment()
    return {
        own["name"]: jinja.from_string(own["access_rules"]).render(**said)
        for own in said["cloud_identity_own"]
    }


def may(name: str, service: str, method: str, path: str) -> bool:
    """Whether keystonemiddleware would let a request through."""
    return any(
        (rule["service"], rule["method"]) == (TYPES[service], method)
        and _path_matches(path, rule["path"])
        for rule in rules()[name]
    )


def clouds(url: str, secret: str) -> dict[str, Any]:
    """The clouds.yaml that post-deploy writes for them."""
    return {
        name: {
            "auth_type": "v3applicationcredential",
            "auth": {
                "auth_url": url,
                "application_credential_name": name,
                "application_credential_secret": secret,
                "username": "admin",
                "user_domain_name": "Default",
            },
            "interface": "internal",
            "region_name": "RegionOne",
        }
        for name in rules()
    }
