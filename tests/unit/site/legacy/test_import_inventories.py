"""What an import makes of inventories."""

from __future__ import annotations

from pathlib import Path

import old_inventory
from imports import Import, Write

from cc_ansible.site import yamlfile
from cc_ansible.site.legacy.report import Kind


def test_the_sample_inventory_shrinks_to_what_the_site_says(
    old: Write, imported: Import, new: Path
) -> None:
    imported(old("minimal"))
    text = (new / "inventory" / "hosts").read_text()
    heads = [line for line in text.splitlines() if line.startswith("[")]
    base = ["control", "network", "compute", "monitoring", "storage", "deployment"]
    assert heads == [f"[{group}]" for group in [*base, "ironic-dnsmasq"]]
    assert "# These initial groups are the only groups required to be modified." in text


def test_host_variables_that_were_defeated_are_listed(old: Write, imported: Import) -> None:
    report = imported(old("minimal"))
    [item] = report.of(Kind.EFFECT)
    assert item.place == "inventory/host_vars/tiny-ctl:2"
    assert item.new == "network_interface: 'eno7'"
    assert "'eno1'" in item.why


def test_a_lone_inventory_file(old: Write, imported: Import, new: Path) -> None:
    files = {
        "inventory/hosts": None,
        "inventory/group_vars/README.md": None,
        "inventory/host_vars/tiny-ctl": None,
        "inventory": old_inventory.inventory("tiny-ctl"),
        "host_vars/tiny-ctl.yml": "network_interface: eno7\n",
    }
    imported(old("minimal", files))
    assert "[control]\ntiny-ctl\n" in (new / "inventory/hosts").read_text()
    assert (new / "inventory/host_vars/tiny-ctl.yml").read_text() == "network_interface: eno7\n"


def test_hosts_of_a_renamed_group_go_with_it(old: Write, imported: Import, new: Path) -> None:
    hosts = (
        "[control]\nctl\n\n[haproxy]\nbalancer\n\n"
        "[haproxy:vars]\nansible_password=canary\n\n"
        "[balancers:children]\nhaproxy\nzun\n\n[zun]\n"
    )
    imported(old("minimal", {"inventory/hosts": hosts}))
    text = (new / "inventory/hosts").read_text()
    assert "[loadbalancer]\nbalancer\n" in text
    assert "canary" not in text
    secret = (new / "inventory/group_vars/loadbalancer.yml").read_text()
    assert secret.startswith("---\nansible_password: !vault |\n")
    assert "[balancers:children]\nloadbalancer\n" in text
    assert "zun" not in text


def test_an_inventory_in_yaml(old: Write, imported: Import, new: Path) -> None:
    text = """\
control: {hosts: {tiny-ctl: {ansible_password: canary, ansible_user: root}}}
network: {hosts: {tiny-ctl: {}}}
"""
    files = {"inventory/hosts": None, "inventory/hosts.yml": text}
    imported(old("minimal", files))
    said = yamlfile.load(new / "inventory/hosts.yml").value["control"]["hosts"]["tiny-ctl"]
    assert said["ansible_user"] == "root"
    assert said["ansible_password"].tag == "!vault"
    assert "canary" not in (new / "inventory/hosts.yml").read_text()


def test_an_executable_inventory_that_is_no_program(
    old: Write, imported: Import, new: Path
) -> None:
    source = old("minimal")
    (source / "inventory/hosts").chmod(0o755)
    imported(source)
    assert "[mariadb" not in (new / "inventory/hosts").read_text()


def test_inventory_programs_of_an_old_site_are_not_run(
    old: Write, imported: Import, new: Path
) -> None:
    program = "#!/bin/sh\ntouch \"$0.ran\"; echo '{}'\n"
    source = old("minimal", {"inventory/20-dynamic": program})
    (source / "inventory/20-dynamic").chmod(0o755)
    imported(source)
    assert (new / "inventory/20-dynamic").stat().st_mode & 0o100
    assert not list(source.rglob("*.ran"))
