"""Lines of hosts, groups and variables in inventory files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_ansible.site import places

INI = """\
# hosts
lonely ansible_host=192.0.2.9

[control]
node[01:03] ansible_user=admin  ansible_port = 22
  node4

[network:children]
control

[network:vars]
ansible_user=net
"""
YAML = """\
all:
  children:
    control:
      hosts:
        node1:
          ansible_host: 192.0.2.11
      vars:
        ansible_user: admin
    network:
      children:
        control:
"""


def found(tmp_path: Path, name: str, text: str) -> places.Places:
    (tmp_path / name).write_text(text)
    return places.find([tmp_path / name])


def lines(table: dict, keys: list) -> list[int | None]:
    return [table[key].line for key in keys]


def test_an_inventory_in_ini_form(tmp_path: Path) -> None:
    each = found(tmp_path, "hosts", INI)
    assert lines(each.groups, ["control", "network"]) == [4, 8]
    assert lines(each.hosts, [("ungrouped", "lonely"), ("control", "node4")]) == [2, 6]
    assert each.children[("network", "control")].line == 9
    assert each.host("node02").line == 5
    assert each.host("node4").column == 3


def test_an_inventory_in_yaml(tmp_path: Path) -> None:
    each = found(tmp_path, "hosts.yml", YAML)
    assert lines(each.groups, ["control", "network"]) == [3, 9]
    assert each.hosts[("control", "node1")].line == 5
    assert each.children[("network", "control")].line == 11


@pytest.mark.parametrize(
    ("name", "text", "scope", "key", "line"),
    [
        ("hosts", INI, "node03", "ansible_port", 5),
        ("hosts", INI, "network", "ansible_user", 12),
        ("hosts.yml", YAML, "node1", "ansible_host", 6),
        ("hosts.yml", YAML, "control", "ansible_user", 8),
    ],
)
def test_variables_of_the_inventory_as_a_document(
    tmp_path: Path, name: str, text: str, scope: str, key: str, line: int
) -> None:
    document = found(tmp_path, name, text).document(scope, {key: "x"})
    assert document.origin(key).line == line


def test_a_broken_file_has_no_places(tmp_path: Path) -> None:
    assert found(tmp_path, "hosts.yml", "all: [\n").groups == {}
