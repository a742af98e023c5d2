"""No command shows a secret or leaves one behind, whatever it does and however it ends."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import openbao
import pytest
import small_site
import yaml

from cc_ansible.cli.main import SITE_COMMANDS, main
from cc_ansible.errors import Exit
from cc_ansible.kolla import known, run
from cc_ansible.kolla.actions import ACTIONS, OFFLINE
from cc_ansible.site import vault, yamlfile
from cc_ansible.site.load import load
from cc_ansible.site.secrets import store

MARK = f"canary{secrets.token_hex(6)}"
PLACE = secrets.token_hex(6)
VAULT = f"{MARK}-vault-password"
INLINE = f"{MARK}-inline-value"
GROUP = f"{MARK}-group-value"
DOTENV = f"{MARK}-dotenv-value"
PASSWORDS = {
    name: {"private_key": f"{MARK}-key-of-{name}", "public_key": f"ssh-rsa {MARK}"}
    if name.endswith("_ssh_key")
    else f"{MARK}-{name}"
    for name in known.passwords()
}
# Everything a child process of a run can see is what this prints.
FAKE = """\
#!/bin/sh
echo "$@"
env
for file in $(find "$KOLLA_ANSIBLE_DATA_FILES_PATH" -path "*/ansible/*" -prune -o -type f -print)
do cat "$file"; done
exit 3
"""
# What an older site keeps as it is.
PLAIN = f"""\
heat_domain_admin_password: {MARK}-plain
somebodys_api_key: {MARK}-unknown
switch_configs:
  - name: tor1
    device_type: netmiko_dell_os10
    address: 10.30.0.2
    auth: {{username: ngs, pass: {MARK}-switch, enable_password: {MARK}-switch}}
    ngs_config: {{}}
"""
# Its BMC has a password of the store.
NODES = """\
hardware:
  - name: nc01
    type: baremetal
    node_type: compute_a
    calendar: always
    bmc:
      {protocol: redfish, address: 10.30.1.1, username: root, password: "{{ database_password }}"}
    ports: [{name: eno1, mac: "52:54:00:00:00:01"}]
"""
FAILING = f"""\
- hosts: localhost
  gather_facts: true
  vars: {{ansible_python_interpreter: '{sys.executable}'}}
  tasks:
    - ansible.builtin.debug:
        msg: ["{{{{ database_password }}}}", "{{{{ nova_ssh_key }}}}", "{{{{ own_group }}}}"]
    - ansible.builtin.debug: {{var: own_inline}}
    - ansible.builtin.shell: "env; echo '{{{{ keystone_admin_password | b64encode }}}}' >&2; exit 1"
"""


class Watch:
    """Arguments of all processes, and files that this machine's temporary places ever held."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._stop.wait(0.01):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    if MARK.encode() in file.read_bytes():
                        self.found.add(str(file))
            for folder in Path("/dev/shm").glob(f"cc-ansible-{os.getpid()}-workspace-*"):
                self.found.update(map(str, holding(folder)))

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def holding(*places: Path) -> Iterator[Path]:
    """Files that hold a canary."""
    for place in places:
        for folder, _, names in os.walk(place):
            for name in names:
                file = Path(folder, name)
                with contextlib.suppress(OSError):
                    if (
                        file.is_file()
                        and not file.is_symlink()
                        and MARK.encode() in file.read_bytes()
                    ):
                        yield file


@pytest.fixture(params=["openbao", "ansible-vault"])
def site(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    state_home: Path,
    bao: openbao.Server,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A site with a canary in every place for a secret, whose hosts cannot be reached."""
    for name in list(os.environ):
        if name.startswith(("VAULT_", "BAO_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    path = small_site.write(tmp_path / "site")
    (path / "vault_password").write_text(VAULT)
    (path / "vault_password").chmod(0o600)
    (path / "token").write_text(openbao.ROOT)
    (path / ".env").write_text(f"OUR_PASSWORD={DOTENV}\n")
    settings = {
        "backend": request.param,
        "url": bao.url,
        "path": f"{PLACE}/{request.param}",
    }
    settings["auth"] = {"token": {"file": "token"}}
    text = small_site.DEFAULTS + yaml.safe_dump({"secrets": settings, "site_variables": ["own_*"]})
    (path / "defaults.yml").write_text(text)
    made = load(path, env={})
    inline = vault.encrypt(made, INLINE).strip().replace("\n", "\n  ")
    (path / "defaults.yml").write_text(f"{text}own_inline: !vault |\n  {inline}\n")
    (path / "inventory" / "group_vars").mkdir()
    hidden = f"own_group: {GROUP}\nansible_ssh_executable: /bin/false\n"
    (path / "inventory" / "group_vars" / "all.yml").write_text(vault.encrypt(made, hidden))
    if request.param == "openbao":
        (path / "passwords.yml").unlink()
        opened = store.open_store(made)
        if opened.read().empty:
            opened.write(yamlfile.dump(PASSWORDS), opened.read())
    else:
        vault.replace(made.passwords_file, vault.encrypt(made, yamlfile.dump(PASSWORDS)))
    return path


@pytest.fixture(autouse=True)
def nothing_is_left(
    site: Path,
    tmp_path: Path,
    state_home: Path,
    capfd: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> Iterator[None]:
    """After each test: nothing shown, nothing in any file, nothing in arguments."""
    with Watch() as watch:
        yield
    out, err = capfd.readouterr()
    assert MARK not in out + err
    assert not watch.found or "typed" in request.node.name
    mine = {site / "vault_password", site / ".env", site / "defaults.yml"}
    assert set(holding(tmp_path, state_home)) - mine == set()
    since = time.time() - 300
    for place in (Path("/dev/shm"), Path(tempfile.gettempdir())):
        for file in place.glob("*"):
            with contextlib.suppress(OSError):
                if file.is_file() and file.stat().st_mtime > since:
                    assert MARK.encode() not in file.read_bytes(), file
    assert not list(Path("/dev/shm").glob(f"cc-ansible-{os.getpid()}-*"))


def say(site: Path, *words: str) -> int:
    return main([*words, "-s", str(site)])


def test_every_action_and_all_that_its_processes_see(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "kolla-ansible"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    monkeypatch.setattr(run, "KOLLA_ANSIBLE", fake)
    for action in sorted(set(ACTIONS) - set(OFFLINE)):
        assert say(site, action, "--limit", "node1") == Exit.RUN_FAILED, action
    assert say(site, "deploy", "--output", "json") == Exit.RUN_FAILED


def test_one_that_is_typed_as_an_option_is_not_shown_again(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "kolla-ansible"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    monkeypatch.setattr(run, "KOLLA_ANSIBLE", fake)
    assert say(site, "deploy", "-e", f"x={PASSWORDS['metadata_secret']}") == Exit.RUN_FAILED


def test_the_real_one_failing(site: Path) -> None:
    assert say(site, "deploy", "--limit", "node1") == Exit.RUN_FAILED


def test_a_playbook_that_prints_and_fails(site: Path, tmp_path: Path) -> None:
    (tmp_path / "failing.yml").write_text(FAILING)
    assert say(site, "-p", str(tmp_path / "failing.yml")) == Exit.RUN_FAILED


def test_commands_that_read(site: Path) -> None:
    for words in (
        ["validate"],
        ["explain", "database_password"],
        ["explain", "own_inline"],
        ["build", "--list"],
        ["appliance", "list"],
        ["appliance", "show", "debian-13"],
        ["appliance", "build", "--check"],
        ["status"],
        ["status", "--output", "json"],
        ["report"],
        ["verify"],
        ["runs"],
        ["unlock"],
        ["passwords", "check"],
        ["passwords", "generate", "--check"],
        ["passwords", "rotate", "metadata_secret", "--dry-run"],
        ["passwords", "rotate", "database_password"],
        ["passwords", "rotate", "metadata_secrett"],
        ["passwords", "view", "metadata_secrett"],
        ["passwords", "migrate", "--to", "ansible-vault", "--dry-run"],
    ):
        assert say(site, *words) in set(Exit) - {Exit.UNEXPECTED}, words


def test_commands_that_write(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = tmp_path / "editor"
    for script in ("exit 1", 'echo "x: [" >> "$1"', 'echo "ours:" >> "$1"'):
        editor.write_text(f"#!/bin/sh\n{script}\n")
        editor.chmod(0o755)
        monkeypatch.setenv("EDITOR", str(editor))
        say(site, "passwords", "edit")
    file = tmp_path / "file"
    file.write_text(GROUP)
    assert say(site, "encrypt_file", str(file)) == Exit.OK
    assert say(site, "passwords", "rotate", "metadata_secret", "nova_keystone_password") == Exit.OK
    assert say(site, "passwords", "generate") == Exit.OK


def test_an_import(site: Path, tmp_path: Path) -> None:
    with (site / "defaults.yml").open("a") as stream:
        stream.write(PLAIN)
    new, report = tmp_path / "new", tmp_path / "report.md"
    # Where its passwords are on a server, it is no site of an older release.
    done = Exit.OK if (site / "passwords.yml").exists() else Exit.SITE_INVALID
    assert main(["import", str(site), str(new), "--dry-run", "--output", "json"]) == done
    assert main(["import", str(site), str(new), "--report", str(report)]) == done
    assert new.exists() == (done == Exit.OK)
    if new.exists():
        # Not as an argument, which is what is being watched.
        search = ["git", "-C", str(new), "grep", "-f", "/dev/stdin", "HEAD"]
        found = subprocess.run(search, input=MARK.encode(), capture_output=True)
        assert (found.returncode, found.stdout) == (1, b"")


def test_hardware_with_passwords_of_bmcs(site: Path, tmp_path: Path) -> None:
    (site / "hardware").mkdir()
    (site / "hardware" / "nodes.yml").write_text(NODES)
    table = tmp_path / "table.csv"
    table.write_text("name,bmc_address,bmc_password\nnc02,10.30.1.2,one\n")
    addresses = tmp_path / "addresses"
    addresses.write_text("127.0.0.1\n")
    redfish = ["--redfish", "--password", "database_password"]
    for words in (
        ["validate"],
        ["hardware", "calendar"],
        ["hardware", "export"],
        ["hardware", "import", str(table)],
        ["hardware", "import", str(addresses), "--to", "found", *redfish],
        ["hardware", "list"],
        ["hardware", "show", "nc01"],
        ["hardware", "plan", "--verbose"],
        ["hardware", "apply", "--yes", "--secrets"],
        ["hardware", "roll"],
        ["hardware", "retire", "nc01", "--yes"],
        ["hardware", "maintain", "nc01", "--for", "1h", "--reason", "fan", "--yes"],
    ):
        assert say(site, *words) in set(Exit) - {Exit.UNEXPECTED}, words


def test_a_store_that_cannot_be_opened(site: Path) -> None:
    (site / "vault_password").write_text("wrong")
    (site / "token").write_text("wrong")
    for words in (["deploy"], ["passwords", "view"], ["passwords", "check"], ["build", "--list"]):
        assert say(site, *words) == Exit.SITE_INVALID, words


def test_every_command_with_a_site_is_covered() -> None:
    seen = {"validate", "explain", "build", "runs", "unlock", "passwords", "import", "hardware"}
    seen |= {"appliance", "verify", "status", "report"}
    same = {"view_passwords", "edit_passwords"}
    # One makes a site; decrypt_file is asked to write plain text.
    other = {"init", "encrypt_file", "decrypt_file"}
    assert set(SITE_COMMANDS) <= seen | same | other
