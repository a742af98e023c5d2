from __future__ import annotations

from typing import Any

import pydantic
import pytest

from cc_ansible.site.model.chi import Dashboard, Membership
from cc_ansible.site.model.chi_services import Reservations
from cc_ansible.site.model.kolla import Forms, Images

Model = type[pydantic.BaseModel]


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        (Membership, "chameleon_site_name", "edge_your-institution"),
        (Membership, "chameleon_site_name", "CHI@UC"),
        (Membership, "chameleon_portal_url", "https://www.chameleoncloud.org:8443/x?y=1"),
        (Membership, "enable_chameleon_multisite", "yes"),
        (Dashboard, "horizon_help_url", "http://[2001:db8::1]/help"),
        (Reservations, "blazar_default_max_lease_duration", -1),
        (Reservations, "blazar_default_max_lease_duration", "604800"),
        (Reservations, "blazar_usage_default_allocated", 20000.0),
        (Reservations, "blazar_host_default_resource_properties", r'["==", "\$node_type", "x"]'),
        (Reservations, "blazar_host_default_resource_properties", ""),
        (Reservations, "blazar_host_url_format", "https://example.org/nodes/{}"),
        (Images, "docker_registry", "registry.example.org:5000"),
        (Images, "docker_registry", "[2001:db8::1]:5000"),
        (Images, "docker_registry", ""),
        (Images, "docker_registry", None),
        (Images, "docker_namespace", "chameleoncloud/kolla"),
        (Images, "docker_restart_policy", False),
        (Images, "openstack_tag", 2026.1),
        (Forms, "fernet_token_expiry", "604800"),
        (Forms, "prometheus_scrape_interval", "1m30s"),
        (Forms, "letsencrypt_email", ""),
    ],
)
def test_good_values(model: Model, name: str, value: Any) -> None:
    model.model_validate({name: value})


@pytest.mark.parametrize(
    ("model", "name", "value", "fix"),
    [
        (Membership, "chameleon_site_name", "my site", "letters"),
        (Membership, "chameleon_portal_url", "www.example.org", "https://www.example.org"),
        (Membership, "chameleon_portal_url", "htps://example.org", "https://example.org"),
        (Membership, "chameleon_portal_url", "https://exa mple.org", "https://HOST"),
        (Reservations, "blazar_default_max_lease_duration", 0, ""),
        (Reservations, "blazar_default_max_lease_duration", True, "number"),
        (Reservations, "blazar_host_default_resource_properties", "[==]", "JSON"),
        (Reservations, "blazar_usage_project_exemptions", "openstack", "[openstack]"),
        (Images, "docker_registry", "http://10.0.0.1:5000/", "10.0.0.1:5000"),
        (Images, "docker_registry", "ghcr.io/chi", "docker_namespace: chi"),
        (Images, "docker_registry", "registry:0", "HOST:PORT"),
        (Images, "docker_namespace", "/kolla", "lower case"),
        (Images, "openstack_tag", "a b", "letters"),
        (Forms, "prometheus_scrape_interval", "60", "unit"),
        (Forms, "letsencrypt_email", "nobody", ""),
    ],
)
def test_bad_values_come_with_a_fix(model: Model, name: str, value: Any, fix: str) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        model.model_validate({name: value})
    shown = [str(problem.get("ctx", {}).get("fix", "")) for problem in caught.value.errors()]
    assert not fix or any(fix in each for each in shown)
