"""Ansible gets passwords from a server and the vault, and nothing of them is left or seen."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openbao
import pytest
import small_site
import yaml

from cc_ansible.cli.main import main
from cc_ansible.errors import Exit
from cc_ansible.kolla import handover, variables, workspace
from cc_ansible.paths import VENV_BIN
from cc_ansible.site import vault
from cc_ansible.site.load import Site, load

CANARY = "canary-of-the-database-0123456789"
INLINE = "canary-inline-0123456789"
WHOLE = "canary-of-a-whole-file-0123456789"
VAULT = "canary-of-the-vault-0123456789"
CANARIES = (CANARY, INLINE, WHOLE, VAULT)


@pytest.fixture
def kv_site(
    tmp_path: Path,
    state_home: Path,
    bao: openbao.Server,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    """A site with its passwords on a server and other secrets in vault text of its own."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    name = request.node.name.replace("[", "-").strip("]")
    path = small_site.write(tmp_path / "kv-site")
    (path / "passwords.yml").unlink()
    (path / "vault_password").write_text(f"{VAULT}\n")
    (path / "vault_password").chmod(0o600)
    (path / "token").write_text(openbao.ROOT)
    bao.call("POST", f"secret/data/{name}", {"data": {"database_password": CANARY}})
    secrets = {
        "backend": "openbao",
        "url": bao.url,
        "path": name,
        "auth": {"token": {"file": "token"}},
    }
    plain = small_site.DEFAULTS + yaml.safe_dump({"secrets": secrets, "site_variables": ["own_*"]})
    (path / "defaults.yml").write_text(plain)
    site = load(path, env={})
    inline = vault.encrypt(site, INLINE).strip().replace("\n", "\n  ")
    (path / "defaults.yml").write_text(f"{plain}own_inline: !vault |\n  {inline}\n")
    (path / "inventory" / "group_vars").mkdir()
    whole = vault.encrypt(site, f"own_whole: {WHOLE}\n")
    (path / "inventory" / "group_vars" / "control.yml").write_text(whole)
    return load(path, env={})


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "memory"
    path.mkdir()
    monkeypatch.setattr("cc_ansible.memory.MEMORY", path)
    return path


class Watch:
    """Looks at the arguments of every process, again and again."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def look(self) -> None:
        while not self.stop.is_set():
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    text = file.read_bytes().decode(errors="replace")
                except OSError:
                    continue
                self.seen |= {canary for canary in CANARIES if canary in text}
            time.sleep(0.01)

    def __enter__(self) -> Watch:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()


def files_with(canary: str, *places: Path) -> list[Path]:
    """Files that hold it; those of others come and go meanwhile."""
    found = []
    for place in places:
        for folder, _, names in os.walk(place):
            for file in (Path(folder, name) for name in names):
                with contextlib.suppress(OSError):
                    if stat.S_ISREG(file.lstat().st_mode) and canary.encode() in file.read_bytes():
                        found.append(file)
    return found


def test_ansible_reads_all_three_kinds_and_shows_none(
    kv_site: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "seen"
    playbook = tmp_path / "mine.yml"
    playbook.write_text(
        "- hosts: control\n"
        "  gather_facts: false\n"
        "  connection: local\n"
        f"  vars: {{ansible_python_interpreter: '{sys.executable}'}}\n"
        "  tasks:\n"
        "    - ansible.builtin.copy:\n"
        f"        dest: {out}\n"
        "        mode: '0600'\n"
        "        content: '{{ database_password }} {{ own_inline }} {{ own_whole }}'\n"
        "    - ansible.builtin.command: env\n"
        "    - ansible.builtin.debug:\n"
        "        msg: 'it is {{ database_password }} {{ own_inline }} {{ own_whole }}'\n"
    )
    with Watch() as watch:
        code = main(["-p", str(playbook), "-s", str(kv_site.path)])
    text = "".join(capfd.readouterr())
    assert code == Exit.OK, text
    assert out.read_text() == f"{CANARY} {INLINE} {WHOLE}"
    out.unlink()
    assert not watch.seen
    for canary in CANARIES:
        assert canary not in text
        found = files_with(canary, tmp_path, Path("/dev/shm"))
        assert found == ([kv_site.path / "vault_password"] if canary == VAULT else [])


def test_nothing_in_the_workspace_is_plain_and_the_socket_is_private(
    kv_site: Site, memory: Path
) -> None:
    with workspace.assemble(kv_site, {}) as space:
        for canary in CANARIES:
            assert not files_with(canary, memory)
        for text in (*space.environment().values(), *space.vault_arguments(), repr(space)):
            assert not any(canary in text for canary in CANARIES)
        assert stat.S_ISSOCK((space.path / handover.SOCKET).stat().st_mode)
        effective, _ = variables.effective(space)
        assert (effective["database_password"], effective["own_whole"]) == (CANARY, WHOLE)
        passwords = space.inventory / "group_vars" / "cc_site" / "90-passwords.yml"
        assert passwords.read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;cc-run\n")
        first = space.vault_passwords["cc-run"]
    with workspace.assemble(kv_site, {}) as space:
        assert space.vault_passwords["cc-run"] != first
    assert not list(memory.iterdir())


@pytest.mark.parametrize("label", ["default", "cc-run", "other"])
def test_the_client_prints_the_password_of_its_label(label: str, tmp_path: Path) -> None:
    deep = tmp_path / ("long-" * 30)
    deep.mkdir()
    passwords = {"default": b"one", "cc-run": b"two words"}
    with handover.serve(deep, passwords):
        done = subprocess.run(
            [handover.CLIENT, "--vault-id", label],
            env={**os.environ, **handover.environment(deep)},
            capture_output=True,
            check=False,
        )
    assert done.stdout == passwords.get(label, b"")
    assert (done.returncode == 0) is (label in passwords)
    after = subprocess.run(
        [handover.CLIENT, "--vault-id", "default"],
        env={**os.environ, **handover.environment(deep)},
        capture_output=True,
        check=False,
    )
    assert after.returncode != 0


def test_many_ask_at_once_and_a_silent_one_holds_nobody_up(tmp_path: Path) -> None:
    import socket

    with handover.serve(tmp_path, {"default": b"one"}):
        os.environ["CC_ANSIBLE_VAULT_SOCKET"] = str(tmp_path / handover.SOCKET)
        asked = [
            subprocess.Popen([handover.CLIENT, "--vault-id", "default"], stdout=subprocess.PIPE)
            for _ in range(8)
        ]
        assert [process.communicate()[0] for process in asked] == [b"one"] * 8
        with socket.socket(socket.AF_UNIX) as gone:
            here = Path.cwd()
            os.chdir(tmp_path)
            gone.connect(handover.SOCKET)
            os.chdir(here)
        last = subprocess.run(
            [handover.CLIENT, "--vault-id", "default"], capture_output=True, check=True
        )
        assert last.stdout == b"one"
    del os.environ["CC_ANSIBLE_VAULT_SOCKET"]


def test_the_client_may_be_executed() -> None:
    assert os.access(handover.CLIENT, os.X_OK)
    assert handover.CLIENT.name.endswith("-client"), "Ansible tells it by its name"


def test_a_site_without_any_vault_password_serves_nothing(tiny_site: Site, memory: Path) -> None:
    with workspace.assemble(tiny_site, {}) as space:
        assert space.vault_arguments() == []
        assert not (space.path / handover.SOCKET).exists()


def test_ansibles_own_commands_ask_too(site_dir: Path, memory: Path) -> None:
    settings = {"vault_password": {"command": ["echo", VAULT]}}
    (site_dir / "defaults.yml").write_text(
        small_site.DEFAULTS + yaml.safe_dump({"secrets": settings})
    )
    site = load(site_dir, env={})
    vault.encrypt_file(site, site.passwords_file)
    with workspace.assemble(site, {}) as space:
        command = [VENV_BIN / "ansible-inventory", "-i", space.inventory, "--host", "node1"]
        done = subprocess.run(
            [*command, *space.vault_arguments()],
            env=space.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
    assert f'"database_password": "{small_site.SECRET}"' in done.stdout


def test_a_killed_run_leaves_nothing_that_opens_the_passwords(
    kv_site: Site, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    playbook = tmp_path / "mine.yml"
    playbook.write_text(
        "- hosts: control\n  gather_facts: false\n  connection: local\n"
        f"  vars: {{ansible_python_interpreter: '{sys.executable}'}}\n  tasks:\n"
        f"    - ansible.builtin.shell: 'touch {tmp_path}/under-way; sleep 30'\n"
    )
    command = [sys.executable, "-m", "cc_ansible", "-s", str(kv_site.path), "-p", str(playbook)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_until((tmp_path / "under-way").exists, 60)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    left = list(Path("/dev/shm").glob(f"cc-ansible-{process.pid}-*"))
    for canary in CANARIES:
        assert not files_with(canary, *left, kv_site.state_dir)
    with workspace.assemble(kv_site, {}):
        assert not [path for path in left if path.exists()], "the next one removes it"
    main(["-s", str(kv_site.path), "unlock"])


@pytest.fixture(autouse=True)
def no_login_of_the_user(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith(("VAULT_", "BAO_")):
            monkeypatch.delenv(name)
    yield
