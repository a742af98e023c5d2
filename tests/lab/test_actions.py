"""Kolla-Ansible's actions by their own names, with its own options, on the running site."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from patience import until

from cc_ansible.kolla.actions import ACTIONS

QUICK = ("--tags", "memcached")


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"install-deps"}))
def test_every_action_has_kollas_own_help(cc, action):
    assert f"usage: kolla-ansible {action}" in cc(action, "--help").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("gather-facts",),
        ("pull", *QUICK),
        ("genconfig", *QUICK),
        ("deploy-containers", *QUICK),
        ("reconfigure", *QUICK),
        ("upgrade", *QUICK),
        ("check", *QUICK),
        ("validate-config", "--tags", "glance"),
        ("deploy", "--check", "--diff", "--limit", "node1", *QUICK),
        ("mariadb-backup", "--full"),
        ("post-deploy",),
    ],
    ids=" ".join,
)
def test_action(on_site, words):
    output = on_site(*words)
    assert f"{words[0]} done in" in output.stdout + output.stderr


def test_prechecks_pass_on_the_running_site(on_site):
    on_site("prechecks")


def test_older_spellings_work(cc):
    assert "usage: kolla-ansible mariadb-backup" in cc("mariadb_backup", "--help").stdout


def test_stop_needs_kollas_confirmation(on_site):
    on_site("stop", code=5)


def test_stop_and_deploy_one_service(on_site, node):
    on_site("stop", "--yes-i-really-really-mean-it", "--tags", "memcached")
    assert "memcached" not in node("docker ps --format '{{.Names}}'")
    on_site("deploy", *QUICK)
    assert "memcached" in node("docker ps --format '{{.Names}}'")


def test_a_playbook_runs_in_the_same_context(on_site, tmp_path):
    """It sees Kolla's variables and filters, the site's settings and passwords, and our roles."""
    report = tmp_path / "report.json"
    playbook = tmp_path / "mine.yml"
    playbook.write_text(f"""
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        dest: {report}
        mode: "0600"
        content: >-
          {{{{ {{'vip': kolla_internal_vip_address, 'port': keystone_public_listen_port,
                'url': kolla_internal_fqdn | kolla_url('http', 5000),
                'secret': keystone_admin_password | length > 5,
                'scenario': chi_scenario}} | to_json }}}}
    - ansible.builtin.include_role:
        name: site_record
      vars:
        kolla_action: check
""")
    on_site("--playbook", str(playbook))
    seen = json.loads(report.read_text())
    assert seen["scenario"] == "lab"
    assert seen["url"] == f"http://{seen['vip']}:5000"
    assert seen["secret"] is True


def test_a_changed_override_reaches_the_container(on_site, lab, node):
    override = lab.site / "node_custom_config" / "glance.conf"
    override.write_text("[DEFAULT]\nimage_member_quota = 77\n")
    try:
        on_site("reconfigure", "--tags", "glance")
        # A container that was just restarted takes a moment to copy its configuration.
        until(lambda: "image_member_quota = 77" in _glance_conf(node), "with the override")
    finally:
        override.unlink()
        on_site("reconfigure", "--tags", "glance")
    until(lambda: "image_member_quota" not in _glance_conf(node), "without the override")


def _glance_conf(node) -> str:
    return node("docker exec glance_api cat /etc/glance/glance-api.conf || true")


def test_group_and_host_variables_win_over_defaults(on_site, lab, tmp_path):
    """The trap of the older wrapper: what defaults.yml said beat host_vars."""
    copy = tmp_path / "site"
    shutil.copytree(lab.site, copy)
    with (copy / "defaults.yml").open("a") as file:
        file.write("\nsite_variables: [who_*]\n")
        file.write("who_wins: defaults\nwho_wins_group: defaults\n")
    (copy / "inventory" / "host_vars" / "node1.yml").write_text("who_wins: host\n")
    (copy / "inventory" / "group_vars" / "control.yml").write_text("who_wins_group: group\n")
    playbook = tmp_path / "who.yml"
    report = tmp_path / "who.json"
    playbook.write_text(f"""
- hosts: node1
  gather_facts: false
  tasks:
    - delegate_to: localhost
      ansible.builtin.copy:
        dest: {report}
        mode: "0600"
        content: "{{{{ [who_wins, who_wins_group] | to_json }}}}"
""")
    on_site("-s", str(copy), "-p", str(playbook))
    assert json.loads(Path(report).read_text()) == ["host", "group"]


def test_events_as_json(on_site):
    lines = on_site("gather-facts", "--output", "json").stdout.splitlines()
    kinds = [json.loads(line)["event"] for line in lines]
    assert "task_start" in kinds
    assert kinds[-1] == "summary"


def test_the_journal_tells_what_ran(on_site):
    records = json.loads(on_site("runs", "--output", "json").stdout)
    assert records[0]["action"]
    deploys = [record for record in records if record["action"] == "deploy"]
    assert any(record["outcome"] == "ok" and record["commit"] for record in deploys)
