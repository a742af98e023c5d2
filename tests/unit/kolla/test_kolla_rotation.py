"""Which passwords a deploy can change, held against the installed Kolla-Ansible."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_site
import yaml

from cc_ansible.errors import UsageError
from cc_ansible.kolla import known, release, rotation, tags
from cc_ansible.site import vault
from cc_ansible.site.load import Site, load
from cc_ansible.site.model.declared import SETTINGS
from cc_ansible.site.secrets import store

ROLES = release.ANSIBLE_TREE / "roles"
REFUSED = {
    "cc_ansible_looking_secret",
    "cc_ansible_rolling_secret",
    "barbican_crypto_key",
    "barbican_p11_password",
    "bifrost_ssh_key",
    "ceph_rgw_keystone_password",
    "cinder_rbd_secret_uuid",
    "database_password",
    "designate_pool_id",
    "docker_registry_password",
    "etcd_cluster_token",
    "gnocchi_project_id",
    "gnocchi_resource_id",
    "gnocchi_user_id",
    "grafana_admin_password",
    "heat_domain_admin_password",
    "hnas_nfs_password",
    "infoblox_admin_password",
    "kolla_ssh_key",
    "octavia_amp_ssh_key",
    "octavia_ca_password",
    "octavia_client_ca_password",
    "rabbitmq_cluster_cookie",
    "rbd_secret_uuid",
    "redis_master_password",
}


def test_every_entry_is_about_a_password_of_the_release_or_a_setting() -> None:
    import fnmatch

    names = {*known.passwords(), *(name for model in SETTINGS for name in model.model_fields)}
    for pattern in rotation._rules():
        assert fnmatch.filter(names, pattern), pattern


def test_entries_say_only_what_is_understood() -> None:
    fields = {"refuse", "steps", "note", "needs", "roles", "also"}
    for pattern, rule in rotation._rules().items():
        assert set(rule) <= fields, pattern
        assert "refuse" in rule or "steps" not in rule, pattern
        assert set(rule.get("roles", ())) | set(rule.get("also", ())) <= {
            path.name for path in ROLES.iterdir()
        }


def test_the_passwords_that_are_refused() -> None:
    refused = {name for name in known.passwords() if "refuse" in rotation.rule_for(name)}
    assert refused == REFUSED


def test_every_other_one_is_covered_by_tags_of_a_deploy() -> None:
    unused = {"ceilometer_database_password", "telemetry_secret_key"}
    for name in set(known.passwords()) - REFUSED - unused:
        roles = rotation.roles_of(name, rotation.rule_for(name))
        assert roles & tags.known(), name


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        (
            "database_password",
            "mariadb/tasks/register.yml",
            'login_password: "{{ database_password',
        ),
        ("heat_domain_admin_password", "heat/tasks/bootstrap_service.yml", "HEAT_DOMAIN_ADMIN"),
        ("grafana_admin_password", "grafana/tasks/post_config.yml", "{{ grafana_admin_password"),
        ("rabbitmq_cluster_cookie", "rabbitmq/defaults/main.yml", "RABBITMQ_CLUSTER_COOKIE"),
        ("octavia_amp_ssh_key", "octavia/tasks/prepare.yml", "openstack.cloud.keypair"),
        ("etcd_cluster_token", "etcd/defaults/main.yml", "ETCD_INITIAL_CLUSTER_TOKEN"),
        ("nova_ssh_key", "nova-cell/templates/id_rsa", "{{ nova_ssh_key.private_key }}"),
        ("keystone_ssh_key", "keystone/templates/id_rsa", "{{ keystone_ssh_key.private_key }}"),
        ("neutron_ssh_key", "neutron/templates/id_rsa", "{{ neutron_ssh_key.private_key }}"),
        ("haproxy_ssh_key", "loadbalancer/templates/haproxy-ssh/id_rsa.pub", "haproxy_ssh_key"),
        ("keystone_admin_password", "keystone/tasks/register.yml", "keystone_admin_password"),
        (
            "keystone_admin_password",
            "prometheus/templates/clouds.yml.j2",
            "keystone_admin_password",
        ),
    ],
)
def test_what_entries_rest_on_is_still_so(name: str, file: str, text: str) -> None:
    assert rotation.rule_for(name)
    assert text in (ROLES / file).read_text()


def test_service_users_of_the_database_get_their_password_on_each_deploy() -> None:
    for role in ("nova", "neutron", "keystone", "glance", "ironic", "placement", "heat", "blazar"):
        tasks = yaml.safe_load((ROLES / role / "tasks" / "bootstrap.yml").read_text())
        users = [task for task in _flat(tasks) if task_module(task) == "mysql_user"]
        assert users, role
        for task in users:
            arguments = task["kolla_toolbox"]["module_args"]
            assert arguments.get("update_password", "always") == "always"
            assert "not use_preconfigured_databases | bool" in task["when"]


def task_module(task: dict) -> str:  # type: ignore[type-arg]
    return str(task.get("kolla_toolbox", {}).get("module_name", ""))


def _flat(tasks: list) -> list:  # type: ignore[type-arg]
    found = []
    for task in tasks:
        found += _flat(task["block"]) if "block" in task else [task]
    return found


@pytest.fixture
def site(site_dir: Path) -> Site:
    (site_dir / "vault_password").write_text("right\n")
    made = load(site_dir, env={})
    vault.encrypt_file(made, made.passwords_file)
    return made


def test_services_that_are_off_need_no_deploy(site: Site) -> None:
    plan = rotation.plan(site, ["nova_keystone_password", "memcache_secret_key"], {})
    assert plan.names == ("nova_keystone_password", "memcache_secret_key")
    assert set(plan.tags) == {
        "blazar",
        "doni",
        "glance",
        "heat",
        "ironic",
        "neutron",
        "nova",
        "nova-cell",
        "placement",
    }
    assert list(plan.notes) == ["memcache_secret_key"]


def test_roles_without_a_tag_of_their_own_are_left_out(site: Site) -> None:
    plan = rotation.plan(site, ["rabbitmq_password"], {})
    assert "rabbitmq" in plan.tags
    assert set(plan.tags) <= tags.known()


def test_a_password_of_nobody_has_nothing_to_deploy(site: Site) -> None:
    plan = rotation.plan(site, ["manila_keystone_password"], {})
    assert (plan.roles, plan.tags) == ((), ())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("database_password", "log in"),
        ("rabbitmq_cluster_cookie", "1. cc-ansible passwords edit"),
        ("kolla_ssh_key", "locked out"),
        ("designate_pool_id", "a name, no secret"),
    ],
)
def test_a_refusal_says_why_and_how(name: str, said: str, site: Site) -> None:
    with pytest.raises(UsageError, match=f"{name} cannot be rotated") as caught:
        rotation.plan(site, ["metadata_secret", name], {name: "x"})
    assert said in caught.value.detail.replace("logs in", "log in")


def test_an_unknown_name_is_told_with_the_nearest(site: Site) -> None:
    with pytest.raises(UsageError, match="There is no password neutron_keystone_pasword") as caught:
        rotation.plan(site, ["neutron_keystone_pasword"], {})
    assert "neutron_keystone_password" in caught.value.fix


def test_the_sites_own_passwords_count(site: Site) -> None:
    assert rotation.plan(site, ["our_token"], {"our_token": "x"}).tags == ()


@pytest.mark.parametrize(
    ("value", "reason"), [("{{ other }}", "other variables"), (["a"], "single value")]
)
def test_values_that_are_no_single_text_are_refused(value: object, reason: str, site: Site) -> None:
    with pytest.raises(UsageError) as caught:
        rotation.plan(site, ["our_token"], {"our_token": value})
    assert reason in caught.value.detail


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("nova_keystone_password", "update_keystone_service_user_passwords: false"),
        ("nova_keystone_password", "update_keystone_service_user_passwords: 'no'"),
        ("nova_database_password", "use_preconfigured_databases: true"),
    ],
)
def test_a_setting_of_the_site_may_stand_against_it(
    name: str, setting: str, site_dir: Path
) -> None:
    (site_dir / "defaults.yml").write_text(f"{small_site.DEFAULTS}{setting}\n")
    with pytest.raises(UsageError) as caught:
        rotation.plan(load(site_dir, env={}), [name], {})
    assert setting.split(":")[0] in caught.value.detail


def test_new_values_are_of_the_kind_the_generator_decides(site: Site) -> None:
    opened = store.open_store(site)
    before = opened.read()
    text = (
        f"# stays\n{before.text}designate_rndc_key: old\nnova_ssh_key:\n"
        "  private_key: old\n  public_key: old\nprometheus_bcrypt_salt: old\nours: old\n"
    )
    opened.write(text, before)
    seen = opened.read()
    names = ["designate_rndc_key", "nova_ssh_key", "prometheus_bcrypt_salt", "ours"]
    rotation.carry_out(opened, seen, rotation.plan(site, names, seen.values))
    after = opened.read()
    assert after.text.startswith("# stays\n")
    assert after.values["database_password"] == small_site.SECRET
    assert len(bytes.fromhex(after.values["designate_rndc_key"])) == 16
    assert after.values["nova_ssh_key"]["private_key"].startswith("-----BEGIN")
    assert len(after.values["prometheus_bcrypt_salt"]) == 22
    assert len(after.values["ours"]) == 40
