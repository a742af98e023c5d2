"""Checks and `explain` rank sources as Ansible does in a run: Ansible itself is asked."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import small_site

from cc_ansible.kolla import known, variables, workspace
from cc_ansible.site.load import load
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

NAME = "network_interface"
HOSTS = "[top:children]\ncontrol\n\n[beside]\nnode1\n"
# Every place that can set a variable: file (added to) and the text that does.
PLACES = {
    "globals": ("globals.yml", "network_interface: globals\n"),
    "late": ("globals.d/10.yml", "network_interface: late\n"),
    "inventory all": ("inventory/hosts", "\n[all:vars]\nnetwork_interface=inventory-all\n"),
    "group all": ("inventory/group_vars/all.yml", "network_interface: group-all\n"),
    "parent": ("inventory/group_vars/top/main.yml", "network_interface: top\n"),
    "inventory group": ("inventory/hosts", "\n[control:vars]\nnetwork_interface=inventory\n"),
    "group": ("inventory/group_vars/control.yml", "network_interface: control\n"),
    "sibling": ("inventory/group_vars/beside", "network_interface: beside\n"),
    "priority": ("inventory/hosts", "\n[top:vars]\nansible_group_priority=5\n"),
    "host": ("inventory/host_vars/node1.yml", "network_interface: host\n"),
}
COMBINATIONS = [random.Random(seed).sample(sorted(PLACES), 1 + seed % 6) for seed in range(18)]


@pytest.mark.parametrize("chosen", COMBINATIONS, ids=["+".join(each) for each in COMBINATIONS])
def test_the_strongest_source_wins_as_in_ansible(
    chosen: list[str], tmp_path: Path, state_home: Path
) -> None:
    site = small_site.write(tmp_path / "site", hosts=HOSTS)
    for place in chosen:
        name, text = PLACES[place]
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        before = (site / name).read_text() if (site / name).exists() else ""
        (site / name).write_text(before + text)
    with workspace.assemble(load(site, env={}), {}) as space:
        asked, _ = variables.effective(space)
    subject = Subject(Survey(site), known)
    found = subject.values.raw(NAME, "node1")
    assert found is not None
    assert found.value == asked[NAME]
    assert subject.survey.findings == []
