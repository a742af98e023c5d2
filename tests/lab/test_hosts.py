"""Looking at the hosts of a running site: all is well, and what is broken is found."""

from __future__ import annotations

import json
import shutil
import time

import pytest

from cc_ansible.errors import Exit
from cc_ansible.paths import site_state_dir


@pytest.fixture
def copy(lab, tmp_path):
    """A copy of the lab's site config to break."""
    target = tmp_path / "site"
    shutil.copytree(lab.site, target)
    yield target
    shutil.rmtree(site_state_dir(target), ignore_errors=True)


def add(site, text):
    """Put a line at the end of defaults.yml; returns its number."""
    file = site / "defaults.yml"
    file.write_text(f"{file.read_text().rstrip()}\n{text}\n")
    return len(file.read_text().splitlines())


def looked(cc, site, code):
    """What `validate --hosts` says, as JSON."""
    return json.loads(
        cc("-s", str(site), "validate", "--hosts", "--output", "json", code=code).stdout
    )


def broken(said):
    return [(each["rule"], each["host"]) for each in said["findings"]]


def test_a_running_lab_is_well(cc, lab):
    said = looked(cc, lab.site, Exit.OK)
    assert broken(said) == []
    assert set(said["hosts"]) == {node.name for node in lab.nodes}
    for row in said["hosts"].values():
        assert set(row.values()) == {"ok"}
    images = said["counts"]["images"]
    assert images["good"] == images["total"] > 20


def test_the_table(on_site, lab):
    output = on_site("validate", "--hosts").stdout
    row = next(line for line in output.splitlines() if "node1" in line)
    assert set(row.split()[1:]) == {"✓"}
    assert output.rstrip().endswith("is valid: 0 errors, 0 warnings")


def test_looking_changes_nothing(on_site, node):
    before = node("docker ps -a --format '{{.ID}} {{.Status}}' | cut -d' ' -f1,2")
    time.sleep(1)
    began = node("date +%s").strip()
    on_site("validate", "--hosts")
    places = "/etc /root /home /opt /usr /srv /tmp /var/lib/kolla /var/cache"
    changed = node(f"find {places} -xdev -newermt @{began} 2>/dev/null; true").splitlines()
    # Ansible's own directory for temporary files may be made; nothing stays in it.
    assert [
        path for path in changed if "/.ansible" not in path and path not in ("/root", "/tmp")
    ] == []
    assert node("find /root/.ansible -type f 2>/dev/null; true") == ""
    assert node("docker ps -a --format '{{.ID}} {{.Status}}' | cut -d' ' -f1,2") == before


def test_a_wrong_interface_is_found_at_its_line(cc, copy, lab):
    line = add(copy, "api_interface: eth9")
    said = looked(cc, copy, Exit.SITE_INVALID)
    found = next(each for each in said["findings"] if each["rule"] == "interface-missing")
    assert (found["host"], found["line"]) == ("node1", line)
    assert "eth9" in found["summary"] and lab.nodes[0].address in found["detail"]
    assert said["hosts"]["node1"]["net"] == "error"
    assert said["hosts"]["node1"]["engine"] == "ok"


def test_images_that_the_registry_lacks(cc, copy):
    line = add(copy, "openstack_tag: no-such-tag")
    said = looked(cc, copy, Exit.SITE_INVALID)
    found = next(each for each in said["findings"] if each["rule"] == "image-missing")
    assert found["line"] == line
    assert "nova-api:no-such-tag" in found["detail"] or "more" in found["detail"]
    assert said["counts"]["images"]["good"] == 0


def test_a_dead_host_beside_a_living_one(cc, copy, lab):
    hosts = copy / "inventory" / "hosts"
    dead = lab.nodes[0].address.rsplit(".", 1)[0] + ".99"
    hosts.write_text(
        hosts.read_text().replace("[control]\n", f"[control]\nghost ansible_host={dead}\n", 1)
    )
    began = time.monotonic()
    said = looked(cc, copy, Exit.SITE_INVALID)
    assert time.monotonic() - began < 90
    assert ("host-unreachable", "ghost") in broken(said)
    assert set(said["hosts"]["ghost"].values()) == {"error", "none"}
    assert said["hosts"]["node1"]["reach"] == said["hosts"]["node1"]["clock"] == "ok"


def test_a_port_that_something_else_takes(cc, copy, node):
    """A service that the site does not run yet, and a program on its port."""
    add(copy, "memcached_port: 22")
    said = looked(cc, copy, Exit.SITE_INVALID)
    found = next(each for each in said["findings"] if each["rule"] == "port-in-use")
    assert "sshd has it" in found["summary"] and "memcached" in found["summary"]
