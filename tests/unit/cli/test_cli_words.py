"""How the command line reads its words: -s anywhere, --playbook, commands on a small site."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import small_site

from cc_ansible.cli.main import main
from cc_ansible.errors import Exit, UsageError
from cc_ansible.paths import site_state_dir
from cc_ansible.site import passwords


@pytest.mark.parametrize(
    "words",
    [
        "-s SITE runs --output json",
        "--site SITE runs --output json",
        "--site=SITE runs --output json",
        "runs -s SITE --output json",
        "runs --output json -s SITE",
        "runs --output json --site=SITE",
    ],
)
def test_the_site_may_stand_anywhere(
    words: str, site_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.replace("SITE", str(site_dir)).split()) == Exit.OK
    assert json.loads(capsys.readouterr().out) == []


def test_the_environment_names_the_site_too_and_the_option_wins(
    site_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC_ANSIBLE_SITE", str(site_dir))
    assert main(["runs"]) == Exit.OK
    assert main(["runs", "-s", str(site_dir / "gone")]) == Exit.SITE_INVALID
    assert "named by -s/--site" in capsys.readouterr().err


def test_words_after_a_double_dash_are_left_alone(
    site_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-s", str(site_dir), "decrypt_file", "--", "-s"]) == Exit.USAGE
    assert "'-s' does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["view_passwords", "view-passwords"])
def test_our_commands_are_known_with_dash_and_underscore(
    name: str, site_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "-s", str(site_dir)]) == Exit.OK
    assert capsys.readouterr().out == (site_dir / "passwords.yml").read_text()


def test_a_playbook_runs_in_the_context_of_the_site(
    site_dir: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    small_site.complete(site_dir)
    playbook = tmp_path / "mine.yml"
    playbook.write_text(
        "- hosts: localhost\n"
        "  gather_facts: false\n"
        "  tasks:\n"
        "    - ansible.builtin.copy:\n"
        "        dest: " + str(tmp_path / "seen") + "\n"
        "        mode: '0600'\n"
        "        content: '{{ kolla_internal_fqdn }} {{ database_password }}'\n"
    )
    assert main(["-p", str(playbook), "-s", str(site_dir)]) == Exit.OK, capfd.readouterr()
    assert (tmp_path / "seen").read_text() == "192.0.2.250 secret-of-the-database"


def test_a_missing_playbook_is_wrong_usage_and_leaves_no_lock(
    site_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    small_site.complete(site_dir)
    assert main(["-p", "/no/such.yml", "-s", str(site_dir)]) == Exit.USAGE
    assert "playbook /no/such.yml does not exist" in capfd.readouterr().err
    assert not (site_state_dir(site_dir) / "lock.json").exists()


def test_playbook_and_action_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-p", "mine.yml", "deploy"]) == Exit.USAGE
    assert "--playbook runs on its own" in capsys.readouterr().err


def test_files_are_encrypted_once_and_come_back(
    site_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site_dir / "vault_password").write_text("a long vault password\n")
    file = site_dir / "key.pem"
    file.write_text("very private\n")
    site = ["-s", str(site_dir)]
    assert main(["encrypt_file", str(file), *site]) == Exit.OK
    assert file.read_text().startswith("$ANSIBLE_VAULT;")
    encrypted = file.read_text()
    assert main(["encrypt_file", str(file), *site]) == Exit.OK
    assert file.read_text() == encrypted
    assert main(["decrypt_file", str(file), *site]) == Exit.OK
    assert file.read_text() == "very private\n"
    assert capsys.readouterr().out.splitlines() == [
        f"{file}: encrypted",
        f"{file}: was encrypted already",
        f"{file}: decrypted",
    ]


def test_init_makes_a_site_that_every_command_accepts(
    tmp_path: Path,
    state_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Real ones hold RSA keys, which take seconds to make.
    monkeypatch.setattr(passwords, "generate", lambda *_: "database_password: generated\n")
    target = tmp_path / "new-site"
    words = ["--host", "ctl", "--address", "192.0.2.5", "--vip", "192.0.2.6", "--yes"]
    assert main(["init", str(target), *words]) == Exit.OK
    said = capsys.readouterr().out
    assert "ctl (192.0.2.5)" in said
    git = ["git", "-C", str(target), "status", "--porcelain"]
    assert subprocess.run(git, capture_output=True, text=True, check=True).stdout == ""
    assert main(["view_passwords", "-s", str(target)]) == Exit.OK
    assert capsys.readouterr().out == "database_password: generated\n"
    assert main(["init", str(target), *words]) == Exit.USAGE


def test_unlock_says_when_there_is_no_lock(
    site_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["unlock", "-s", str(site_dir)]) == Exit.OK
    assert capsys.readouterr().out == "There is no lock.\n"


def test_lab_commands_say_that_there_is_no_lab(
    state_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["status"], ["down"], ["ssh", "node1"]):
        assert main(["lab", *words]) == Exit.UNEXPECTED
        assert capsys.readouterr().err == (
            "error: there is no lab on this machine\n  fix: run 'cc-ansible lab up'\n"
        )


def test_lab_ssh_names_the_nodes_there_are(
    state_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from cc_ansible.lab import spec

    spec.save(spec.Lab(controllers=3))
    assert main(["lab", "ssh", "node9"]) == Exit.USAGE
    assert "its nodes are: node1, node2, node3" in capsys.readouterr().err


def test_an_existing_lab_keeps_its_shape(state_home: Path) -> None:
    from cc_ansible.cli import lab as cli
    from cc_ansible.lab import spec

    made = spec.Lab(controllers=3, subnet="198.51.100.0/24", machines=1)
    spec.save(made)
    made.site.mkdir(parents=True)
    assert cli._shape(None, None, None) == made
    assert cli._shape(None, None, 2).machines == 2
    with pytest.raises(UsageError, match=r"with 3 controllers on 198\.51\.100\.0/24"):
        cli._shape(1, None, None)
    with pytest.raises(UsageError, match="the lab has 1 machines"):
        cli._shape(None, None, 0)
    made.site.rmdir()
    assert cli._shape(1, None, 0) == spec.Lab(1, "198.51.100.0/24")
