"""The promise of the layers, checked with Ansible itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cc_ansible.site import groupvars
from cc_ansible.site.load import Site, load

Make = Callable[..., Site]
BIN = Path(sys.executable).parent
KEYS = [f"key{number}" for number in range(6)]
GROUPS = {"node1": ["control", "racks"], "node2": ["compute", "racks"], "node3": ["aaa"]}
HOSTS = "[control]\nnode1\n[compute]\nnode2\n[racks:children]\ncontrol\ncompute\n[aaa]\nnode3\n"
FILES = {
    "kolla": "playbook/group_vars/all/main.yml",
    "project": "project/kolla/defaults.yml",
    "scenario": "project/kolla/scenarios/independent.yml",
    "site": "site/defaults.yml",
    "generated": None,
    "all": "site/inventory/group_vars/all.yml",
    "racks": "site/inventory/group_vars/racks/vars.yml",
    "aaa": "site/inventory/group_vars/aaa",
    "control": "site/inventory/group_vars/control.yml",
    "compute": "site/inventory/group_vars/compute.yml",
    "node1": "site/inventory/host_vars/node1.yml",
    "node3": "site/inventory/host_vars/node3/main.yml",
}
layer_values = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 99), max_size=4)


def expected(layers: dict[str, dict[str, int]], host: str) -> dict[str, int]:
    """The documented order, weakest first."""
    order = ["kolla", "project", "scenario", "site", "generated", "all"]
    # A child group is more specific than its parent.
    order += sorted(GROUPS.get(host, []), key=lambda group: group != "racks")
    result: dict[str, int] = {}
    for name in [*order, host]:
        result |= layers.get(name, {})
    return result


def ansible_inventory(target: Path, playbook_dir: Path) -> dict[str, Any]:
    command = [BIN / "ansible-inventory", "-i", target, "--list", "--playbook-dir", playbook_dir]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.fixed_dictionaries(dict.fromkeys(FILES, layer_values)))
def test_host_beats_group_beats_site_beats_kolla(
    tmp_path: Path, layers: dict[str, dict[str, int]]
) -> None:
    shutil.rmtree(tmp_path, ignore_errors=True)
    for name, file in FILES.items():
        if file:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(yaml.safe_dump(layers[name]))
    (tmp_path / "site/inventory/hosts").write_text(HOSTS)
    (tmp_path / "site/passwords.yml").write_text("{}\n")
    site = load(tmp_path / "site", tmp_path / "project", {})
    groupvars.assemble(site, tmp_path / "inventory", layers["generated"])
    hostvars = ansible_inventory(tmp_path / "inventory", tmp_path / "playbook")["_meta"]["hostvars"]
    for host in (*GROUPS, "localhost"):
        seen = {key: value for key, value in hostvars.get(host, {}).items() if key in KEYS}
        assert seen == expected(layers, host), host


def assembled(site: Site, tmp_path: Path, **generated: Any) -> dict[str, Any]:
    target = tmp_path / "inventory"
    groupvars.assemble(site, target, generated)
    assert target.stat().st_mode & 0o777 == 0o700
    return ansible_inventory(target, tmp_path)


def test_variables_of_inventory_files_rank_as_groups(make_site: Make, tmp_path: Path) -> None:
    text = (
        "[control]\nnode1\n[all:vars]\na=all\nb=all\nport=22\n"
        "[control:vars]\nb=group\nc=group\nd='{{ a }}'\n"
    )
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/all.yml").write_text("a: kolla\nb: kolla\nc: kolla\n")
    site = make_site(
        {
            "inventory/hosts": text,
            "defaults.yml": "a: site\nb: site\nc: site\n",
            "inventory/group_vars/control.yml": "c: file\n",
        }
    )
    found = assembled(site, tmp_path)["_meta"]["hostvars"]["node1"]
    assert [found[key] for key in ("a", "b", "c", "port")] == ["all", "group", "file", 22]
    assert found["d"] == "{{ a }}"


def test_a_group_of_the_site_replaces_kollas(make_site: Make, tmp_path: Path) -> None:
    text = "[control]\nnode1\n[network]\nnode2\n[neutron-server:children]\nnetwork\n"
    found = assembled(make_site({"inventory/hosts": text}), tmp_path)
    assert found["neutron-server"]["children"] == ["network"]
    assert found["keystone"]["children"] == ["control"]
    assert set(found["cc_site"]["hosts"]) == {"node1", "node2", "localhost"}


@pytest.mark.parametrize(
    "deployment", ["", "[deployment]\nlocalhost ansible_connection=local\n"], ids=["none", "old"]
)
def test_localhost_is_this_process(make_site: Make, tmp_path: Path, deployment: str) -> None:
    site = make_site({"inventory/hosts": f"[control]\nnode1\n{deployment}"})
    found = assembled(site, tmp_path)["_meta"]["hostvars"]["localhost"]
    assert found["ansible_connection"] == "local"
    assert found["ansible_python_interpreter"] == sys.executable


def test_localhost_as_a_node_is_left_alone(make_site: Make, tmp_path: Path) -> None:
    text = "[control]\nlocalhost ansible_connection=local\n"
    found = assembled(make_site({"inventory/hosts": text}), tmp_path)["_meta"]["hostvars"]
    assert "ansible_python_interpreter" not in found["localhost"]


def test_generated_facts_and_encrypted_passwords(make_site: Make, tmp_path: Path) -> None:
    site = make_site({"defaults.yml": "node_config: /etc/kolla\nx: !unsafe '{{ y }}'\n"})
    found = assembled(site, tmp_path, node_config="/run")["_meta"]["hostvars"]["node1"]
    assert found["node_config"] == "/run"
    assert found["database_password"] == "secret-of-the-db"
    link = tmp_path / "inventory/group_vars/cc_site/90-passwords.yml"
    assert link.readlink() == site.passwords_file


def test_a_lone_inventory_file_keeps_its_variables(make_site: Make, tmp_path: Path) -> None:
    site = make_site(
        {
            "inventory/hosts": None,
            "inventory": "[control]\nnode1\n",
            "group_vars/control.yml": "a: 1\n",
            "host_vars/node1.yml": "b: 2\n",
        }
    )
    found = assembled(site, tmp_path)["_meta"]["hostvars"]["node1"]
    assert (found["a"], found["b"]) == (1, 2)
