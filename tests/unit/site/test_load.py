from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cc_ansible import paths
from cc_ansible.errors import SiteInvalid
from cc_ansible.site import dotenv, load
from cc_ansible.site.load import Site

Make = Callable[..., Site]


def test_an_old_site_config_loads_as_an_independent_site(make_site: Make) -> None:
    site = make_site({"defaults.yml": "network_interface: eth0\n"})
    assert site.scenario == "independent"
    assert site.settings() == {"network_interface": "eth0"}
    assert site.vault_password_file is None


def test_layers_from_project_to_site(make_site: Make, project: Path) -> None:
    (project / "kolla/defaults.yml").write_text("a: project\nb: project\nchi_scenario: edge\n")
    (project / "kolla/scenarios/lab.yml").write_text("b: lab\nc: lab\nd: lab\n")
    site = make_site(
        {
            "globals.yml": "c: globals\nd: globals\ne: globals\n",
            "defaults.yml": "d: defaults\nchi_scenario: lab\ne: defaults\nf: defaults\n",
            "globals.d/10.yml": "e: ten\nf: ten\n",
            "globals.d/20.yml": "f: twenty\n",
        }
    )
    assert site.scenario == "lab"
    expected = {"a": "project", "b": "lab", "c": "globals", "d": "defaults", "e": "ten"}
    assert site.settings() == {**expected, "f": "twenty", "chi_scenario": "lab"}
    value = site.variables["d"]
    assert (value.origin.file.name, value.origin.line) == ("defaults.yml", 1)
    assert [origin.file.name for origin in value.overridden] == ["lab.yml", "globals.yml"]


def test_an_unknown_scenario_names_its_line(make_site: Make) -> None:
    with pytest.raises(SiteInvalid, match="labb") as caught:
        make_site({"defaults.yml": "a: 1\nchi_scenario: labb\n"})
    assert str(caught.value.origin).endswith("defaults.yml:2:1")


@pytest.mark.parametrize("missing", ["defaults.yml", "inventory/hosts", "passwords.yml"])
def test_a_missing_part_is_named(make_site: Make, missing: str) -> None:
    with pytest.raises(SiteInvalid, match=missing.partition("/")[0]) as caught:
        make_site({missing: None})
    assert caught.value.fix


def test_a_lone_inventory_file(make_site: Make) -> None:
    site = make_site({"inventory/hosts": None, "inventory": "[control]\nn\n"})
    assert site.inventory_dir.is_file()


class TestVaultPassword:
    def test_environment_beats_dotenv_beats_default(
        self, write_site: Callable[..., Path], project: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "elsewhere").write_text("x\n")
        path = write_site({"vault_password": "x\n", "other": "x\n"})
        assert load.load(path, project, {}).vault_password_file == path / "vault_password"
        (path / ".env").write_text("CC_ANSIBLE_VAULT_PASSWORD=other\n")
        assert load.load(path, project, {}).vault_password_file == path / "other"
        env = {"CC_ANSIBLE_VAULT_PASSWORD": str(tmp_path / "elsewhere")}
        assert load.load(path, project, env).vault_password_file == tmp_path / "elsewhere"

    def test_one_that_is_named_must_exist(self, make_site: Make) -> None:
        with pytest.raises(SiteInvalid, match="/none does not exist"):
            make_site(env={"CC_ANSIBLE_VAULT_PASSWORD": "/none"})


class TestFind:
    def test_option_beats_environment(self, tmp_path: Path) -> None:
        one, two = tmp_path / "one", tmp_path / "two"
        one.mkdir()
        two.mkdir()
        assert load.find(str(one), {"CC_ANSIBLE_SITE": str(two)}) == one
        assert load.find(None, {"CC_ANSIBLE_SITE": str(two)}) == two

    def test_falls_back_to_the_checkout(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(paths, "PROJECT", tmp_path)
        with pytest.raises(SiteInvalid) as caught:
            load.find(None, {})
        assert "cc-ansible init" in caught.value.fix
        (tmp_path / "site-config").mkdir()
        assert load.find(None, {}) == tmp_path / "site-config"

    def test_a_wrong_directory_names_who_named_it(self) -> None:
        with pytest.raises(SiteInvalid) as caught:
            load.find(None, {"CC_ANSIBLE_SITE": "/none"})
        assert "CC_ANSIBLE_SITE" in caught.value.fix


class TestDotenv:
    def test_plain_pairs(self, tmp_path: Path) -> None:
        file = tmp_path / ".env"
        file.write_text(
            '# comment\n\nA=1\nexport B=\'x $y\'\nC="a b" # note\nD=\nE=p#q # r\nF="\\$5"\n'
        )
        expected = {"A": "1", "B": "x $y", "C": "a b", "D": "", "E": "p#q", "F": "$5"}
        assert dotenv.read(file) == expected

    @pytest.mark.parametrize(
        "line", ["not a pair", "A=$(reboot)", 'A="$HOME/x"', "A=`id`", "A='x", "A=b c", "1A=x"]
    )
    def test_a_line_for_a_shell_is_refused_with_its_number(self, tmp_path: Path, line: str) -> None:
        file = tmp_path / ".env"
        file.write_text(f"GOOD=1\n{line}\n")
        with pytest.raises(SiteInvalid) as caught:
            dotenv.read(file)
        assert caught.value.origin is not None
        assert caught.value.origin.line == 2
        assert line not in caught.value.summary + caught.value.detail + caught.value.fix
