from __future__ import annotations

from pathlib import Path

import pytest

from cc_ansible.site.survey import Survey

HOSTS = """\
[control]
c1 ansible_host=10.0.0.1
c1 ansible_host=10.0.0.2  # again

[network:children]
control

[compute]
[storage]
[monitoring]

[horizon]
h1

[rack1:vars]
colour = red
"""


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "defaults.yml").write_text("")
    (tmp_path / "inventory" / "hosts").write_text(HOSTS)
    return Survey(tmp_path)


def test_groups_of_the_release_follow_from_those_of_the_site(survey: Survey) -> None:
    members = survey.inventory.hosts_of
    assert members["keystone"] == members["neutron-l3-agent"] == ["c1"]
    assert members["horizon"] == ["h1"]
    assert members["nova-libvirt" if "nova-libvirt" in members else "compute"] == []
    assert survey.inventory_whole


def test_groups_that_nobody_defines_do_not_stop_the_reader(survey: Survey) -> None:
    assert "rack1" in survey.inventory.groups
    assert "rack1" not in survey.own_groups
    assert not survey.findings


def test_every_line_of_a_host_is_found_again(survey: Survey) -> None:
    given = [(each.scope, each.key, each.value, each.origin.line) for each in survey.places.given]
    assert given == [
        ("c1", "ansible_host", "10.0.0.1", 2),
        ("c1", "ansible_host", "10.0.0.2", 3),
        ("rack1", "colour", "red", 16),
    ]
    [(group, host, again, first)] = survey.places.repeats
    assert (group, host, again.line, first.line) == ("control", "c1", 3, 2)


def test_what_cannot_be_read_is_left_out(survey: Survey) -> None:
    (survey.inventory_path / "hosts").write_text("[control]\nc1 a b\nc2\n")
    assert survey.inventory.hosts_of["keystone"] == ["c2"]
    assert not survey.inventory_whole
    assert [each.origin.line for each in survey.findings if each.origin] == [2]
