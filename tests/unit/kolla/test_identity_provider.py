"""Users of an associate site sign in: Kolla-Ansible's own templates say so."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import rendering
import yaml

from cc_ansible.kolla import identity_provider
from cc_ansible.paths import PROJECT

SECRET = 'it\'s "the" secret'
SITE = """\
chi_scenario: {scenario}
chameleon_site_name: example
keystone_idp_client_id: {client}
kolla_external_fqdn: chi.example.org
kolla_enable_tls_external: true
"""
REALM = "https://auth.chameleoncloud.org/auth/realms/chameleon"
FILES = "auth.chameleoncloud.org%2Fauth%2Frealms%2Fchameleon"
APACHE = "keystone/templates/httpd-keystone.conf.j2"
DASHBOARD = "horizon/templates/_9998-kolla-settings.py.j2"


def site(scenario: str = "associate", client: str = "chi-example", more: str = "") -> str:
    return SITE.format(scenario=scenario, client=client) + more


@pytest.fixture(params=identity_provider.FEDERATED)
def keystone(request, tmp_path) -> Iterator[rendering.Rendered]:
    secret = yaml.safe_dump({"keystone_idp_client_secret": SECRET})
    settings = site(request.param)
    with rendering.of_site(tmp_path / "site", "keystone", settings, secret) as rendered:
        # What Kolla-Ansible finds on the way: neither certificates nor domains.
        rendered.variables["keystone_federation_openid_certificate_key_ids"] = []
        rendered.variables["keystone_domain_directory"] = {"stat": {"exists": False}}
        rendered.variables["service_name"] = "keystone"
        yield rendered


def test_apache_asks_the_provider_and_keystone_trusts_the_dashboard(keystone):
    apache = keystone.template(APACHE)
    assert "OIDCRedirectURI https://chi.example.org:5000/redirect_uri" in apache
    assert f"OIDCOAuthVerifyJwksUri {REALM}/protocol/openid-connect/certs" in apache
    assert "identity_providers/chameleon/protocols/openid/websso>" in apache
    config = keystone.template("keystone/templates/keystone.conf.j2")
    assert "methods = password,token,openid,application_credential" in config
    assert "trusted_dashboard = https://chi.example.org/auth/websso/" in config


def test_apache_finds_the_provider_and_the_client_by_the_issuer(keystone):
    (provider,) = keystone.value("keystone_identity_providers")
    folder = Path(provider["metadata_folder"])
    assert sorted(file.name for file in folder.iterdir()) == [
        f"{FILES}.client", f"{FILES}.conf", f"{FILES}.provider",
    ]  # fmt: skip
    said = {file.suffix: json.loads(keystone.file(file)) for file in folder.iterdir()}
    assert said[".client"] == {"client_id": "chi-example", "client_secret": SECRET}
    assert said[".provider"]["issuer"] == provider["identifier"] == REALM
    assert said[".provider"]["jwks_uri"].startswith(f"{REALM}/")
    assert said[".conf"] == {}


def test_the_secret_is_nowhere_in_plain(keystone):
    for file in keystone.space.config.rglob("*"):
        assert not file.is_file() or SECRET not in file.read_text(errors="replace")


def test_claims_make_a_user_with_several_projects(keystone):
    (mapping,) = keystone.value("keystone_identity_mappings")
    with_projects, without = json.loads(Path(mapping["file"]).read_text())
    assert with_projects["local"][0]["projects_json"] == "{2}"
    assert [claim["type"] for claim in without["remote"]] == [
        "OIDC-preferred_username", "OIDC-email",
    ]  # fmt: skip
    assert with_projects["local"][0]["domain"] == without["local"][0]["domain"]
    # Keystone reads projects as JSON from this version of mappings on, Apache makes it.
    version = keystone.ini("keystone.conf")["federation"]
    assert version["attribute_mapping_default_schema_version"] == "3.0"
    apache = keystone.template(APACHE)
    assert 'set OIDC-Projects "%{OIDC-project_names}e" env=OIDC-project_names' in apache
    assert apache.index("unset OIDC-Projects") < apache.index("set OIDC-Projects")


def test_the_dashboard_offers_the_provider(tmp_path):
    with rendering.of_site(tmp_path / "site", "horizon", site()) as rendered:
        settings = rendered.template(DASHBOARD)
    tree = ast.parse(settings)
    names = {name.id: each for each in tree.body if isinstance(each, ast.Assign)
             for name in each.targets if isinstance(name, ast.Name)}  # fmt: skip
    assert ast.literal_eval(names["WEBSSO_ENABLED"].value) is True
    known = ast.literal_eval(names["WEBSSO_IDP_MAPPING"].value)
    assert known == {"chameleon_openid": ("chameleon", "openid")}


def test_a_site_without_a_client_id_has_no_federation(tmp_path):
    with rendering.of_site(tmp_path / "site", "keystone", site(client="")) as rendered:
        assert rendered.value("enable_keystone_federation") is False
        assert "OIDC" not in rendered.template(APACHE)
        assert rendered.ini("keystone.conf").sections() == []
        assert not (rendered.space.config / "config" / identity_provider.DIRECTORY).exists()


def test_other_scenarios_have_no_federation(tmp_path):
    with rendering.of_site(tmp_path / "site", "keystone", site("independent")) as rendered:
        assert rendered.value("enable_keystone_federation") is False


def test_another_realm_and_domain_are_followed(tmp_path):
    more = "site_realm: lab/\nidentity_provider_name: lab\nidentity_provider_domain_name: people\n"
    more += "identity_provider_url: 'https://id.example.org/realms/{{ site_realm }}'\n"
    with rendering.of_site(tmp_path / "site", "keystone", site(more=more)) as rendered:
        (provider,) = rendered.value("keystone_identity_providers")
        (mapping,) = rendered.value("keystone_identity_mappings")
        assert Path(provider["metadata_folder"], "id.example.org%2Frealms%2Flab.client").exists()
        rules = json.loads(Path(mapping["file"]).read_text())
    assert provider["identifier"] == "https://id.example.org/realms/lab"
    assert (provider["name"], provider["openstack_domain"]) == ("lab", "people")
    assert rules[0]["local"][0]["domain"] == {"name": "people"}


def test_a_mapping_of_the_site_stays(tmp_path):
    path = tmp_path / "site"
    own = path / "node_custom_config" / identity_provider.DIRECTORY / "mapping.json"
    rendering.make(path, site())
    own.parent.mkdir(parents=True)
    own.write_text('[{"local": [], "remote": []}]')
    with rendering.of_site(path, "keystone") as rendered:
        (mapping,) = rendered.value("keystone_identity_mappings")
        assert Path(mapping["file"]).read_text() == own.read_text()


def test_users_may_be_sent_to_keystone_itself_and_where_the_site_allows(tmp_path):
    more = "keystone_federation_oidc_allowed_redirects: ['^https://jupyter.example.org/']\n"
    with rendering.of_site(tmp_path / "site", "keystone", site(more=more)) as rendered:
        rendered.variables["keystone_federation_openid_certificate_key_ids"] = []
        apache = rendered.template(APACHE)
    (line,) = [each for each in apache.splitlines() if "OIDCRedirectURLsAllowed" in each]
    assert '"^https://chi\\\\.example\\\\.org:5000/"' in line
    assert '"^https://jupyter.example.org/"' in line


@pytest.mark.parametrize(
    ("scenario", "client", "federated"),
    [("associate", "chi-x", True), ("part-time", "chi-x", True), ("associate", "", False),
     ("independent", "chi-x", False)],
)  # fmt: skip
def test_post_deploy_looks_for_the_provider_by_scenario_and_client(
    scenario, client, federated, tmp_path
):
    role = yaml.safe_load((PROJECT / "roles/cloud_identity/defaults/main.yml").read_text())
    with rendering.of_site(tmp_path / "site", "keystone", site(scenario, client)) as rendered:
        assert rendered.text(role["cloud_identity_federated"]) is federated
