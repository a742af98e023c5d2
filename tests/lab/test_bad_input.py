"""Bad input: one clear error, the documented exit code, nothing changed, the lock free."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import pytest

from cc_ansible.errors import Exit
from cc_ansible.paths import PROJECT, site_state_dir
from cc_ansible.runs import lock


@pytest.fixture
def copy(lab, tmp_path):
    """A copy of the lab's site config to break."""
    target = tmp_path / "site"
    shutil.copytree(lab.site, target)
    yield target
    assert lock.status(site_state_dir(target)) is None
    shutil.rmtree(site_state_dir(target), ignore_errors=True)


def refused(cc, site, *words, code):
    """The error text of a command that must fail with ``code``."""
    text = cc("-s", str(site), *words, code=code).stderr
    assert text.count("error:") == 1, text
    assert "Traceback" not in text
    return text


def test_no_site(cc, tmp_path):
    text = refused(cc, tmp_path / "nowhere", "deploy", code=Exit.SITE_INVALID)
    assert "nowhere" in text
    assert "cc-ansible init" in text


def test_unknown_action(cc):
    text = cc("depoy", code=Exit.USAGE).stderr
    assert "deploy" in text


def test_malformed_yaml(cc, copy):
    (copy / "defaults.yml").write_text("---\nfine: 1\nbroken: [1, 2\nnext: 3\n")
    text = refused(cc, copy, "deploy", code=Exit.SITE_INVALID)
    assert "defaults.yml:4" in text or "defaults.yml:3" in text


def test_wrong_vault_password(cc, copy):
    (copy / "vault_password").chmod(0o600)
    (copy / "vault_password").write_text("not the password\n")
    text = refused(cc, copy, "deploy", code=Exit.SITE_INVALID)
    assert "vault" in text.lower()
    assert "passwords.yml" in text


def test_dead_node(cc, copy, lab):
    hosts = copy / "inventory" / "hosts"
    dead = lab.nodes[0].address.rsplit(".", 1)[0] + ".99"
    hosts.write_text(hosts.read_text().replace(lab.nodes[0].address, dead))
    text = refused(cc, copy, "gather-facts", code=Exit.RUN_FAILED)
    assert "node1" in text
    assert "Failed to connect to the host" in text


def test_missing_image(cc, copy):
    with (copy / "defaults.yml").open("a") as file:
        file.write("\nopenstack_tag: no-such-tag\n")
    text = refused(cc, copy, "pull", "--tags", "memcached", code=Exit.RUN_FAILED)
    assert "no-such-tag" in text or "manifest" in text.lower() or "image" in text.lower()
    assert "cc-ansible" in text


def test_full_disk(cc, copy, node):
    """A node whose configuration directory has no room left."""
    node("mkdir -p /mnt/small && mount -t tmpfs -o size=4k tmpfs /mnt/small "
         "&& cp /etc/hostname /mnt/small/full; true")  # fmt: skip
    node("head -c 8192 /dev/zero > /mnt/small/fill 2>/dev/null; true")
    with (copy / "defaults.yml").open("a") as file:
        file.write("\nnode_config_directory: /mnt/small\n")
    try:
        text = refused(cc, copy, "genconfig", "--tags", "memcached", code=Exit.RUN_FAILED)
    finally:
        node("umount /mnt/small")
    assert "space" in text.lower()


def test_site_that_is_locked(cc, copy):
    state = site_state_dir(copy)
    state.mkdir(parents=True, exist_ok=True)
    with lock.hold(state, "20260101T000000Z-test-0000", "a test", print):
        text = refused(cc, copy, "gather-facts", code=Exit.LOCKED)
    assert "a test" in text


def test_ctrl_c_stops_cleanly(copy):
    process = subprocess.Popen(
        [str(PROJECT / "cc-ansible"), "-s", str(copy), "genconfig"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    for line in process.stdout:
        if "loadbalancer" in line:
            break
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(60) == Exit.INTERRUPTED, rest
    assert time.monotonic() - started < 45
    assert "Traceback" not in rest
    assert lock.status(site_state_dir(copy)) is None
