from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import inventory
from cc_ansible.site.load import Site

Make = Callable[..., Site]
MULTINODE = """\
[control]
control01 ansible_user=kolla
# comment
[deployment]
localhost       ansible_connection=local

[nova:children]
control  # comment

[nova-api:children]
nova
"""


def test_ini_groups_are_those_with_a_section(make_site: Make) -> None:
    site = make_site({"inventory/hosts": "[a]\nh\n[b:children]\na\n[c:vars]\nx=1\n[ a-b ] # no\n"})
    assert inventory.group_names(site) >= {"a", "b"}
    assert "c" not in inventory.group_names(site)


def test_yaml_groups_are_those_with_content(make_site: Make) -> None:
    text = """\
all:
  children:
    control: {hosts: {h: }}
    mentioned:
    outer: {children: {inner: {hosts: {h: }}}}
top:
"""
    site = make_site({"inventory/hosts": None, "inventory/hosts.yml": text})
    assert inventory.group_names(site) == {"control", "outer", "inner", "top"}


def test_yaml_without_suffix_is_recognised(make_site: Make) -> None:
    site = make_site({"inventory/hosts": "# site\nall:\n  children:\n    c: {hosts: {h: }}\n"})
    assert inventory.group_names(site) == {"c"}


def test_a_script_is_asked(make_site: Make) -> None:
    site = make_site({"inventory/hosts": '#!/bin/sh\necho \'{"dyn": {"hosts": ["h"]}}\'\n'})
    (site.inventory_dir / "hosts").chmod(0o755)
    assert inventory.group_names(site) == {"dyn"}


def test_variables_and_notes_are_no_inventory(make_site: Make) -> None:
    files = {
        "inventory/README.md": "[x]\n",
        "inventory/group_vars/all.yml": "a: 1\n",
        "inventory/more/extra": "[more]\nh2\n",
    }
    site = make_site(files)
    assert inventory.group_names(site) == {"control", "compute", "more"}
    assert inventory.all_hosts(inventory.sources(site.inventory_dir)) == ["node1", "node2", "h2"]


def test_kolla_groups_come_without_hosts(tmp_path: Path) -> None:
    (tmp_path / "multinode").write_text(MULTINODE)
    text = inventory.kolla_groups(tmp_path / "multinode", {"nova"})
    (tmp_path / "out").write_text(text)
    parsed = inventory.parse([tmp_path / "out"])
    assert parsed.hosts == []
    assert {"control", "deployment", "nova", "nova-api"} <= set(parsed.groups)
    assert "[nova:children]" not in text


def test_all_groups_of_the_release_are_there(make_site: Make, tmp_path: Path) -> None:
    multinode = inventory.kolla_multinode()
    expected = set(inventory.parse([multinode]).groups)
    site = make_site()
    text = inventory.kolla_groups(multinode, inventory.group_names(site))
    (tmp_path / "00").write_text(text)
    parsed = inventory.parse([tmp_path / "00", *inventory.sources(site.inventory_dir)])
    assert expected <= set(parsed.groups)
    assert parsed.hosts == ["node1", "node2"]
    assert "nova-api" in parsed.groups_of["node1"]
    assert "prometheus-libvirt-exporter" in parsed.groups_of["node2"]


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("hosts", "[x]\nh1\nfoo bar\n", 3, "got: bar"),
        ("hosts", "[x]\nh1\n[y:childrn]\nz\n", 3, "childrn"),
        ("hosts", "[x:children]\nnope\n", 2, "nope"),
        ("hosts", "[x]\nh1\n[x:vars]\n# foo\nfoo\n", 5, "got: foo"),
        ("hosts", "[x]\nb1\nh1 a=b b\n", 3, "got: b"),
        ("hosts", "[x]\nh1\n[y\nh2\n", 3, "unpack"),
        ("hosts", "[x:children]\nx\n", 2, "itself"),
        ("hosts", "[x:children]\ny\n[y:children]\nx\n", 4, "loop"),
        ("hosts.yml", "all:\n\thosts:\n", 2, "tab"),
        ("hosts.yml", "all:\n  hosts: [a]\n", 2, "hosts"),
    ],
)
def test_errors_name_file_and_line(
    make_site: Make, name: str, text: str, line: int | None, words: str
) -> None:
    site = make_site({"inventory/hosts": None, f"inventory/{name}": text})
    with pytest.raises(SiteInvalid) as caught:
        inventory.all_hosts(inventory.sources(site.inventory_dir))
    assert caught.value.origin is not None
    assert (caught.value.origin.file.name, caught.value.origin.line) == (name, line)
    assert words in caught.value.summary + caught.value.detail


def test_the_other_lines_are_read(make_site: Make) -> None:
    text = "[control]\nc1 a b\nc2 ansible_host=10.0.0.2\n[x:childs]\nc1\n[network]\nn1\n"
    site = make_site({"inventory/hosts": text})
    problems: list[SiteInvalid] = []
    parsed = inventory.parse(inventory.sources(site.inventory_dir), problems=problems)
    assert [wrong.origin.line for wrong in problems if wrong.origin] == [2, 4]
    assert all(wrong.origin and wrong.origin.file.name == "hosts" for wrong in problems)
    assert parsed.hosts_of["control"] == ["c2"]
    assert parsed.hosts_of["network"] == ["n1"]


def test_an_empty_inventory_directory_is_refused(make_site: Make) -> None:
    site = make_site({"inventory/hosts": None, "inventory/README.md": "nothing\n"})
    with pytest.raises(SiteInvalid, match="holds no file"):
        inventory.sources(site.inventory_dir)
