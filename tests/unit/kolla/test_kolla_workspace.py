"""The private directory of one run: what is in it, who may read it, and that it goes away."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from small_site import SECRET

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import run, variables, workspace
from cc_ansible.kolla.workspace import Workspace
from cc_ansible.site.load import Site, load


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's workspaces are made."""
    path = tmp_path / "memory"
    path.mkdir()
    monkeypatch.setattr("cc_ansible.memory.MEMORY", path)
    return path


def regular_files(space: Workspace) -> list[Path]:
    return [path for path in space.path.rglob("*") if path.is_file() and not path.is_symlink()]


def test_nobody_else_can_look_into_it(tiny_site: Site, memory: Path) -> None:
    with workspace.assemble(tiny_site, {}) as space:
        assert space.path.parent == memory
        assert stat.S_IMODE(space.path.stat().st_mode) == 0o700
        assert space.path.stat().st_uid == os.getuid()


def test_it_is_gone_afterwards(tiny_site: Site, memory: Path) -> None:
    with workspace.assemble(tiny_site, {}) as space:
        assert space.tree.is_dir()
    assert list(memory.iterdir()) == []


def test_it_is_gone_after_a_failure_and_the_site_is_untouched(
    tiny_site: Site, memory: Path
) -> None:

    def look() -> dict[Path, tuple[int, int, int]]:
        stats = {path: path.stat() for path in tiny_site.path.rglob("*")}
        return {path: (s.st_mtime_ns, s.st_size, s.st_mode) for path, s in stats.items()}

    before = look()
    with (
        pytest.raises(KeyboardInterrupt),
        workspace.assemble(tiny_site, {}),
    ):
        raise KeyboardInterrupt
    assert list(memory.iterdir()) == []
    assert look() == before


def test_it_is_gone_when_the_site_cannot_be_assembled(tiny_site: Site, memory: Path) -> None:
    (tiny_site.path / "inventory" / "hosts").write_text("[control\nnode1\n")
    with pytest.raises(SiteInvalid), workspace.assemble(tiny_site, {}):
        pass
    assert list(memory.iterdir()) == []


def test_passwords_are_there_by_reference_only(tiny_site: Site, memory: Path) -> None:
    with workspace.assemble(tiny_site, {}) as space:
        copies = [path for path in regular_files(space) if SECRET in path.read_text()]
        links = [path for path in space.inventory.rglob("*") if path.is_symlink()]
        assert copies == []
        assert tiny_site.passwords_file in [path.resolve() for path in links]


def test_nothing_of_the_site_is_an_extra_variable(tiny_site: Site, memory: Path) -> None:
    with workspace.assemble(tiny_site, {"fact": 1}) as space:
        for name in ("globals.yml", "passwords.yml"):
            assert (space.config / name).read_text() == "{}\n"
        argv = run._command(space, "deploy", ["--tags", "nova"])
        assert not {"-e", "--extra-vars"} & set(argv)
        assert argv[-2:] == ["--tags", "nova"]
        assert argv[argv.index("--configdir") + 1] == str(space.config)


def test_what_a_killed_process_left_is_removed_and_a_living_ones_is_not(
    tiny_site: Site, memory: Path
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = memory / f"cc-ansible-{gone.pid}-workspace-abc"
    alive = memory / f"cc-ansible-{os.getppid()}-secret-def"
    for path in (left, alive):
        (path / "inside").mkdir(parents=True)
    with workspace.assemble(tiny_site, {}):
        assert not left.exists()
    assert list(memory.iterdir()) == [alive]


def test_project_and_site_overrides_are_merged(tiny_site: Site, memory: Path) -> None:
    own = tiny_site.path / "node_custom_config"
    own.mkdir()
    (own / "nova.conf").write_text("[scheduler]\nmax_attempts = 9\n")
    with workspace.assemble(tiny_site, {}) as space:
        text = (space.config / "config" / "nova.conf").read_text()
    assert "max_attempts = 9" in text
    assert "discover_hosts_in_cells_interval = 60" in text


def test_the_child_finds_its_settings_and_the_sites_environment(
    site_dir: Path, memory: Path
) -> None:
    (site_dir / ".env").write_text("OS_CACERT=/site/ca.crt\n")
    with workspace.assemble(load(site_dir, env={}), {}) as space:
        environment = space.environment()
        assert environment["OS_CACERT"] == "/site/ca.crt"
        assert Path(environment["ANSIBLE_CONFIG"]).read_text() == workspace.ANSIBLE_CFG.format(
            callbacks=workspace.PROJECT / "plugins" / "callback", tmp=space.path / "tmp"
        )
        tree = Path(environment["KOLLA_ANSIBLE_DATA_FILES_PATH"]) / "ansible"
        assert (tree / "site.yml").is_file()


def test_ansible_sees_the_layers_in_their_order(site_dir: Path, memory: Path) -> None:
    (site_dir / "inventory" / "host_vars").mkdir()
    (site_dir / "inventory" / "host_vars" / "node1.yml").write_text("network_interface: eth7\n")
    site = load(site_dir, env={})
    with workspace.assemble(site, {"cc_run": {"id": "x"}}) as space:
        effective, groups = variables.effective(space)
    assert effective["database_password"] == SECRET
    assert effective["network_interface"] == "eth7"
    assert effective["kolla_internal_vip_address"] == "192.0.2.250"
    assert effective["kolla_base_distro"] == "debian"
    assert effective["kolla_internal_fqdn"] == "{{ kolla_internal_vip_address }}"
    assert effective["cc_run"] == {"id": "x"}
    assert groups["nova-api"] == ["node1"]
    assert groups["compute"] == []


def test_an_inventory_without_hosts_is_refused(site_dir: Path, memory: Path) -> None:
    (site_dir / "inventory" / "hosts").write_text("[control]\n")
    site = load(site_dir, env={})
    with (
        workspace.assemble(site, {}) as space,
        pytest.raises(SiteInvalid, match="the inventory has no hosts") as caught,
    ):
        variables.effective(space)
    assert "group control" in caught.value.fix


@pytest.mark.parametrize(
    ("arguments", "tags"),
    [
        ([], []),
        (["--limit", "a"], []),
        (["-t", "nova,neutron"], ["nova", "neutron"]),
        (["--limit", "a", "--tags", "nova"], ["nova"]),
        (["--tags=nova,glance"], ["nova", "glance"]),
        (["--tags"], []),
    ],
)
def test_the_journal_learns_the_tags_of_a_run(arguments: list[str], tags: list[str]) -> None:
    assert run._tags(arguments) == tags


@pytest.mark.parametrize("form", ["-p {}", "--playbook {}", "--playbook={}"])
def test_a_users_playbook_moves_beside_kollas_in_every_form(
    form: str, tiny_site: Site, memory: Path, tmp_path: Path
) -> None:
    playbook = tmp_path / "mine.yml"
    playbook.write_text("- hosts: all\n")
    with workspace.assemble(tiny_site, {}) as space:
        words = run._own_playbooks(space, form.format(playbook).split())
        assert " ".join(words) == form.format(space.tree / "user-0-mine.yml")
        assert (space.tree / "user-0-mine.yml").resolve() == playbook
