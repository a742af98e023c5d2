"""A new site config, made for real once."""

from __future__ import annotations

import ipaddress
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cc_ansible.cli.main import cli
from cc_ansible.errors import UsageError
from cc_ansible.site import discover, groupvars, init, passwords
from cc_ansible.site.load import SCENARIOS, Site, load
from cc_ansible.site.secrets import hide


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    target = tmp_path_factory.mktemp("sites") / "my site"
    init.create(target, "independent", proposal=discover.propose())
    return load(target, env={})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Key pairs take seconds; where only the files matter, one password is enough."""
    monkeypatch.setattr(passwords, "generate", lambda project: "database_password: abcdef\n")
    yield


def git(path: Path, *words: str) -> str:
    command = ["git", "-C", path, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_new_site_loads_and_assembles(site: Site, tmp_path: Path) -> None:
    assert site.scenario == "independent"
    assert site.settings()["kolla_internal_vip_address"]
    groupvars.assemble(site, tmp_path / "inventory", {})


def test_every_password_of_the_release_is_set(site: Site) -> None:
    made = hide.read_passwords(site)
    sample = yaml.safe_load(passwords.kolla_passwords().read_text())
    assert set(sample) <= set(made)
    assert set(passwords.blank(made)) == {"docker_registry_password"}


def test_the_first_commit_holds_no_plain_secret(site: Site) -> None:
    assert git(site.path, "status", "--porcelain") == ""
    tracked = git(site.path, "ls-files").splitlines()
    assert {"defaults.yml", "inventory/hosts", "passwords.yml", "post_deploy.yml"} <= set(tracked)
    assert "vault_password" not in tracked
    assert site.passwords_file.read_text().startswith("$ANSIBLE_VAULT")


@pytest.mark.parametrize(
    "name",
    [
        "vault_password",
        ".env",
        "admin-openrc.sh",
        "certificates/haproxy.pem",
        "certificates/private/ca/root.pem",
        "certificates/backend-key.pem",
        "x.retry",
    ],
)
def test_secrets_are_ignored_by_git(site: Site, name: str) -> None:
    assert git(site.path, "check-ignore", name).strip() == name


def test_modes_are_tight(site: Site) -> None:
    def mode(name: str) -> int:
        return stat.S_IMODE((site.path / name).stat().st_mode)

    assert mode("vault_password") == 0o400
    assert mode("passwords.yml") == 0o600


@pytest.mark.usefixtures("quick")
class TestCreate:
    @pytest.mark.parametrize("scenario", SCENARIOS)
    def test_every_scenario_loads(self, tmp_path: Path, scenario: str) -> None:
        init.create(tmp_path / "site", scenario)
        made = load(tmp_path / "site", env={})
        assert made.scenario == scenario
        assert yaml.safe_load((made.path / "post_deploy.yml").read_text())[0]["tasks"] == []

    def test_the_lab_hands_over_its_own_parts(self, tmp_path: Path) -> None:
        init.create(
            tmp_path / "deep" / "site",
            "lab",
            inventory_text="[control]\nlab1\n",
            settings={"kolla_internal_vip_address": "10.0.0.9", "x": {"y": "{{ z }}"}},
            files={"node_custom_config/ironic.conf": "[a]\n"},
        )
        made = load(tmp_path / "deep" / "site", env={})
        assert made.settings()["kolla_internal_vip_address"] == "10.0.0.9"
        assert made.settings()["x"] == {"y": "{{ z }}"}
        assert (made.inventory_dir / "hosts").read_text() == "[control]\nlab1\n"
        assert (made.custom_config_dir / "ironic.conf").is_file()
        assert not list((made.inventory_dir / "host_vars").glob("*.yml"))

    def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        (tmp_path / "site").symlink_to("nowhere")
        with pytest.raises(UsageError, match="exists already"):
            init.create(tmp_path / "site", "lab")
        with pytest.raises(UsageError, match="no scenario"):
            init.create(tmp_path / "other", "labb")

    def test_an_interruption_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(site: Path, message: str) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(init, "commit", interrupt)
        with pytest.raises(KeyboardInterrupt):
            init.create(tmp_path / "site", "lab")
        assert list(tmp_path.iterdir()) == []

    def test_gits_environment_does_not_leak_in(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "other.git"))
        init.create(tmp_path / "site", "lab")
        assert (tmp_path / "site" / ".git").is_dir()
        assert not (tmp_path / "other.git").exists()

    def test_from_the_command_line(self, tmp_path: Path) -> None:
        target = str(tmp_path / "site")
        result = CliRunner().invoke(cli, ["init", target, "--host", "ctl1", "--vip", "10.0.0.9"])
        assert result.exit_code == 0, result.output
        assert "ctl1" in result.output
        assert "validate" in result.output
        shown = CliRunner().invoke(cli, ["-s", target, "view_passwords"])
        assert shown.output == "database_password: abcdef\n"
        env = {"EDITOR": "true"}
        edited = CliRunner().invoke(cli, ["-s", target, "edit-passwords"], env=env)
        assert edited.output == "Nothing changed.\n"


def test_the_proposal_is_free_and_in_the_subnet() -> None:
    interface = ipaddress.IPv4Interface("192.0.2.9/29")
    used = {"192.0.2.9", "192.0.2.14"}
    assert discover._free(interface, used) == "192.0.2.13"
    full = {str(address) for address in interface.network.hosts()}
    assert discover._free(interface, full) == "192.0.2.9"
